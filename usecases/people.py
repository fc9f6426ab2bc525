"""Who is speaking: from the identity of a verified activity to a person we know."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.errors import Refused, Unknown
from domain.people import Identity, Person, handle_from_name
from usecases.ports import Store

NOBODY = Person(id=0, handle="", name="Nobody")


@dataclass(frozen=True, slots=True)
class Recognised:
    """A known person; `is_new` when this very activity made them known."""

    person: Person
    is_new: bool


def recognise(store: Store, identity: Identity) -> Recognised:
    """Find the person behind an identity, or take them in. Raise Refused for guests and for senders without an id."""
    _require_member(identity)
    known = store.people.by_object_id(identity.object_id)
    if known is None:
        return Recognised(_take_in(store, identity), is_new=True)
    current = _refreshed(known, identity)
    if current != known:
        store.people.save(current)
    return Recognised(current, is_new=False)


def look_up(store: Store, identity: Identity) -> Person:
    """Find the person behind an identity without writing anything; a stranger is somebody with id 0."""
    _require_member(identity)
    known = store.people.by_object_id(identity.object_id)
    return _refreshed(known, identity) if known else _stranger(identity, handle="")


def find(store: Store, words: str) -> Person:
    """Find the one active person that a handle, an e-mail address or a full name means. Raise Unknown otherwise."""
    wanted = words.strip().removeprefix("@").strip()
    found = store.people.by_handle(wanted) or _by_email(store, wanted)
    if found and found.active:
        return found
    named = [p for p in store.people.by_name(wanted) if p.active]
    if len(named) == 1:
        return named[0]
    if named:
        handles = ", ".join(f"`{p.handle}`" for p in named)
        raise Unknown(f"There are {len(named)} people called {wanted}; use one of the handles {handles}.")
    raise Unknown(f"I know nobody called “{wanted[:80]}”. Mention them with @, or use their handle or full name.")


def _by_email(store: Store, wanted: str) -> Person | None:
    if "@" not in wanted:
        return None
    return next((p for p in store.people.active() if (p.email or "").casefold() == wanted.casefold()), None)


def told_apart(people: Sequence[Person]) -> Mapping[str, str]:
    """Name people for a choice, by handle: namesakes carry their handle behind the name."""
    many = Counter(person.name.casefold() for person in people)
    return {p.handle: f"{p.name} ({p.handle})" if many[p.name.casefold()] > 1 else p.name for p in people}


def _require_member(identity: Identity) -> None:
    if identity.guest:
        raise Refused("Guests can read along here but cannot use the bot. Ask a member of the organisation to do it.")
    if not identity.object_id:
        raise Refused("I could not see who you are, so nothing was done. Sign in to Teams with your work account.")


def _take_in(store: Store, identity: Identity) -> Person:
    return store.people.add(_stranger(identity, handle_from_name(identity.name, store.people.handles())))


def _stranger(identity: Identity, handle: str) -> Person:
    return Person(
        id=0,
        handle=handle,
        name=identity.name.strip() or "Unknown",
        object_id=identity.object_id,
        tenant_id=identity.tenant_id,
        channel_user_id=identity.channel_user_id or None,
        time_zone=known_zone(identity.time_zone) or "UTC",
    )


def _refreshed(known: Person, identity: Identity) -> Person:
    """Take over what a verified activity knows better; the organisation file keeps its word on name and zone."""
    current = replace(
        known,
        tenant_id=identity.tenant_id or known.tenant_id,
        channel_user_id=identity.channel_user_id or known.channel_user_id,
    )
    if known.listed:
        return current
    return replace(
        current,
        name=identity.name.strip() or known.name,
        time_zone=known_zone(identity.time_zone) or known.time_zone,
        active=True,
    )


def known_zone(name: str | None) -> str | None:
    """Return a time zone's name when it is one."""
    if not name:
        return None
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return name
