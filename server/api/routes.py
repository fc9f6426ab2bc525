"""The routes of the API. To add one: a row in ROUTES, its schema, and a function that reads its answer."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from integrations import documents
from scheduling.clock import SystemClock
from server.api import (
    actions,
    approvals,
    care,
    changes,
    digest,
    exports,
    handoffs,
    incidents,
    maintenance,
    metrics,
    oncall,
    openapi,
    pages,
    problems,
    reviews,
)
from server.api.auth import Callers
from server.api.parameters import (
    ACTION_OWNER,
    ACTION_STATE,
    AFTER,
    AFTER_SEQ,
    APPROVAL_STATE,
    APPROVAL_SUBJECT,
    AT,
    CARE_SERVICE,
    CARE_TEAM,
    CHANGE_SERVICE,
    CHANGES_AFTER,
    DIGEST_TEAM,
    DIGEST_WEEK,
    ENTRY_LIMIT,
    FROM,
    HANDOFF_SCHEDULE,
    IDEMPOTENCY_KEY,
    LIMIT,
    MAINTENANCE,
    MAINTENANCE_FROM,
    MAINTENANCE_TO,
    METRICS_FROM,
    METRICS_TEAM,
    METRICS_TO,
    ON_CALL_SCHEDULE,
    ON_CALL_SERVICE,
    ON_CALL_TEAM,
    PROBLEM_STATE,
    REF,
    SCHEDULE,
    SERVICE,
    SINCE,
    STATUS,
    TO,
)
from server.api.table import JSON, Answer, Answered, Asked, Route
from server.settings import ApiRole, ApiToken
from usecases.ports import Clock, Database, Store

PREFIX = "/api/v1/"


def _read(look: Callable[[Store, Asked], Any]) -> Answer:
    """Answer from the database; the text is made in the database's thread too, a long page would stop the loop."""

    async def answer(database: Database, asked: Asked) -> Answered:
        return Answered(await database.read(lambda store: _json(look(store, asked))))

    return answer


def _write(make: Callable[[Store, Asked], tuple[Any, bool]]) -> Answer:
    """Make something in one transaction, and answer it: with 201 where it is new, with 200 where it was there."""

    async def answer(database: Database, asked: Asked) -> Answered:
        text, is_new = await database.write(lambda store: _made(*make(store, asked)))
        return Answered(text, 201 if is_new else 200)

    return answer


def _made(value: Any, is_new: bool) -> tuple[bytes, bool]:  # noqa: FBT001 - the two parts of one answer
    return _json(value), is_new


async def _document(_: Database, __: Asked) -> Answered:
    return Answered(_json(openapi.document(ROUTES)))


def _json(value: Any) -> bytes:
    # Text from the outside may hold halves of surrogate pairs, which UTF-8 cannot carry.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


ROUTES = (
    Route(
        path="/api/v1/incidents",
        name="listIncidents",
        summary="Incidents, newest first.",
        parameters=(STATUS, SERVICE, LIMIT, AFTER),
        schema="IncidentPage",
        answer=_read(incidents.listed),
    ),
    Route(
        path="/api/v1/incidents/{ref}",
        name="getIncident",
        summary="One incident.",
        parameters=(REF,),
        schema="Incident",
        answer=_read(incidents.one),
    ),
    Route(
        path="/api/v1/incidents/{ref}/timeline",
        name="getTimeline",
        summary="The timeline of an incident, oldest first.",
        parameters=(REF, AFTER_SEQ, ENTRY_LIMIT),
        schema="TimelinePage",
        answer=_read(incidents.timeline),
    ),
    Route(
        path="/api/v1/incidents/{ref}/timeline/markdown",
        name="getTimelineMarkdown",
        summary="The whole timeline as Markdown.",
        parameters=(REF,),
        media="text/markdown",
        answer=exports.exported("text/markdown", "md", exports.as_markdown),
    ),
    Route(
        path="/api/v1/incidents/{ref}/timeline/csv",
        name="getTimelineCsv",
        summary="The whole timeline as CSV.",
        parameters=(REF,),
        media="text/csv",
        answer=exports.exported("text/csv", "csv", exports.as_csv),
    ),
    Route(
        path="/api/v1/incidents/{ref}/timeline/json",
        name="getTimelineJson",
        summary="The whole timeline as one JSON document.",
        parameters=(REF,),
        schema="WholeTimeline",
        answer=exports.exported("application/json", "json", exports.as_json),
    ),
    Route(
        path="/api/v1/incidents/{ref}/pages",
        name="listPages",
        summary="The delivery ledger of an incident, oldest page first.",
        parameters=(REF,),
        schema="PageList",
        answer=_read(pages.listed),
    ),
    Route(
        path="/api/v1/actions",
        name="listActions",
        summary="Action items, the newest first.",
        parameters=(ACTION_OWNER, ACTION_STATE, LIMIT, AFTER),
        schema="ActionPage",
        answer=_read(actions.listed),
    ),
    Route(
        path="/api/v1/approvals",
        name="listApprovals",
        summary="Approvals, the newest first.",
        parameters=(APPROVAL_STATE, APPROVAL_SUBJECT, LIMIT, AFTER),
        schema="ApprovalList",
        answer=_read(approvals.listed),
    ),
    Route(
        path="/api/v1/changes",
        name="listChanges",
        summary="Changes, the latest first.",
        parameters=(CHANGE_SERVICE, SINCE, LIMIT, CHANGES_AFTER),
        schema="ChangePage",
        answer=_read(changes.listed),
    ),
    Route(
        path="/api/v1/changes",
        name="recordChange",
        summary="Record a change; the same key with the same body records it once.",
        parameters=(IDEMPOTENCY_KEY,),
        role=ApiRole.ADMIN,
        takes="NewChange",
        schema="Change",
        answer=_write(changes.recorded),
    ),
    Route(
        path="/api/v1/maintenance",
        name="listMaintenance",
        summary="Maintenance windows whose current or next occurrence touches a half-open time, newest first.",
        parameters=(MAINTENANCE_FROM, MAINTENANCE_TO, LIMIT, AFTER),
        schema="MaintenancePage",
        answer=_read(maintenance.listed),
    ),
    Route(
        path="/api/v1/maintenance/{id}",
        name="getMaintenance",
        summary="One maintenance window.",
        parameters=(MAINTENANCE,),
        schema="Maintenance",
        answer=_read(maintenance.one),
    ),
    Route(
        path="/api/v1/care",
        name="listCare",
        summary="Planned care that is running, what is due first in front.",
        parameters=(CARE_TEAM, CARE_SERVICE),
        schema="CareList",
        answer=_read(care.listed),
    ),
    Route(
        path="/api/v1/handoffs",
        name="listHandoffs",
        summary="Handoffs, the latest shift change first.",
        parameters=(HANDOFF_SCHEDULE, LIMIT),
        schema="HandoffList",
        answer=_read(handoffs.listed),
    ),
    Route(
        path="/api/v1/digest",
        name="getDigest",
        summary="The weekly digest of all or of a team.",
        parameters=(DIGEST_TEAM, DIGEST_WEEK),
        schema="Digest",
        answer=_read(digest.shown),
    ),
    Route(
        path="/api/v1/metrics",
        name="getMetrics",
        summary="The figures of a half-open time, of all or of a team.",
        parameters=(METRICS_FROM, METRICS_TO, METRICS_TEAM),
        schema="Metrics",
        answer=_read(metrics.shown),
    ),
    Route(
        path="/api/v1/oncall",
        name="listOnCall",
        summary="Who is on call at a moment; at most one of schedule, service and team.",
        parameters=(ON_CALL_SCHEDULE, ON_CALL_SERVICE, ON_CALL_TEAM, AT),
        schema="ShiftList",
        answer=_read(oncall.on_call),
        may_miss=True,
    ),
    Route(
        path="/api/v1/problems",
        name="listProblems",
        summary="Problem records, the newest first.",
        parameters=(PROBLEM_STATE, LIMIT, AFTER),
        schema="ProblemPage",
        answer=_read(problems.listed),
    ),
    Route(
        path="/api/v1/reviews/{ref}",
        name="getReview",
        summary="The review that looks at an incident.",
        parameters=(REF,),
        schema="Review",
        answer=_read(reviews.one),
    ),
    Route(
        path="/api/v1/reviews/{ref}/markdown",
        name="getReviewMarkdown",
        summary="The review as Markdown.",
        parameters=(REF,),
        media="text/markdown",
        answer=reviews.exported("markdown", documents.markdown),
    ),
    Route(
        path="/api/v1/reviews/{ref}/html",
        name="getReviewHtml",
        summary="The review as one HTML file.",
        parameters=(REF,),
        media="text/html",
        answer=reviews.exported("html", documents.html),
    ),
    Route(
        path="/api/v1/reviews/{ref}/docx",
        name="getReviewWord",
        summary="The review as a Word file.",
        parameters=(REF,),
        media=reviews.MEDIA["docx"][0],
        answer=reviews.exported("docx", documents.docx),
    ),
    Route(
        path="/api/v1/schedules/{id}/shifts",
        name="listShifts",
        summary="The final shifts of a schedule in a window, cut to it, in order; together they cover it.",
        parameters=(SCHEDULE, FROM, TO),
        schema="ShiftList",
        answer=_read(oncall.shifts),
    ),
    Route(
        path="/api/v1/openapi.json",
        name="getOpenApi",
        summary="This document.",
        schema="OpenApi",
        answer=_document,
    ),
)


def add_api(
    app: web.Application,
    database: Database,
    tokens: Sequence[ApiToken],
    routes: Sequence[Route] = ROUTES,
    *,
    clock: Clock | None = None,
) -> None:
    """Serve the API from this application, whose middlewares must include the one of server.problems.

    `clock` tells the product's time where an answer depends on it; without one the machine's time counts.
    GET and HEAD are answered, POST where a route takes something, anything else is 405. Without `tokens` every request is refused with 401.
    """
    callers = Callers(tokens)
    for route in routes:
        add = app.router.add_post if route.takes else app.router.add_get
        add(route.path, _handler(route, database, callers, clock or SystemClock()))
    app.on_response_prepare.append(_never_stored)


def _handler(
    route: Route, database: Database, callers: Callers, clock: Clock
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        caller = callers.admit(request, route.role)
        if isinstance(caller, web.Response):
            return caller
        answered = await route.answer(database, await route.asked(request, clock, caller=caller.name))
        kept = {"Content-Disposition": f'attachment; filename="{answered.file_name}"'} if answered.file_name else None
        is_text = answered.media == JSON or answered.media.startswith("text/")
        return web.Response(
            body=answered.text,
            status=answered.status,
            content_type=answered.media,
            charset="utf-8" if is_text else None,
            headers=kept,
        )

    return handle


async def _never_stored(request: web.Request, response: web.StreamResponse) -> None:
    """Keep caches out of it, for errors too: what an incident looks like is old after a second."""
    if request.path.startswith(PREFIX):
        response.headers["Cache-Control"] = "no-store"
