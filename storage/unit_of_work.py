"""Everything one transaction can reach."""

from sqlalchemy import Connection

from storage.action import SqlActions
from storage.approval import SqlApprovals
from storage.calendar_link import SqlCalendarLinks
from storage.care import SqlCare
from storage.catalog import SqlCatalog
from storage.change import SqlChanges
from storage.conversation import SqlConversations
from storage.drill import SqlDrills
from storage.escalation import SqlEscalations
from storage.feed import SqlFeeds
from storage.handoff import SqlHandoffs
from storage.inbound import SqlInbound
from storage.incident import SqlIncidents
from storage.key_value import SqlKeyValue
from storage.lane_keeper import LaneContext, LaneKeeper
from storage.maintenance import SqlMaintenances
from storage.metrics import SqlMetrics
from storage.moment import SqlMoments
from storage.organisation import SqlOrganisations
from storage.outbox import SqlOutbox
from storage.page import SqlPages
from storage.person import SqlPeople
from storage.posted_card import SqlCards
from storage.problem import SqlProblems
from storage.review import SqlReviews
from storage.schedule import SqlSchedules
from storage.similar import SqlSimilar
from storage.swap import SqlSwaps
from storage.timeline import SqlTimeline
from storage.update import SqlUpdates
from storage.work import SqlWork
from usecases.outbox import Courier


class SqlStore:
    """Implements usecases.ports.Store. What has something to do before or after the commit is made when it is used."""

    def __init__(self, connection: Connection, lanes: LaneContext) -> None:
        self.connection = connection
        self.lane_context = lanes
        self.incidents = SqlIncidents(connection)
        self.timeline = SqlTimeline(connection)
        self.people = SqlPeople(connection)
        self.catalog = SqlCatalog(connection)
        self.cards = SqlCards(connection)
        self.conversations = SqlConversations(connection)
        self.inbound = SqlInbound(connection)
        self.key_value = SqlKeyValue(connection)
        self.organisations = SqlOrganisations(connection, self.key_value, lanes.known)
        self.schedules = SqlSchedules(connection)
        self.escalations = SqlEscalations(connection)
        self.pages = SqlPages(connection)
        self.drills = SqlDrills(connection)
        self.handoffs = SqlHandoffs(connection)
        self.swaps = SqlSwaps(connection)
        self.actions = SqlActions(connection)
        self.approvals = SqlApprovals(connection)
        self.care = SqlCare(connection)
        self.changes = SqlChanges(connection)
        self.maintenance = SqlMaintenances(connection)
        self.metrics = SqlMetrics(connection)
        self.moments = SqlMoments(connection)
        self.problems = SqlProblems(connection)
        self.reviews = SqlReviews(connection)
        self.similar = SqlSimilar(connection)
        self.updates = SqlUpdates(connection)
        self.calendar_links = SqlCalendarLinks(connection)
        self.feeds = SqlFeeds(connection)
        self.planned_work: SqlWork | None = None
        """What has to happen later, where this transaction has looked at it or planned some."""
        self._outbox: SqlOutbox | None = None
        self._lanes: LaneKeeper | None = None

    @property
    def outbox(self) -> SqlOutbox:
        """What leaves the bot."""
        if self._outbox is None:
            self._outbox = SqlOutbox(self.connection, self.lane_context)
        return self._outbox

    @property
    def work(self) -> SqlWork:
        """What has to happen later."""
        if self.planned_work is None:
            self.planned_work = SqlWork(self.connection, self.lane_context)
        return self.planned_work

    @property
    def lanes(self) -> LaneKeeper:
        """The lanes, for those who deliver."""
        if self._lanes is None:
            self._lanes = LaneKeeper(self.connection, self.lane_context)
        return self._lanes

    def complete(self) -> None:
        """Write what the work has only collected. The last thing before the commit."""
        if self._outbox is not None:
            self._outbox.flush()

    def announce(self, courier: Courier) -> None:
        """Tell who delivers what was committed."""
        if self._outbox is not None and self._outbox.handed:
            courier.hand_over(self._outbox.handed)
        waits = [part.wake_in_ms for part in (self._outbox, self._lanes) if part and part.wake_in_ms is not None]
        if waits:
            courier.wake(min(waits) / 1000)
