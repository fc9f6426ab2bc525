from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain import incident as steps
from domain.errors import Refused
from domain.incident import (
    LONGEST_REMINDER,
    OPEN_STATUSES,
    SEVERITIES,
    TEXT_LIMIT,
    TITLE_LIMIT,
    Changed,
    Incident,
    Role,
    Status,
    ref_of,
)
from domain.timeline import EntryKind, NewEntry
from tests.support.samples import ADA, GRACE, NOW, acknowledged, ago, incident, resolved

OPEN = incident(version=7, entry_seq=4)
CLOSED = resolved(acknowledged(OPEN), "rolled back", ago(minutes=1))


def step(changed: Changed | None) -> Changed:
    assert changed is not None
    return changed


# -- declare ------------------------------------------------------------------------------------------------------


def test_a_declared_incident_is_investigated_and_counts_from_one() -> None:
    made = steps.declare(title="API is down", severity=2, services=("api",), declared_by=ADA.id, at=NOW)
    assert made.incident == Incident(
        id=0,
        title="API is down",
        severity=2,
        status=Status.INVESTIGATING,
        declared_by=ADA.id,
        declared_at=NOW,
        services=("api",),
        entry_seq=1,
        version=1,
    )
    assert made.entry == NewEntry(EntryKind.DECLARED, "API is down", {"severity": 2})


def test_an_incident_may_be_declared_late_with_the_status_it_has() -> None:
    made = steps.declare(
        title="x", severity=4, services=(), declared_by=ADA.id, at=NOW, status=Status.MONITORING
    ).incident
    assert (made.status, made.severity) == (Status.MONITORING, 4)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  API   is\u00a0down \n", "API is down"),
        ("first\nsecond", "first second"),
        ("x" * TITLE_LIMIT, "x" * TITLE_LIMIT),
        ("🔥" * TITLE_LIMIT, "🔥" * TITLE_LIMIT),
        ("<at>all</at> *bold*", "<at>all</at> *bold*"),
        ("הקופה נפלה", "הקופה נפלה"),
    ],
)
def test_a_title_is_one_line_and_otherwise_as_typed(typed: str, kept: str) -> None:
    assert steps.checked_title(typed) == kept


@pytest.mark.parametrize("typed", ["", "   ", "\n\t ", "\u00a0"])
def test_a_title_says_something(typed: str) -> None:
    with pytest.raises(Refused, match="needs a title"):
        steps.declare(title=typed, severity=3, services=(), declared_by=1, at=NOW)


def test_a_refused_title_names_its_length_and_the_limit() -> None:
    with pytest.raises(Refused, match=r"That title has 201 characters; 200 is the most\."):
        steps.checked_title("x" * (TITLE_LIMIT + 1))


@pytest.mark.parametrize("severity", [-1, 0, 5, 11, 2**40])
def test_there_are_four_severities(severity: int) -> None:
    with pytest.raises(Refused, match="from 1"):
        steps.declare(title="x", severity=severity, services=(), declared_by=1, at=NOW)
    with pytest.raises(Refused, match="from 1"):
        steps.change_severity(OPEN, severity, NOW)


# -- acknowledge --------------------------------------------------------------------------------------------------


def test_the_first_acknowledgement_counts() -> None:
    made = step(steps.acknowledge(OPEN, GRACE.id, NOW))
    assert (made.incident.acknowledged_by, made.incident.acknowledged_at) == (GRACE.id, NOW)
    assert made.entry == NewEntry(EntryKind.ACKNOWLEDGED, "", {})
    assert steps.acknowledge(made.incident, ADA.id, NOW + timedelta(seconds=1)) is None


def test_acknowledging_a_resolved_incident_is_refused_unless_it_was_acknowledged() -> None:
    assert steps.acknowledge(CLOSED, ADA.id, NOW) is None
    with pytest.raises(Refused, match="INC-12 is resolved; to acknowledge it, first write `reopen INC-12`"):
        steps.acknowledge(resolved(OPEN), ADA.id, NOW)


# -- note ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", [OPEN, CLOSED], ids=["open", "resolved"])
def test_a_note_may_be_written_at_any_time_and_again(base: Incident) -> None:
    made = steps.note(base, "  first line\nsecond line ", NOW)
    assert made.entry == NewEntry(EntryKind.NOTE, "first line\nsecond line", {})
    assert made.incident == replace(base, version=base.version + 1, entry_seq=base.entry_seq + 1, updated_at=NOW)
    assert steps.note(made.incident, "first line\nsecond line", NOW).incident.entry_seq == base.entry_seq + 2


def test_a_note_has_words_and_an_end() -> None:
    assert steps.note(OPEN, "x" * TEXT_LIMIT, NOW).entry.text == "x" * TEXT_LIMIT
    with pytest.raises(Refused, match="The note is empty"):
        steps.note(OPEN, " \n", NOW)
    with pytest.raises(Refused, match=r"That note has 8001 characters; 8000 is the most\."):
        steps.note(OPEN, "x" * (TEXT_LIMIT + 1), NOW)


# -- status and severity ------------------------------------------------------------------------------------------


def test_the_status_moves_in_any_direction_between_the_open_ones() -> None:
    for before in OPEN_STATUSES:
        for after in OPEN_STATUSES:
            made = steps.change_status(replace(OPEN, status=before), after, NOW)
            if before is after:
                assert made is None
            else:
                assert step(made).incident.status is after
                assert step(made).entry.data == {"from": str(before), "to": str(after)}


def test_the_first_monitoring_is_the_mitigation() -> None:
    watched = step(steps.change_status(OPEN, Status.MONITORING, NOW)).incident
    assert watched.mitigated_at == NOW
    back = step(steps.change_status(watched, Status.IDENTIFIED, NOW)).incident
    again = step(steps.change_status(back, Status.MONITORING, NOW + timedelta(hours=1))).incident
    assert again.mitigated_at == NOW
    assert step(steps.change_status(OPEN, Status.IDENTIFIED, NOW)).incident.mitigated_at is None


def test_resolving_has_a_word_of_its_own() -> None:
    for base in (OPEN, CLOSED):
        with pytest.raises(Refused, match="use `resolve INC-12`"):
            steps.change_status(base, Status.RESOLVED, NOW)


def test_the_severity_goes_both_ways_and_says_from_where() -> None:
    made = step(steps.change_severity(OPEN, 4, NOW))
    assert made.incident.severity == 4
    assert made.entry == NewEntry(EntryKind.SEVERITY_CHANGED, "", {"from": 1, "to": 4})
    assert steps.change_severity(OPEN, OPEN.severity, NOW) is None


# -- roles --------------------------------------------------------------------------------------------------------


def test_a_role_changes_hands_and_names_who_had_it() -> None:
    first = step(steps.assign(OPEN, Role.SCRIBE, ADA.id))
    assert first.entry.data == {"role": "scribe", "person": ADA.id, "before": None}
    second = step(steps.assign(first.incident, Role.SCRIBE, GRACE.id))
    assert second.entry.data == {"role": "scribe", "person": GRACE.id, "before": ADA.id}
    assert second.incident.roles == {Role.SCRIBE: GRACE.id}
    assert steps.assign(second.incident, Role.SCRIBE, GRACE.id) is None


def test_one_person_may_have_several_roles_and_the_earlier_incident_is_untouched() -> None:
    one = step(steps.assign(OPEN, Role.COMMANDER, ADA.id)).incident
    both = step(steps.assign(one, Role.OPERATIONS, ADA.id)).incident
    assert both.roles == {Role.COMMANDER: ADA.id, Role.OPERATIONS: ADA.id}
    assert one.roles == {Role.COMMANDER: ADA.id}
    assert OPEN.roles == {}


# -- resolve and reopen -------------------------------------------------------------------------------------------


def test_resolving_ends_it_and_mitigates_what_was_not() -> None:
    made = step(steps.resolve(OPEN, " rolled back ", NOW))
    assert made.entry == NewEntry(EntryKind.RESOLVED, "rolled back", {"from": "investigating"})
    after = made.incident
    assert (after.status, after.resolved_at, after.mitigated_at, after.summary) == (
        Status.RESOLVED,
        NOW,
        NOW,
        "rolled back",
    )
    assert not after.is_open
    earlier = replace(OPEN, mitigated_at=ago(minutes=5), summary="old words")
    kept = step(steps.resolve(earlier, "  ", NOW)).incident
    assert (kept.mitigated_at, kept.summary) == (ago(minutes=5), "old words")


def test_resolving_twice_changes_nothing_and_too_long_a_summary_is_refused() -> None:
    assert steps.resolve(CLOSED, "again", NOW) is None
    with pytest.raises(Refused, match="That summary has 8001 characters"):
        steps.resolve(OPEN, "x" * (TEXT_LIMIT + 1), NOW)


def test_reopening_takes_back_what_has_to_happen_again() -> None:
    base = replace(CLOSED, roles={Role.COMMANDER: ADA.id}, cycle=2)
    made = step(steps.reopen(base, " errors are back ", NOW))
    assert made.entry == NewEntry(EntryKind.REOPENED, "errors are back", {})
    assert made.incident == replace(
        base,
        status=Status.INVESTIGATING,
        resolved_at=None,
        mitigated_at=None,
        acknowledged_at=None,
        acknowledged_by=None,
        cycle=3,
        updated_at=NOW,
        version=base.version + 1,
        entry_seq=base.entry_seq + 1,
    )


def test_reopening_needs_a_reason_and_something_that_is_closed() -> None:
    assert steps.reopen(OPEN, "why not", NOW) is None
    with pytest.raises(Refused, match="The reason is empty"):
        steps.reopen(CLOSED, "", NOW)


CHANGES: dict[str, Callable[[Incident], Changed | None]] = {
    "change the status of": lambda i: steps.change_status(i, Status.IDENTIFIED, NOW),
    "change the severity of": lambda i: steps.change_severity(i, 4, NOW),
    "assign roles on": lambda i: steps.assign(i, Role.SCRIBE, 9),
    "change the reminders of": lambda i: steps.switch_reminders(i, off=True, text="off"),
}


@pytest.mark.parametrize("doing", CHANGES)
def test_a_resolved_incident_is_reopened_before_it_is_changed(doing: str) -> None:
    with pytest.raises(Refused, match=f"to {doing} it, first write `reopen INC-12`"):
        CHANGES[doing](CLOSED)


# -- updates and their reminders ----------------------------------------------------------------------------------

UPDATES: dict[str, Callable[[Incident], Changed | None]] = {
    "note": lambda i: steps.note(i, "rolling back", NOW),
    "status": lambda i: steps.change_status(i, Status.IDENTIFIED, NOW),
    "severity": lambda i: steps.change_severity(i, 2, NOW),
    "reopen": lambda i: steps.reopen(resolved(i, at=ago(minutes=2)), "it is back", NOW),
}
NO_UPDATES: dict[str, Callable[[Incident], Changed | None]] = {
    "acknowledge": lambda i: steps.acknowledge(i, GRACE.id, NOW),
    "assign": lambda i: steps.assign(i, Role.COMMANDER, ADA.id),
    "told": lambda i: steps.told(i, EntryKind.PAGED, "Paged Grace Hopper.", {}),
    "remind": lambda i: steps.remind_every(i, timedelta(minutes=5), "every 5 min"),
    "switch": lambda i: steps.switch_reminders(i, off=True, text="off"),
}


@pytest.mark.parametrize("by", UPDATES)
def test_whoever_tells_how_it_goes_has_given_an_update(by: str) -> None:
    base = replace(OPEN, updated_at=ago(minutes=9))
    assert step(UPDATES[by](base)).incident.updated_at == NOW


@pytest.mark.parametrize("by", NO_UPDATES)
def test_other_steps_are_no_update(by: str) -> None:
    base = replace(OPEN, updated_at=ago(minutes=9))
    assert step(NO_UPDATES[by](base)).incident.updated_at == ago(minutes=9)


def test_reminders_are_switched_off_and_on_and_keep_the_chosen_interval() -> None:
    often = step(steps.remind_every(OPEN, timedelta(minutes=15), "Ada wants an update every 15 min."))
    assert (often.incident.remind_every, often.incident.remind_off) == (timedelta(minutes=15), False)
    assert often.entry.kind is EntryKind.REMINDED
    assert often.entry.text == "Ada wants an update every 15 min."
    assert often.entry.data == {"reminders": "every", "seconds": 900}
    off = step(steps.switch_reminders(often.incident, off=True, text="off"))
    assert off.incident.remind_off
    assert off.entry.data == {"reminders": "off"}
    on = step(steps.switch_reminders(off.incident, off=False, text="on"))
    assert (on.incident.remind_every, on.incident.remind_off) == (timedelta(minutes=15), False)
    assert on.entry.data == {"reminders": "on"}


def test_choosing_what_is_so_already_changes_nothing() -> None:
    assert steps.switch_reminders(OPEN, off=False, text="on") is None
    off = replace(OPEN, remind_off=True, remind_every=timedelta(minutes=15))
    assert steps.switch_reminders(off, off=True, text="off") is None
    assert not step(steps.remind_every(off, timedelta(minutes=15), "again")).incident.remind_off
    assert steps.remind_every(replace(off, remind_off=False), timedelta(minutes=15), "again") is None


def test_an_update_a_week_needs_no_reminder() -> None:
    assert step(steps.remind_every(OPEN, LONGEST_REMINDER, "weekly")).incident.remind_every == timedelta(days=7)
    with pytest.raises(Refused, match="more than seven days apart need no reminder: write `remind off`"):
        steps.remind_every(OPEN, LONGEST_REMINDER + timedelta(seconds=1), "rarely")
    with pytest.raises(Refused, match="to change the reminders of it, first write `reopen INC-12`"):
        steps.remind_every(CLOSED, timedelta(minutes=5), "often")


def test_people_write_a_number_like_this() -> None:
    assert (ref_of(12), incident(7).ref) == ("INC-12", "INC-7")


# -- any order of steps -------------------------------------------------------------------------------------------

texts = st.text(max_size=30)
people = st.integers(1, 5)


class AnyStory(RuleBasedStateMachine):
    """Every order of steps keeps the promises the rest of the product relies on."""

    @initialize(title=st.text(max_size=250), severity=st.sampled_from(SEVERITIES))
    def declare(self, title: str, severity: int) -> None:
        self.clock = NOW
        self.kinds: list[EntryKind] = []
        try:
            made = steps.declare(title=title, severity=severity, services=("a",), declared_by=1, at=NOW)
        except Refused:
            made = steps.declare(title="Fallback", severity=severity, services=("a",), declared_by=1, at=NOW)
        self.now, self.before = made.incident, made.incident
        self.kinds.append(made.entry.kind)

    def take(self, do: Callable[[Incident, datetime], Changed | None]) -> None:
        self.clock += timedelta(seconds=30)
        self.before = self.now
        try:
            made = do(self.now, self.clock)
        except Refused as refused:
            assert str(refused).endswith((".", "?"))
            made = None
        if made:
            assert (made.incident.version, made.incident.entry_seq) == (self.now.version + 1, self.now.entry_seq + 1)
            assert replace(made.incident, version=0, entry_seq=0) != replace(self.now, version=0, entry_seq=0) or (
                made.entry.kind is EntryKind.NOTE
            )
            self.kinds.append(made.entry.kind)
            self.now = made.incident

    @rule(who=people)
    def acknowledge(self, who: int) -> None:
        self.take(lambda i, at: steps.acknowledge(i, who, at))

    @rule(text=texts)
    def note(self, text: str) -> None:
        self.take(lambda i, at: steps.note(i, text, at))

    @rule(status=st.sampled_from(Status))
    def status(self, status: Status) -> None:
        self.take(lambda i, at: steps.change_status(i, status, at))

    @rule(severity=st.integers(0, 5))
    def severity(self, severity: int) -> None:
        self.take(lambda i, at: steps.change_severity(i, severity, at))

    @rule(role=st.sampled_from(Role), who=people)
    def assign(self, role: Role, who: int) -> None:
        self.take(lambda i, at: steps.assign(i, role, who))

    @rule(text=texts)
    def resolve(self, text: str) -> None:
        self.take(lambda i, at: steps.resolve(i, text, at))

    @rule(text=texts)
    def reopen(self, text: str) -> None:
        self.take(lambda i, at: steps.reopen(i, text, at))

    @rule(off=st.booleans())
    def switch_reminders(self, off: bool) -> None:
        self.take(lambda i, at: steps.switch_reminders(i, off=off, text="on or off"))

    @rule(seconds=st.integers(1, 700_000))
    def remind_every(self, seconds: int) -> None:
        self.take(lambda i, at: steps.remind_every(i, timedelta(seconds=seconds), "every so often"))

    @invariant()
    def promises(self) -> None:
        now = self.now
        assert now.is_open == (now.resolved_at is None)
        assert (now.acknowledged_at is None) == (now.acknowledged_by is None)
        assert now.entry_seq == len(self.kinds) == now.version
        assert now.cycle == self.kinds.count(EntryKind.REOPENED)
        assert now.cycle in {self.before.cycle, self.before.cycle + 1}
        if not now.is_open:
            assert now.mitigated_at is not None
            assert now.resolved_at is not None
            assert now.declared_at <= now.mitigated_at <= now.resolved_at
        assert (now.id, now.title, now.declared_by, now.declared_at, now.services) == (
            self.before.id,
            self.before.title,
            self.before.declared_by,
            self.before.declared_at,
            self.before.services,
        )
        assert now.severity in SEVERITIES
        assert now.updated_at is None or now.declared_at <= now.updated_at <= self.clock


AnyStory.TestCase.settings = settings(max_examples=40, stateful_step_count=25)
TestAnyStory = AnyStory.TestCase


@given(st.text(max_size=300))
def test_checking_a_title_twice_changes_nothing(typed: str) -> None:
    try:
        once = steps.checked_title(typed)
    except Refused:
        return
    assert steps.checked_title(once) == once
    assert "\n" not in once
    assert 0 < len(once) <= TITLE_LIMIT
