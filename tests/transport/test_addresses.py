"""The allow-list of service URLs, an emulator's addresses, and how conversations are named."""

import pytest

from bot.transport.addresses import PUBLIC_CLOUD, ServiceUrls, emulator
from bot.transport.addressing import base_of, channel_post, personal_conversation, root_of, thread_of

PUBLIC = ServiceUrls(PUBLIC_CLOUD.service_urls)


@pytest.mark.parametrize(
    "url",
    [
        "https://smba.trafficmanager.net/emea/",
        "https://smba.trafficmanager.net/teams",
        "https://smba.trafficmanager.net",
        "https://SMBA.trafficmanager.net:443/emea/11111111-2222-3333-4444-555555555555/",
        "https://smba.infra.gcc.teams.microsoft.com/gcc",
        "https://smba.infra.gov.teams.microsoft.us/gcch",
    ],
)
def test_microsofts_hosts_may_see_our_token(url: str) -> None:
    assert PUBLIC.allows(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://smba.trafficmanager.net/emea/",
        "https://smba.trafficmanager.net.evil/emea/",
        "https://smba.trafficmanager.net@evil/",
        "https://smba.trafficmanager.net:8443/",
        "https://evil/https://smba.trafficmanager.net/",
        "https://evilsmba.trafficmanager.net/",
        "https://smba.trafficmanager.net\\.evil/",
        "https://smba.trafficmanager.net%2eevil/",
        "https://smba.trafficmanager.net?.evil/",
        "https://smba.trafficmanager.net#.evil/",
        "https://smba.trafficmanager.net/\n/emea",
        " https://smba.trafficmanager.net/",
        "https://smba.trafficmanager.net:99999/",
        "https://smba.trafficmanager.net:x/",
        "https://[::1/",
        "https:///emea",
        "ftp://smba.trafficmanager.net/",
        "file:///etc/passwd",
        "",
    ],
)
def test_nobody_else_does(url: str) -> None:
    assert not PUBLIC.allows(url)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://127.0.0.1:3979/bots/a", True),
        ("http://127.0.0.1:3979/bots/a/b", True),
        ("http://127.0.0.1:3979/bots/ab", False),
        ("http://127.0.0.1:3979/bots/a/../b", False),
        ("http://127.0.0.1:3979/bots/a/./b", False),
        ("http://127.0.0.1:3979/bots", False),
    ],
)
def test_a_path_is_compared_by_whole_segments(url: str, allowed: bool) -> None:
    assert ServiceUrls(["http://127.0.0.1:3979/bots/a"]).allows(url) is allowed


def test_the_memory_for_answers_is_bounded() -> None:
    urls = ServiceUrls(["http://localhost:1/"])
    for n in range(1000):
        assert urls.allows(f"http://localhost:1/{n}")
    assert len(urls._answers) <= 256


@pytest.mark.parametrize("url", ["http://smba.trafficmanager.net/", "smba.trafficmanager.net", ""])
def test_an_unsafe_allow_list_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="service URL"):
        ServiceUrls([url])


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:3979", "http://localhost:3979/", "http://[::1]:3979", "http://127.1.2.3:1"]
)
def test_an_emulator_gives_all_addresses(url: str) -> None:
    base, found = url.rstrip("/"), emulator(url)
    assert found.metadata_url == f"{base}/.well-known/openidconfiguration"
    assert found.token_url == f"{base}/oauth2/v2.0/token"
    assert found.issuers == (base,)
    assert not found.require_endorsements
    assert ServiceUrls(found.service_urls).allows(f"{base}/emea/")


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1:3979", "http://10.0.0.1:3979", "http://localhost.evil", "http://localhost@evil", "x", ""]
)
def test_an_emulator_lives_on_this_machine_only(url: str) -> None:
    with pytest.raises(ValueError, match="on this machine"):
        emulator(url)


@pytest.mark.parametrize(
    ("conversation", "root", "expected"),
    [
        ("19:c@thread.tacv2", "17", "19:c@thread.tacv2;messageid=17"),
        ("19:c@thread.tacv2;messageid=16", "17", "19:c@thread.tacv2;messageid=17"),
        ("19:c@thread.tacv2;messageid=16", "", "19:c@thread.tacv2"),
        ("19:c@thread.tacv2", "0", "19:c@thread.tacv2"),
        ("19:c@thread.tacv2", "1;x=2", "19:c@thread.tacv2"),
        ("19:c@thread.tacv2", "²", "19:c@thread.tacv2"),
    ],
)
def test_a_thread_is_named_by_its_root(conversation: str, root: str, expected: str) -> None:
    assert thread_of(conversation, root) == expected


@pytest.mark.parametrize(
    ("conversation", "base", "root"),
    [
        ("19:c@thread.tacv2;messageid=17", "19:c@thread.tacv2", "17"),
        ("19:c@thread.tacv2", "19:c@thread.tacv2", None),
        ("19:c@thread.tacv2;messageid=0", "19:c@thread.tacv2", None),
        ("19:c@thread.tacv2;other=1;messageid=17", "19:c@thread.tacv2", "17"),
        ("a:1", "a:1", None),
        ("", "", None),
    ],
)
def test_a_conversation_id_is_taken_apart(conversation: str, base: str, root: str | None) -> None:
    assert (base_of(conversation), root_of(conversation)) == (base, root)


def test_the_body_of_a_personal_chat() -> None:
    assert personal_conversation("29:alice", tenant_id="t-1", bot_id="28:app-1") == {
        "bot": {"id": "28:app-1"},
        "members": [{"id": "29:alice"}],
        "isGroup": False,
        "tenantId": "t-1",
        "channelData": {"tenant": {"id": "t-1"}},
    }


def test_the_body_of_a_channel_post_names_the_channel_and_not_a_thread() -> None:
    activity = {"type": "message", "text": "hello"}
    body = channel_post("19:c@thread.tacv2;messageid=5", tenant_id="t-1", bot_id="28:app-1", activity=activity)
    assert body == {
        "bot": {"id": "28:app-1"},
        "isGroup": True,
        "tenantId": "t-1",
        "channelData": {"channel": {"id": "19:c@thread.tacv2"}, "tenant": {"id": "t-1"}},
        "activity": activity,
    }
