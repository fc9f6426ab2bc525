"""Where people see a window: one post in the channel of each team concerned, and everything later in its thread."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from domain.catalog import Team
from domain.conversation import Place
from domain.maintenance import Maintenance
from domain.people import Person
from usecases import letters, targets
from usecases.maintenance.found import teams_of
from usecases.maintenance_ports import LOST, MaintenancePost
from usecases.outbox import MessageClass
from usecases.ports import Store

CARD, NOTE = "maintenance", "maintenance_note"
"""Letters: the card (`maintenance`, `reader`, `version`, of a post its `post`), and what is said in the thread of a
post, or to the lead of a team without a channel (`maintenance`, `post`, `plan`, `text`, `mention`)."""

log = logging.getLogger(__name__)

Sentence = Callable[[str | None], str]
"""Writes a sentence for a reader in a time zone; None: for several."""


def roots(store: Store, window: Maintenance, what: str = "plan") -> Sequence[MaintenancePost]:
    """List the posts in channels, and post where a team concerned has got its channel since, or where none arrived.

    `what` is the news that goes below them: each gives a post that did not arrive one more try.
    """
    standing = {post.place.base_id: post for post in store.maintenance.posts(window.id) if post.reader is None}
    for _, place in _channels(store, window):
        post = standing.get(place.base_id)
        if post is None or post.activity_id == LOST:
            standing[place.base_id] = _post(store, window, place, what)
    return [*standing.values()]


def note(
    store: Store,
    window: Maintenance,
    what: str,
    sentence: Sentence,
    *,
    only_planned: bool = False,
    mention: Person | None = None,
    but: Person | None = None,
) -> None:
    """Say something in every thread, once, and to the leads of teams without a channel.

    `only_planned`: it is not sent any more once the window was planned anew. `mention` names somebody who is notified
    in the threads, `but` a person who hears of it in another way. The version of the window is part of what makes it
    the same news.
    """
    fields: dict[str, Any] = {"maintenance": window.id, "plan": window.plan if only_planned else None}
    key = f"maintenance:{window.id}:v{window.version}:{what}"
    for post in roots(store, window, what):
        letters.to_place(
            store,
            post.place,
            NOTE,
            key=f"{key}:{post.id}",
            # A doubled one does little harm; one that is lost lets somebody be surprised by the work.
            message_class=MessageClass.CARD,
            post=post.id,
            text=sentence(None),
            mention=mention.id if mention else None,
            **fields,
        )
    for lead in _leads(store, window):
        if but is None or lead.id != but.id:
            letters.to_person(
                store,
                lead,
                NOTE,
                key=f"{key}:to:{lead.id}",
                message_class=MessageClass.CARD,
                post=None,
                text=sentence(lead.time_zone),
                mention=None,
                **fields,
            )


def show(store: Store, window: Maintenance, reader: Person, why: str) -> bool:
    """Send somebody a card of their own, with the buttons that matter now."""
    return letters.to_person(
        store,
        reader,
        CARD,
        key=f"maintenance:{window.id}:v{window.version}:{why}:to:{reader.id}",
        message_class=MessageClass.CARD,
        maintenance=window.id,
        reader=reader.id,
        version=window.version,
    )


def redraw(store: Store, window: Maintenance) -> None:
    """Bring every card up to date where it stands; one that is on its way is looked at again when it has arrived."""
    for post in store.maintenance.posts(window.id):
        _redraw_post(store, window, post)


def stands(store: Store, post_id: int, activity_id: str, *, drawn: int) -> None:
    """Remember where a post stands, and draw it again where the window has changed since version `drawn`."""
    store.maintenance.stands(post_id, activity_id)
    _follow(store, store.maintenance.post(post_id), drawn)


def stands_in_chat(store: Store, window_id: int, reader: int, place: Place, activity_id: str, *, drawn: int) -> None:
    """Remember somebody's own card, in the same way."""
    wanted = MaintenancePost(id=0, maintenance_id=window_id, place=place, reader=reader, activity_id=activity_id)
    _follow(store, store.maintenance.add_post(wanted), drawn)


def unposted(store: Store, window: Maintenance, post_id: int, reason: str) -> None:
    """Tell the leads whose channel a post did not reach that they have to tell their people."""
    post = store.maintenance.post(post_id)
    for team, place in _channels(store, window) if post else ():
        lead = targets.active(store, team.lead) if team.lead else None
        if lead and post and place.base_id == post.place.base_id:
            text = f"I could not post {window.name} “{window.title}” in the channel of {team.name}: {reason}."
            letters.say_to_person(store, lead, text, key=f"maintenance:{window.id}:unposted:{post_id}:{lead.id}")


def lost(store: Store, post_id: int) -> None:
    """Remember that a post did not reach its channel: the next news there brings it along."""
    store.maintenance.stands(post_id, LOST)


def _follow(store: Store, post: MaintenancePost | None, drawn: int) -> None:
    window = store.maintenance.get(post.maintenance_id) if post else None
    if post is not None and window is not None and window.version > drawn:
        _redraw_post(store, window, post)


def _redraw_post(store: Store, window: Maintenance, post: MaintenancePost) -> None:
    if not post.activity_id:
        return
    letters.draw_again(
        store,
        post.place,
        post.activity_id,
        CARD,
        key=f"maintenance:{window.id}:{post.id}:{post.activity_id}:v{window.version}",
        coalesce=f"maintenance:{window.id}:{post.id}:{post.activity_id}",
        version=window.version,
        maintenance=window.id,
        post=post.id,
        reader=post.reader,
    )


def _post(store: Store, window: Maintenance, place: Place, what: str) -> MaintenancePost:
    post = store.maintenance.add_post(MaintenancePost(id=0, maintenance_id=window.id, place=place))
    letters.to_place(
        store,
        place,
        CARD,
        key=f"maintenance:{window.id}:post:{post.id}:v{window.version}:{what}",
        message_class=MessageClass.CARD,
        maintenance=window.id,
        post=post.id,
        reader=None,
        version=window.version,
    )
    return post


def _channels(store: Store, window: Maintenance) -> Iterator[tuple[Team, Place]]:
    for team in teams_of(store, window):
        place = letters.channel_of_team(store, team.id)
        if place is not None:
            yield team, place


def _leads(store: Store, window: Maintenance) -> Sequence[Person]:
    """List the leads of teams without a channel, each once."""
    found: dict[int, Person] = {}
    for team in teams_of(store, window):
        lead = targets.active(store, team.lead) if team.lead and team.channel is None else None
        if lead is not None:
            found[lead.id] = lead
        elif team.channel is None:
            log.warning("nobody of %s hears of %s: no channel and no lead", team.id, window.name)
    return [*found.values()]
