"""What an activity says, read from its raw JSON."""

from typing import Any

import pytest

from bot.transport.inbound import Inbound, MentionEntity, inbound_from, scrubbed
from bot.transport.refusals import Malformed

RAW: dict[str, Any] = {
    "type": "message",
    "id": "17",
    "serviceUrl": "https://smba.trafficmanager.net/emea/",
    "localTimezone": "Europe/Berlin",
    "locale": "de-DE",
    "replyToId": "16",
    "from": {"id": "29:alice", "name": "Alice", "aadObjectId": "a-1", "tenantId": "home"},
    "conversation": {"id": "19:c@thread.tacv2;messageid=16", "conversationType": "channel", "tenantId": "t-1"},
    "recipient": {"id": "28:app-1", "name": "Incident", "isTargeted": True},
    "channelData": {
        "tenant": {"id": "t-1"},
        "team": {"id": "19:team@thread.tacv2", "aadGroupId": "g-1"},
        "channel": {"id": "19:c@thread.tacv2"},
    },
    "entities": [
        {"type": "clientInfo", "timezone": "Europe/Paris", "locale": "fr-FR"},
        {"type": "mention", "text": "<at>Bob</at>", "mentioned": {"id": "29:bob", "name": "Bob", "aadObjectId": "b-1"}},
        {"type": "mention", "text": "<at>Incident</at>"},
    ],
    "text": "<at>Incident</at> assign <at>Bob</at>",
    "value": {"x": 1},
}


def read(**changes: Any) -> Inbound:
    raw = {**RAW, **changes}
    return inbound_from({name: value for name, value in raw.items() if value is not None}, "message")


def test_every_field_is_read() -> None:
    inbound = read()
    assert inbound == Inbound(
        kind="message",
        activity_id="17",
        name="",
        tenant_id="t-1",
        service_url="https://smba.trafficmanager.net/emea/",
        conversation_id="19:c@thread.tacv2;messageid=16",
        conversation_kind="channel",
        channel_id="19:c@thread.tacv2",
        team_id="19:team@thread.tacv2",
        aad_group_id="g-1",
        sender_id="29:alice",
        sender_object_id="a-1",
        sender_name="Alice",
        sender_tenant_id="home",
        sender_is_guest=False,
        bot_id="28:app-1",
        bot_name="Incident",
        reply_to_id="16",
        private=True,
        time_zone="Europe/Berlin",
        locale="de-DE",
        text="<at>Incident</at> assign <at>Bob</at>",
        mentions=(
            MentionEntity("29:bob", "Bob", "<at>Bob</at>", "b-1"),
            MentionEntity("", "", "<at>Incident</at>"),
        ),
        value={"x": 1},
        raw=inbound.raw,
    )


def test_what_somebody_wrote_does_not_show_in_a_repr() -> None:
    assert "assign" not in repr(read())
    assert "Alice" not in repr(read())


@pytest.mark.parametrize(
    ("conversation", "kind"),
    [
        ({"conversationType": "personal"}, "personal"),
        ({"conversationType": "groupChat"}, "groupChat"),
        ({"conversationType": "channel"}, "channel"),
        ({}, "personal"),
        ({"isGroup": True}, "groupChat"),
        ({"id": "19:c@thread.tacv2", "isGroup": True}, "channel"),
        ({"id": "19:c@thread.skype"}, "channel"),
        ({"conversationType": ["channel"]}, "personal"),
    ],
)
def test_the_kind_of_conversation(conversation: dict[str, Any], kind: str) -> None:
    assert read(conversation={"id": "a:1", **conversation}).conversation_kind == kind


def test_a_channel_is_known_from_the_conversation_where_channel_data_is_short() -> None:
    assert read(channelData={"tenant": {"id": "t-1"}}).channel_id == "19:c@thread.tacv2"
    assert read(conversation={"id": "a:1", "conversationType": "personal"}).channel_id is None


@pytest.mark.parametrize(
    ("sender", "guest"),
    [
        ({}, False),
        ({"userRole": "user"}, False),
        ({"userRole": "guest"}, True),
        ({"role": "Guest"}, True),
        ({"userPrincipalName": "eve_other.example#EXT#@ours.example"}, True),
        ({"userPrincipalName": "eve@ours.example"}, False),
        ({"userRole": 5, "userPrincipalName": []}, False),
    ],
)
def test_a_guest_is_recognised(sender: dict[str, Any], guest: bool) -> None:
    assert read(**{"from": {"id": "29:eve", **sender}}).sender_is_guest is guest


@pytest.mark.parametrize("flag", [None, False, "true", 1])
def test_only_the_flag_itself_makes_a_message_private(flag: Any) -> None:
    assert read(recipient={"id": "28:app-1", "isTargeted": flag}).private is False


def test_time_zone_and_locale_may_come_from_the_client() -> None:
    inbound = read(localTimezone=None, locale=None)
    assert (inbound.time_zone, inbound.locale) == ("Europe/Paris", "fr-FR")
    bare = read(localTimezone=None, locale=None, entities=None)
    assert (bare.time_zone, bare.locale) == (None, None)


@pytest.mark.parametrize("missing", ["id", "from", "conversation"])
@pytest.mark.parametrize("kind", ["message", "invoke", "edit", "delete", "installed", "members_added", "other"])
def test_a_turn_of_a_person_needs_its_ids(kind: Any, missing: str) -> None:
    raw = {name: value for name, value in RAW.items() if name != missing}
    if kind in {"message", "invoke", "edit", "delete"}:
        with pytest.raises(Malformed):
            inbound_from(raw, kind)
    else:
        assert inbound_from(raw, kind).kind == kind


def test_a_bare_event_is_read() -> None:
    inbound = inbound_from({"type": "hologram"}, "other")
    assert (inbound.activity_id, inbound.tenant_id, inbound.conversation_kind, inbound.mentions) == (
        "",
        "",
        "personal",
        (),
    )


def test_scrubbing_leaves_good_text_alone() -> None:
    good = {"a": ["مرحبا", "👩‍🚒", 5, None, True, 1.5], "": {}}
    assert scrubbed(good) == good
    assert scrubbed("a\x00\ud83db") == "a\ufffdb"
