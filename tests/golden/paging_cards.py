"""Pages in every state, drills, and what paging and the clock add to a status card; worst cases included."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.cards import kit
from bot.cards.incident import spoken, status_card
from bot.cards.page import page_activity
from bot.cards.timeline import timeline_card
from dialogs import drill as drill_form
from dialogs import escalate as escalate_form
from domain.catalog import Side
from domain.incident import TEXT_LIMIT, TITLE_LIMIT, Role, Status
from domain.oncall import Schedule
from domain.paging import PageReason, PageResult, Way
from domain.people import BOT_ID
from domain.running_escalation import EscalationState
from domain.timeline import TOLD
from tests.support.paging_samples import (
    PAYMENTS,
    PLATFORM,
    POLICY,
    RUNBOOK,
    burst,
    channel_view,
    drill_view,
    escalation,
    page,
    page_view,
    paged_incident,
    paged_person,
    paging,
)
from tests.support.samples import (
    ADA,
    GRACE,
    LIN,
    NOW,
    acknowledged,
    ago,
    entry,
    incident,
    person,
    resolved,
    service,
    timeline,
    view,
)
from tests.support.shelf import Shelf, turn
from usecases.deadlines import Deadlines

NASTY = '<at>all</at> **bold** [x](https://e.example) `code` "quoted" \\ & &lt;b&gt; _i_ 🔥 مرحبا '
WORST_TITLE = (NASTY + "\\" * TITLE_LIMIT)[:TITLE_LIMIT]
LONG_NAME = "Maria-Magdalena von Hohenfels-Großschönau <at>all</at> *x* 🔥 " * 2
ACKED = acknowledged(incident(), after=timedelta(minutes=37))
LED = replace(ACKED, roles={Role.COMMANDER: GRACE.id})
BY_HAND = page(reason=PageReason.ESCALATED, escalation_id=None, step=None, target="person:grace")
IN_TIME = Deadlines(resolve_by=NOW + timedelta(minutes=72), update_by=NOW + timedelta(minutes=8))
LATE = Deadlines(resolve_by=NOW - timedelta(minutes=20), update_by=NOW - timedelta(minutes=8))
BLOCKED = paged_person(LIN, PageResult.FAILED, detail="the person has blocked the bot (403)")
DONE = paging(paged_person(acknowledged_at=ago(minutes=1)), state=EscalationState.ACKNOWLEDGED, next_at=None)


def taken(**more: Any) -> Any:
    """Make an incident on a page that somebody has."""
    seen = view(ACKED, paging=replace(DONE, other_side=Side.OPERATIONS))
    return paged_incident(ACKED, wanted=False, seen=seen, **more)


def worst_page() -> dict[str, Any]:
    """Everything that can stand on a page at once, as long as it may be."""
    longest = person(7, LONG_NAME, time_zone="America/Argentina/ComodRivadavia")
    shown = view(
        incident(title=WORST_TITLE, declared_by=7, declared_at=ago(days=400)),
        services=[(f"service-{n}", f"{NASTY[:60]} {n}") for n in range(20)],
        people={7: longest},
        latest=entry(4_700, text="<" * TEXT_LIMIT, actor=7),
        severity_name="Sehr *kritisch* für <alle>",
        paging=paging(next_names=(LONG_NAME,) * 9, next_at=NOW + timedelta(days=3), other_side=Side.ENGINEERING),
    )
    runbooks = (f"{RUNBOOK}?q=(*_[<>]_*)" + "é" * 200, "https://x.example/" + "é" * 5_000, f"{RUNBOOK}/x", RUNBOOK)
    first = paged_incident(seen=shown, runbooks=runbooks, page=page(target=f"schedule:{NASTY}"))
    return page_activity(page_view(first, *burst(40, WORST_TITLE), reader=longest, acknowledgements=10))


def status(case: Any, **more: Any) -> dict[str, Any]:
    """Send a status card."""
    shown = view(case, **more)
    return kit.message(spoken(shown), status_card(shown, card_id=3))


def personal(case: Any, **more: Any) -> dict[str, Any]:
    """Send Grace her own view of it."""
    shown = view(case, **more)
    return kit.message(spoken(shown), status_card(shown, reader=GRACE))


def told() -> dict[str, Any]:
    """Tell one of each sentence that the bot writes on timelines itself."""
    rows = [entry(n, kind, f"A sentence of the kind {kind}.", actor=BOT_ID) for n, kind in enumerate(TOLD, 1)]
    return kit.message("Timeline of INC-12", timeline_card(timeline(rows), GRACE.time_zone, NOW))


def asked(form: Any, *, problem: str | None = None, many: int = 0, **values: Any) -> dict[str, Any]:
    """Send a form of Ada's; `many` fills the organisation."""
    rotas = [Schedule(id=f"rota-{n:03} {NASTY[:20]}", team="payments", time_zone="UTC") for n in range(many)]
    teams = [replace(PLATFORM, id=f"team-{n:03}", name=f"{NASTY[:60]}{n}") for n in range(many)]
    shelf = Shelf(
        cases={12: incident(services=("checkout",))},
        listed=(service(escalation_policy="payments-critical", operations="platform"),),
        teams=(PAYMENTS, PLATFORM, *teams),
        rotas=(Schedule(id="payments-primary", team="payments", time_zone="UTC"), *rotas),
        rules=(POLICY,),
        ledger=(page(),),
        running=(escalation(),),
    )
    drawn = form.draw(turn(shelf), {"incident": 12, **values}, problem)
    return kit.message(problem or form.title, drawn)


CARDS: Mapping[str, Callable[[], dict[str, Any]]] = {
    # pages
    "page": lambda: page_activity(page_view()),
    "page-latest-words": lambda: page_activity(
        page_view(
            paged_incident(
                seen=view(incident(), paging=paging(), latest=entry(4, text="Pool exhausted. Rolling back."))
            )
        )
    ),
    "page-sev4": lambda: page_activity(page_view(paged_incident(incident(severity=4)))),
    "page-without-services": lambda: page_activity(
        page_view(paged_incident(seen=view(services=(), paging=paging()), runbooks=()))
    ),
    "page-two-runbooks": lambda: page_activity(page_view(paged_incident(runbooks=(RUNBOOK, f"{RUNBOOK}-failover")))),
    "page-escalated": lambda: page_activity(
        page_view(paged_incident(page=BY_HAND, seen=view(incident())), asked_by=ADA.name)
    ),
    "page-last-resort": lambda: page_activity(
        page_view(
            paged_incident(
                page=page(reason=PageReason.LAST_RESORT, step=None, target="team:payments"),
                seen=view(incident(), paging=paging(step=0, next_at=None)),
            )
        )
    ),
    "page-quiet": lambda: page_activity(
        page_view(paged_incident(ACKED, page=page(reason=PageReason.QUIET, step=None)))
    ),
    "page-both-sides": lambda: page_activity(
        page_view(paged_incident(page=page(target="sides:both")), acknowledgements=2)
    ),
    "page-acknowledged": lambda: page_activity(page_view(taken())),
    "page-answered-by-me": lambda: page_activity(
        page_view(taken(page=page(acknowledged_at=ago(minutes=1))), answered_by=GRACE.name)
    ),
    "page-resolved": lambda: page_activity(page_view(paged_incident(resolved(ACKED), wanted=False))),
    "page-reopened": lambda: page_activity(page_view(paged_incident(incident(cycle=1), wanted=False))),
    "page-burst": lambda: page_activity(page_view(paged_incident(), *burst(3))),
    "page-burst-half-answered": lambda: page_activity(page_view(taken(), *burst(2))),
    "page-worst": worst_page,
    "page-channel": lambda: page_activity(channel_view()),
    "page-channel-acknowledged": lambda: page_activity(
        channel_view(taken(page=page(who=None, way=Way.CHANNEL, team_id="payments", reason=PageReason.LAST_RESORT)))
    ),
    "page-channel-nasty-lead": lambda: page_activity(channel_view(reader=replace(ADA, name=LONG_NAME), team=NASTY)),
    # drills
    "drill": lambda: page_activity(drill_view()),
    "drill-answered": lambda: page_activity(
        drill_view(page=replace(drill_view().page, acknowledged_at=ago(seconds=77)))
    ),
    "drill-over": lambda: page_activity(drill_view(drill=replace(drill_view().drill, ended_at=NOW))),
    # the status card
    "status-paging": lambda: status(incident(), paging=paging(), deadlines=IN_TIME),
    "status-paging-personal": lambda: personal(incident(), paging=paging(step=2, round=2), deadlines=IN_TIME),
    "status-paging-late": lambda: status(
        incident(), paging=paging(paged_person(GRACE, PageResult.PENDING)), deadlines=LATE
    ),
    "status-paging-refused": lambda: status(incident(), paging=paging(paged_person(), BLOCKED), deadlines=IN_TIME),
    "status-paging-last-resort": lambda: status(
        incident(), paging=paging(paged_person(ADA), step=0, next_at=None), deadlines=IN_TIME
    ),
    "status-paging-exhausted": lambda: status(
        incident(), paging=paging(state=EscalationState.EXHAUSTED, next_at=None), deadlines=LATE
    ),
    "status-paging-several": lambda: status(
        acknowledged(incident(), by=LIN),
        paging=paging(paged_person(GRACE), paged_person(LIN, acknowledged_at=ago(minutes=1)), answers=(1, 2)),
        deadlines=IN_TIME,
    ),
    "status-paging-nobody": lambda: status(
        incident(),
        paging=replace(
            paging(state=EscalationState.EXHAUSTED, next_at=None, policy="payments-critical", reached=False), people=()
        ),
        deadlines=IN_TIME,
    ),
    "status-paging-waiting": lambda: status(
        incident(severity=4),
        paging=replace(paging(state=EscalationState.WAITING, step=0), people=(), next_at=NOW + timedelta(hours=19)),
        deadlines=IN_TIME,
    ),
    "status-paged": lambda: status(LED, paging=DONE, deadlines=IN_TIME),
    "status-other-side": lambda: status(LED, paging=replace(DONE, other_side=Side.OPERATIONS), deadlines=LATE),
    "status-monitoring-other-side": lambda: status(
        replace(LED, status=Status.MONITORING), paging=replace(DONE, other_side=Side.ENGINEERING), deadlines=LATE
    ),
    "status-paging-worst": lambda: personal(
        replace(LED, title=WORST_TITLE),
        paging=paging(
            *(
                paged_person(
                    person(n, LONG_NAME),
                    PageResult.FAILED if n % 2 else PageResult.UNKNOWN,
                    due_at=ago(seconds=5),
                    detail=f"<at>x</at> reason *{n}* " + "🔥" * 60,
                )
                for n in range(30)
            ),
            next_names=(LONG_NAME,) * 9,
            other_side=Side.OPERATIONS,
        ),
        deadlines=LATE,
    ),
    "timeline-told": told,
    # forms
    "form-escalate": lambda: asked(escalate_form.FORM, embedded=True),
    "form-escalate-problem": lambda: asked(
        escalate_form.FORM,
        problem="I know nobody called “<at>x</at>”.",
        target="policy:payments-critical",
        person="lin",
    ),
    "form-escalate-worst": lambda: asked(escalate_form.FORM, many=200, target='"' * 5_000, person="*" * 5_000),
    "form-drill": lambda: asked(drill_form.FORM),
    "form-drill-500": lambda: asked(drill_form.FORM, problem="I know no schedule “x”.", many=500, schedule="rota"),
}
