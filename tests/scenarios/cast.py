"""What a scenario writes down: its people, its policy, its schedules; and how everybody else knows them."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.organisation import Organisation
from server.local_teams import ChannelInfo, Human

Json = dict[str, Any]
_LOCAL = re.compile(r"\b(person|schedule|team|channel|service):([a-z]+)\b")


def step(notify: str, wait: str = "PT5M", **more: Any) -> Json:
    """One step of a policy; `notify` are its targets with blanks between."""
    return {"notify": notify.split(), "wait": wait, **more}


def policy(*steps: Json, **more: Any) -> Json:
    """Write an escalation policy."""
    return {"steps": list(steps), **more}


def rotation(people: str, starts: datetime | str = "2020-01-06T09:00", shift: str = "P7D", **more: Any) -> Json:
    """Turns of people, with blanks between; `starts` is wall clock."""
    begins = starts if isinstance(starts, str) else f"{starts:%Y-%m-%dT%H:%M:%S}"
    return {"starts": begins, "shift": shift, "people": people.split(), **more}


def schedule(*rotations: Json, zone: str = "UTC", handoff: str = "off", team: str = "payments", **more: Any) -> Json:
    """Write a schedule; nobody is asked at its shift changes unless the scenario is about that."""
    return {"team": team, "time_zone": zone, "handoff": handoff, "rotations": list(rotations), **more}


def always(who: str, **more: Any) -> Json:
    """Put one person on call for ever."""
    return schedule(rotation(who), **more)


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Who and what a scenario needs. Everything is named by its own short names."""

    people: str
    steps: Sequence[Json] = ()
    """Of the policy "critical", which the service "checkout" has."""
    repeat: int = 0
    last_resort: str | None = None
    ack_timeout: str | None = None
    policies: Mapping[str, Json] = field(default_factory=dict[str, Json])
    schedules: Mapping[str, Json] = field(default_factory=dict[str, Json])
    service: Json = field(default_factory=dict[str, Any])
    """More about "checkout"."""
    services: Mapping[str, Json] = field(default_factory=dict[str, Json])
    lead: str | None = None
    members: str = ""
    channel: bool = False
    hours: Sequence[str] = ()
    zone: str = "UTC"
    """Of the team "payments"."""
    ops: Json | None = None
    """The team "ops", which operates "checkout"."""
    zones: Mapping[str, str] = field(default_factory=dict[str, str])
    emails: str = ""
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    away: str = ""
    """People without an account in Teams."""
    settings: Json | None = None


# -- as everybody else knows it ---------------------------------------------------------------------------------------


class Names:
    """The names of one scenario, with its number behind them, and its organisation file."""

    def __init__(self, number: int, cast: Cast) -> None:
        self.number, self.cast = number, cast
        self.handles = ["rita", *cast.people.split()]
        self.humans = [self._human(n, who) for n, who in enumerate(self.handles) if who not in cast.away.split()]
        self.room = f"19:room-{number}@thread.tacv2"
        self.room_info = ChannelInfo(self.room, f"Room {number}")
        self.channel = f"19:payments-{number}@thread.tacv2"
        self.channel_info = ChannelInfo(self.channel, f"Payments {number}")

    # -- names ----------------------------------------------------------------------------------------------------

    def id(self, name: str) -> str:
        """Name something as everybody else knows it."""
        return f"{name}{self.number}"

    def name(self, who: str) -> str:
        """Give a person's display name."""
        return f"{self.cast.names.get(who, who.capitalize())} {self.number}"

    def local(self, known: str | None) -> str:
        """Give the name the scenario uses."""
        return "nobody" if known is None else known.removesuffix(str(self.number))

    def words(self, text: str) -> str:
        """Put the numbers behind the names in a text: "@ada" becomes a mention, "team:payments" the team's id."""
        named = re.sub(r"@([a-z]+)\b", lambda found: f"@{self.name(found[1])}", text)
        return _LOCAL.sub(lambda found: f"{found[1]}:{self.id(found[2])}", named)

    def _human(self, n: int, who: str) -> Human:
        object_id = f"33333333-3333-4333-8333-{self.number:08d}{n:04d}"
        zone = self.cast.zones.get(who, "UTC")
        return Human(object_id, self.name(who), self.id(who), f"{self.id(who)}@example.org", zone)

    # -- the organisation -----------------------------------------------------------------------------------------

    def document(self, *, without: str = "", **changes: Any) -> Json:
        """Write the organisation file; `changes` are other values of the cast, `without` leaves people out."""
        cast = Cast(**{**{name: getattr(self.cast, name) for name in self.cast.__dataclass_fields__}, **changes})
        gone = without.split()
        return {
            "people": [self._person(cast, who) for who in self.handles if who not in gone],
            "teams": self._teams(cast, gone),
            "services": self._services(cast),
            "schedules": [self._schedule(name, said) for name, said in cast.schedules.items()],
            "escalation_policies": self._policies(cast),
            "settings": cast.settings or Organisation().settings.to_json(),
        }

    def _person(self, cast: Cast, who: str) -> Json:
        known = next((human for human in self.humans if human.handle == self.id(who)), None)
        said: Json = {"id": self.id(who), "name": self.name(who), "time_zone": cast.zones.get(who, "UTC")}
        said |= {"aad_object_id": known.object_id} if known else {}
        return said | ({"email": f"{self.id(who)}@example.org"} if who in cast.emails.split() else {})

    def _teams(self, cast: Cast, gone: Collection[str]) -> list[Json]:
        members = [self.id(who) for who in (cast.members or cast.people).split() if who not in gone]
        payments: Json = {"id": self.id("payments"), "name": f"Payments {self.number}", "side": "engineering"}
        payments |= {"members": members, "time_zone": cast.zone, "working_hours": list(cast.hours)}
        payments |= {"lead": self.id(cast.lead)} if cast.lead and cast.lead not in gone else {}
        payments |= {"channel": self.channel} if cast.channel else {}
        if cast.ops is None:
            return [payments]
        ops: Json = {"id": self.id("ops"), "name": f"Operations {self.number}", "side": "operations"}
        ops |= {"members": [self.id(who) for who in cast.ops.get("members", "").split()], "time_zone": "UTC"}
        return [payments, ops | ({"lead": self.id(cast.ops["lead"])} if "lead" in cast.ops else {})]

    def _services(self, cast: Cast) -> list[Json]:
        operations = {"operations": self.id("ops")} if cast.ops is not None else {}
        owned: Json = {"owner": self.id("payments"), **operations}
        wanted = {"checkout": {"escalation_policy": "critical", **cast.service}, **cast.services}
        return [{"id": self.id(name), "name": name.capitalize(), **owned, **self._of(s)} for name, s in wanted.items()]

    def _of(self, said: Json) -> Json:
        """Name the policies of a service as everybody knows them."""
        if not self.cast.steps and said.get("escalation_policy") == "critical":
            said = {name: value for name, value in said.items() if name != "escalation_policy"}
        found = {**said}
        if "escalation_policy" in found:
            found["escalation_policy"] = self.id(found["escalation_policy"])
        if "severity_policies" in found:
            found["severity_policies"] = {n: self.id(name) for n, name in found["severity_policies"].items()}
        return found

    def _policies(self, cast: Cast) -> list[Json]:
        own: Json = {"steps": list(cast.steps), "repeat": cast.repeat}
        own |= {"last_resort": cast.last_resort} if cast.last_resort else {}
        own |= {"ack_timeout": cast.ack_timeout} if cast.ack_timeout else {}
        wanted = {**({"critical": own} if cast.steps else {}), **cast.policies}
        return [{"id": self.id(name), **self._told(said)} for name, said in wanted.items()]

    def _told(self, said: Json) -> Json:
        steps = [{**one, "notify": [self.words(target) for target in one["notify"]]} for one in said["steps"]]
        last = {"last_resort": self.words(said["last_resort"])} if "last_resort" in said else {}
        return {**said, "steps": steps, **last}

    def _schedule(self, name: str, said: Json) -> Json:
        rotations = [self._rotation(one) for one in said["rotations"]]
        overrides = [{**one, "person": self.id(one["person"])} for one in said.get("overrides", ())]
        return {**said, "id": self.id(name), "team": self.id(said["team"]), "rotations": rotations} | (
            {"overrides": overrides} if overrides else {}
        )

    def _rotation(self, said: Json) -> Json:
        changes = [{**one, "people": [self.id(who) for who in one["people"]]} for one in said.get("changes", ())]
        own = {**said, "people": [self.id(who) for who in said["people"]]}
        return own | ({"changes": changes} if changes else {})

    def plain(self, text: str) -> str:
        """Take the scenario's number out of a sentence."""
        return re.sub(rf"(?<=[a-zA-Zé]) ?{self.number}\b", "", text)
