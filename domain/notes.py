"""What is right in an organisation but worth knowing: nobody is on call yet, nobody could be reached."""

from collections.abc import Iterator
from datetime import datetime

from domain.escalation import NotifyTarget, TargetKind
from domain.oncall import Schedule
from domain.references import Path, Problem, Sections
from domain.zones import instant


def find_notes(sections: Sections, now: datetime) -> Iterator[Problem]:
    """Find what somebody should know at `now` (UTC), each with the place it is about."""
    for position, schedule in enumerate(sections.schedules):
        yield from _not_started(schedule, ("schedules", position), now)
    yield from _unreachable_people(sections)
    yield from _unreachable_teams(sections)


def _not_started(schedule: Schedule, at: Path, now: datetime) -> Iterator[Problem]:
    starts = [instant(rotation.starts, schedule.time_zone) for rotation in schedule.rotations]
    if schedule.calendar is None and starts and min(starts) > now:
        first = min(starts)
        sentence = (
            f'Nobody is on call on "{schedule.id}" until {first:%Y-%m-%d %H:%M} UTC: its first rotation starts then.'
        )
        yield Problem((*at, "rotations", starts.index(first), "starts"), sentence)


def _unreachable_people(sections: Sections) -> Iterator[Problem]:
    silent = {p.handle for p in sections.people if p.aad_object_id is None and p.email is None}
    for position, schedule in enumerate(sections.schedules):
        for n, rotation in enumerate(schedule.rotations):
            for turn, person in enumerate(rotation.people):
                if person in silent:
                    silent.remove(person)
                    sentence = (
                        f'"{person}" has neither an aad_object_id nor an email: '
                        "they can be paged only after they have written to the bot."
                    )
                    yield Problem(("schedules", position, "rotations", n, "people", turn), sentence)


def _unreachable_teams(sections: Sections) -> Iterator[Problem]:
    nobody = {team.id for team in sections.teams if team.lead is None and team.channel is None}

    def told(target: NotifyTarget | None, path: Path) -> Iterator[Problem]:
        if target is not None and target.kind is TargetKind.TEAM and target.id in nobody:
            yield Problem(path, f'The team "{target.id}" has neither a lead nor a channel: {target} reaches nobody.')

    for position, policy in enumerate(sections.escalation_policies):
        at = ("escalation_policies", position)
        for n, step in enumerate(policy.steps):
            for m, target in enumerate(step.notify):
                yield from told(target, (*at, "steps", n, "notify", m))
        yield from told(policy.last_resort, (*at, "last_resort"))
