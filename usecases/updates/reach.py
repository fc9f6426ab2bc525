"""Who hears of an incident: the audiences it concerns, and every place, person and address of theirs once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.audience import Audience
from domain.conversation import ConversationKind, Place
from domain.incident import Incident
from domain.people import Person
from domain.update import DeliveryWay, UpdateDelivery
from usecases import ledger, letters, targets
from usecases.ports import Store
from usecases.wording import listed

NAMED = 3
"""Reasons told in one sentence; ours: the first ones say what to do."""
_WORDS = {DeliveryWay.POST: ("place", "places"), DeliveryWay.CHAT: ("person", "people")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A place where it is posted, a person who is written to, or an address."""

    way: DeliveryWay
    target: str
    """What makes it the same one: a conversation without its thread, a person's number, an address in lower case."""
    name: str
    place: Place | None = None
    person: Person | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Everybody an update goes to."""

    audiences: tuple[Audience, ...] = ()
    destinations: tuple[Destination, ...] = ()
    gaps: tuple[str, ...] = ()
    """Why somebody is not reached: clauses without a full stop."""

    @property
    def names(self) -> tuple[str, ...]:
        """Name the audiences; empty where it goes to the incident's own places."""
        return tuple(audience.name for audience in self.audiences)

    @property
    def told(self) -> str:
        """Say where it goes, such as "Leadership (1 place, 2 people, mail to 3 addresses)"."""
        whom = listed(self.names) if self.audiences else "everybody who follows its card"
        return f"{whom} ({counted(d.way for d in self.destinations) or 'nobody is reached'})"

    @property
    def missing(self) -> str:
        """Say who is not reached, as a sentence with a blank in front; empty where everybody is."""
        return f" Not reached: {listed(self.gaps, most=NAMED)}." if self.gaps else ""


def audiences_of(store: Store, incident: Incident) -> tuple[Audience, ...]:
    """List the audiences that hear of an incident. Reads nothing but cached settings."""
    found = store.organisations.settings().audiences
    return tuple(audience for audience in found if audience.hears_of(incident.severity, incident.services))


def reach_of(store: Store, incident: Incident) -> Reach:
    """Tell where an update of an incident goes now: to its audiences, without any to where its cards stand."""
    audiences = audiences_of(store, incident)
    if not audiences:
        return Reach(destinations=_once(_at(card.place) for card in store.cards.reachable(incident.id)))
    gaps: dict[str, None] = {}
    found = [one for audience in audiences for one in _of(store, audience, gaps)]
    return Reach(audiences=audiences, destinations=_once(found), gaps=tuple(gaps))


def again(store: Store, told: Sequence[UpdateDelivery]) -> tuple[Destination, ...]:
    """Reach those again who were told before, as far as they are still here."""
    people = store.people.many([int(d.target) for d in told if d.way is DeliveryWay.CHAT])
    found: list[Destination] = []
    for one in told:
        match one.way:
            case DeliveryWay.POST:
                place = letters.channel_at(store, one.target)
                found.append(Destination(way=one.way, target=one.target, name=one.name, place=place))
            case DeliveryWay.CHAT:
                person = people.get(int(one.target))
                found += [_to(person)] if person is not None and person.active else []
            case DeliveryWay.EMAIL:
                found += [_mail(one.target)] if ledger.mail_is_on(store) else []
    return tuple(found)


def counted(ways: Iterable[DeliveryWay]) -> str:
    """Say how many are reached: "1 place, 2 people, mail to 3 addresses"."""
    many = [*ways]
    parts = [f"{n} {words[n != 1]}" for way, words in _WORDS.items() if (n := many.count(way))]
    mails = many.count(DeliveryWay.EMAIL)
    return ", ".join([*parts, *([f"mail to {mails} address{'es' * (mails != 1)}"] if mails else [])])


# -- inside -----------------------------------------------------------------------------------------------------------


def _of(store: Store, audience: Audience, gaps: dict[str, None]) -> Iterable[Destination]:
    yield from (_channel(store, channel) for channel in audience.channels)
    for team_id in audience.teams:
        team = store.catalog.team(team_id)
        if team is None or team.channel is None:
            gaps[f"team {team.name if team else team_id} has no channel"] = None
        else:
            yield _channel(store, team.channel)
    for handle in audience.people:
        yield from _person(store, handle, gaps)
    if audience.emails and not ledger.mail_is_on(store):
        gaps["no mail server is set up (SMTP_URL), so no mail is sent"] = None
        return
    yield from (_mail(address) for address in audience.emails)


def _channel(store: Store, channel: str) -> Destination:
    place = letters.channel_at(store, channel)
    team = next((team for team in store.catalog.teams() if team.channel == channel), None)
    name = f"the channel of {team.name}" if team else "a channel"
    return Destination(way=DeliveryWay.POST, target=place.base_id, name=name, place=place)


def _person(store: Store, handle: str, gaps: dict[str, None]) -> Iterable[Destination]:
    """Reach somebody in Teams, by mail where they have no account there."""
    person = targets.active(store, handle)
    if person is None:
        gaps[f"{handle} is not in the organisation any more"] = None
    elif person.object_id is not None:
        yield _to(person)
    elif person.email and ledger.mail_is_on(store):
        yield _mail(person.email)
    else:
        gaps[f"{person.name} has no Teams account"] = None


def _to(person: Person) -> Destination:
    return Destination(way=DeliveryWay.CHAT, target=str(person.id), name=person.name, person=person)


def _mail(address: str) -> Destination:
    return Destination(way=DeliveryWay.EMAIL, target=address.lower(), name=address.lower())


def _at(place: Place) -> Destination:
    name = {ConversationKind.PERSONAL: "a chat with the bot", ConversationKind.GROUP: "a group chat"}
    return Destination(way=DeliveryWay.POST, target=place.base_id, name=name.get(place.kind, "a channel"), place=place)


def _once(found: Iterable[Destination]) -> tuple[Destination, ...]:
    once: dict[tuple[DeliveryWay, str], Destination] = {}
    for one in found:
        once.setdefault((one.way, one.target), one)
    return tuple(once.values())
