"""How fast may we send? Token buckets in one number each (GCRA), with the figures Teams documents.

A bucket of capacity c and interval T keeps one number, `tat`. It grants at a moment t if `tat <= t + T*(c-1)`, and then
sets `tat = max(tat, t) + T`. At most c + w/T grants fit into any window w, so a bucket keeps a limit L iff
c + w/T <= L. Sources of the limits: learn.microsoft.com "Optimize your bot: rate limiting" (per bot per thread 7 in 1 s,
8 in 2 s, 60 in 30 s, 1800 in 3600 s; per app per tenant 30 a second). They are "subject to change": configuration.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bucket:
    """Grants at most `capacity` at once and one more every `interval_ms`."""

    capacity: int
    interval_ms: int

    @property
    def slack_ms(self) -> int:
        """How far `tat` may lie ahead of a moment that is still granted."""
        return self.interval_ms * (self.capacity - 1)

    def ready_at(self, tat: int) -> int:
        """Tell the earliest moment that is granted."""
        return tat - self.slack_ms

    def after(self, tat: int, now: int) -> int:
        """Give `tat` after a grant at `now`."""
        return max(tat, now) + self.interval_ms

    def paused(self, tat: int, until: int) -> int:
        """Give a `tat` that grants nothing before `until`, and then one by one: others asked us to slow down."""
        return max(tat, until + self.slack_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """All limits and delays of delivery. The two lane buckets together keep Teams' four windows."""

    short: Bucket = Bucket(4, 540)
    hour: Bucket = Bucket(600, 3_000)
    tenant: Bucket = Bucket(8, 50)
    """At most 28 in a second: the rest of the 30 is for what the network pushes together on its way."""
    tenant_for_pages: int = 2
    """Of the tenant's bucket so many tokens wait for pages, and at most half of it: other messages leave them there."""
    lease_ms: int = 30_000
    """How long a lane stays with somebody who says nothing; longer than one send may take."""
    retry_ms: int = 2_000
    """Back-off of the first retry; doubles with every attempt."""
    retry_most_ms: int = 300_000
    page_retry_most_ms: int = 15_000
    """The same for pages; ours: somebody is to be woken soon after Teams is back."""
    give_up_attempts: int = 10
    """Ambiguous answers to one message before it is a dead letter; pages go by age."""
    page_give_up_ms: int = 3_600_000
    """Age at which a page with ambiguous answers is a dead letter; ours: by then an escalation has run its course."""
    give_up_ms: int = 86_400_000
    """Age at which a message that Teams keeps putting off is a dead letter."""

    def tenant_slack_ms(self, *, page: bool) -> int:
        """Tell how far the tenant's `tat` may lie ahead of a moment at which a message is granted."""
        kept = 0 if page else min(self.tenant_for_pages, self.tenant.capacity // 2)
        return self.tenant.slack_ms - kept * self.tenant.interval_ms

    @property
    def tenant_turn_ms(self) -> int:
        """How long a lane that found no token of its tenant's waits until it asks again, unless Teams asked for more."""
        return self.tenant.interval_ms * (1 + self.tenant_for_pages)

    def backoff_ms(self, attempts: int, dice: float, *, page: bool = False) -> int:
        """Say how long to wait after so many attempts; `dice` from 0 to 1 spreads it over 0.8 to 1.2."""
        most = self.page_retry_most_ms if page else self.retry_most_ms
        wait = min(self.retry_ms * 2 ** min(attempts - 1, 20), most)
        return int(wait * (0.8 + 0.4 * dice))
