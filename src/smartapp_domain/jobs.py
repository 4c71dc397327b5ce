"""Work that must happen after a commit: a row with a due time, attempts, a lease and a fencing number."""

import enum
from datetime import datetime, timedelta

import attrs

from smartapp_domain.ids import AccountId, JobId

#: How often a job is tried before it waits for a person; outages do not count.
MAX_ATTEMPTS = 8
#: How long a claim holds unless it is renewed: the pause after which a killed worker's job is taken over. An operator
#: may set another one.
LEASE = timedelta(seconds=60)


class JobKind(enum.Enum):
    """What a worker is asked to do; each kind is one use case with ids as arguments."""

    REFRESH_PROJECTS = "refresh_projects"
    CHECK_ORDER = "check_order"
    FULFILL_ORDER = "fulfill_order"
    END_UNPAID = "end_unpaid"
    COLLECT_AGAIN = "collect_again"
    HANDLE_BILLING_EVENT = "handle_billing_event"
    SYNC_SUBSCRIPTION = "sync_subscription"
    TELL_RENEWAL = "tell_renewal"
    CHECK_RENEWAL = "check_renewal"
    PULSE = "pulse"
    """Comes once a minute, and forgets old work that is done: that it comes shows that workers live."""
    REVIEW = "review"
    """Nothing a machine should decide: it waits in the operator's list with its reason."""


class JobState(enum.Enum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    """Attempts used up, or nothing a retry could mend: the operator's list."""


@attrs.frozen
class Job:
    """
    One unit of work.

    Attributes:
        subject: Id of what it is about (an order, an event, a subscription); "" when the account says it all.
        key: At most one waiting job per key; adding another one joins it.
        attempts: How often it was claimed. Only a claim counts, a lost hint does not; one handed back is not spent.
        fence: Rises with each claim; a holder whose number is old can change nothing.
        leased_until: While in the future, somebody works on it.
        problem: What the last attempt ended with, for the operator.
        troubled_since: During an outage, when the first attempt met it.

    """

    id: JobId
    kind: JobKind
    account_id: AccountId | None
    subject: str
    due_at: datetime
    created_at: datetime
    state: JobState = JobState.WAITING
    attempts: int = 0
    fence: int = 0
    leased_until: datetime | None = None
    problem: str | None = None
    troubled_since: datetime | None = None

    @property
    def key(self) -> str:
        return f"{self.kind.value}:{self.account_id or ''}:{self.subject}"


LONGEST_PAUSE = timedelta(minutes=15)


def back_off(attempts: int) -> timedelta:
    """Return how long to wait after this many failed attempts: 4 s doubling, a quarter of an hour at most."""
    return min(timedelta(seconds=2 * 2**attempts), LONGEST_PAUSE)


def patience(lasted: timedelta) -> timedelta:
    """Return how long to wait during an outage that has lasted so long: a quarter of it, from 2 s to 15 minutes."""
    return min(max(lasted / 4, timedelta(seconds=2)), LONGEST_PAUSE)
