"""Planning a window, giving it another time, and calling it off."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from domain import maintenance as steps
from domain.maintenance import EXTENSION, Maintenance, Plan
from domain.people import Person
from domain.recurrence import Recurrence
from usecases.approvals import asking
from usecases.maintenance import approval, holding, telling, words
from usecases.maintenance.clashes import require_no_freeze
from usecases.maintenance.ending import goes_on
from usecases.maintenance.found import services_named, to_change
from usecases.maintenance.views import MaintenanceView, maintenance_view
from usecases.maintenance.work import replan
from usecases.ports import Store
from usecases.spans import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A window after somebody changed it. `notice` is a sentence where something else happened than was asked for."""

    view: MaintenanceView
    notice: str = ""


def recurrence_of(
    starts_at: datetime, zone: str, *, every: tuple[int, str] | None = None, rule: str = ""
) -> Recurrence | None:
    """Read how often it comes again: so many days, weeks or months, or a rule of RFC 5545; None: it happens once."""
    wall = starts_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if every is not None:
        return Recurrence.from_words(*every, wall, zone)
    return Recurrence.parse(rule, wall, zone) if rule.strip() else None


def preview(store: Store, actor: Person, plan: Plan, now: datetime) -> MaintenanceView:
    """Show what would be planned, without writing anything. Raise Refused where it cannot be."""
    return maintenance_view(store, _drafted(store, actor, plan, now), now)


def schedule(store: Store, actor: Person, plan: Plan, now: datetime) -> Changed:
    """Plan a window and ask the other side. `now` is UTC. Raise Refused with a sentence where it cannot be planned."""
    added = store.maintenance.add(_drafted(store, actor, plan, now))
    window = approval.ask(store, actor, added, now)
    if window.version != added.version:
        store.maintenance.save(window, seen=added.version)
    replan(store, window, now)
    telling.roots(store, window)
    return Changed(view=maintenance_view(store, window, now), notice=_unasked(window))


def move(store: Store, actor: Person, window_id: int, when: Span, now: datetime) -> Changed:
    """Give a window, or its next occurrence, another time, and ask again; of a running one only the end moves."""
    before = to_change(store, actor, window_id)
    moved = steps.move(before, *when, now)
    if moved is None:
        return Changed(view=maintenance_view(store, before, now), notice="It has that time already.")
    if before.is_running:
        return _extended(store, actor, before, moved, now)
    require_no_freeze(store, actor, moved)
    window = approval.ask(store, actor, moved, now)
    store.maintenance.save(window, seen=before.version)
    replan(store, window, now)
    telling.note(store, window, "moved", lambda zone: words.moved(window, actor.name, zone))
    telling.redraw(store, window)
    return Changed(view=maintenance_view(store, window, now), notice=_unasked(window))


def extend(store: Store, actor: Person, window_id: int, ends_at: datetime, now: datetime) -> Changed:
    """Let a running window take longer by `EXTENSION`, from the end the card showed, or from this minute.

    Pressed twice it is extended once, because the card names the end it showed.
    """
    before = to_change(store, actor, window_id)
    if before.is_running and before.ends_at > ends_at:
        return Changed(view=maintenance_view(store, before, now), notice="It was extended already.")
    minute = now.replace(second=0, microsecond=0)
    longer = steps.extend(before, max(before.ends_at, minute) + EXTENSION, now)
    return _extended(store, actor, before, longer or before, now)


def cancel(
    store: Store, actor: Person, window_id: int, reason: str, now: datetime, *, everything: bool = False
) -> Changed:
    """Call a window off. Of one that comes again and runs now only this occurrence ends, or with `everything` all."""
    before = to_change(store, actor, window_id)
    if before.is_running and before.recurrence is not None and not everything:
        return skip(store, actor, window_id, reason, now)
    after = steps.cancel(before, reason, by=actor.id)
    if after is None:
        return Changed(view=maintenance_view(store, before, now), notice="It is cancelled already.")
    asking.overtake(store, approval.KIND, after.id, f"{actor.name} cancelled it.", now)
    store.maintenance.save(after, seen=before.version)
    replan(store, after, now)
    if before.is_running:
        holding.ended(store, before, now)
    telling.note(store, after, "cancelled", lambda zone: words.cancelled(before, actor.name, after.reason, zone))
    telling.redraw(store, after)
    return Changed(view=maintenance_view(store, after, now))


def skip(store: Store, actor: Person, window_id: int, reason: str, now: datetime) -> Changed:
    """Leave the current or next occurrence of a window out that comes again; the following ones stay planned."""
    before = to_change(store, actor, window_id)
    after = steps.skip(before, reason, at=now)
    after = replace(after, cancelled_by=actor.id) if after.is_over else after
    goes_on(store, before, after, actor, words=reason.strip(), now=now)
    telling.note(store, after, "skipped", lambda zone: words.left_out(before, actor.name, reason.strip(), after, zone))
    telling.redraw(store, after)
    return Changed(view=maintenance_view(store, after, now))


def _extended(store: Store, actor: Person, before: Maintenance, after: Maintenance, now: datetime) -> Changed:
    store.maintenance.save(after, seen=before.version)
    replan(store, after, now)
    telling.note(store, after, "extended", lambda zone: words.extended(after, actor.name, zone))
    telling.redraw(store, after)
    return Changed(
        view=maintenance_view(store, after, now),
        notice="It is running, so only its end was moved; that needs no new approval.",
    )


def _drafted(store: Store, actor: Person, plan: Plan, now: datetime) -> Maintenance:
    services: Sequence[str] = [service.id for service in services_named(store, plan.services)]
    window = steps.schedule(replace(plan, services=tuple(services)), by=actor.id, at=now)
    require_no_freeze(store, actor, window)
    return window


def _unasked(window: Maintenance) -> str:
    if words.waits(window):
        return ""
    return "Nobody on the other side of its services could approve it, so it is planned without an approval."
