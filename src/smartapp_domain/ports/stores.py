"""
The stores of work and purchases behind a door of `ports.storage`; those of people are in `ports.people`.

What they raise, and what `replacing` means wherever a `put` takes it, is said there.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from smartapp_domain.billing import BillingEvent, Subscription
from smartapp_domain.ids import (
    CheckoutId,
    EventId,
    JobId,
    MemberId,
    OrderId,
    PlatformProjectId,
    ProjectId,
    SubscriptionId,
)
from smartapp_domain.installation import ProjectListing
from smartapp_domain.jobs import LEASE, Job
from smartapp_domain.licensing import License
from smartapp_domain.mapping import DraftRow, MappingDraft, ProjectMapping
from smartapp_domain.ordering import Order
from smartapp_domain.project import PlatformProject, Project


class Inbox(Protocol):
    """Notices of the payment provider, each once. Scope: OPERATOR."""

    def add(self, event: BillingEvent, body: bytes, received_at: datetime) -> bool:
        """Store a notice; False when its id is known, then nothing changed."""
        ...

    def get(self, id: EventId) -> BillingEvent: ...

    def handled(self, id: EventId, at: datetime) -> None: ...

    def forget_handled(self, before: datetime) -> int:
        """Delete notices that were handled before this moment; return how many. What nobody handled stays."""
        ...


class PlatformProjectStore(Protocol):
    """The account's platform projects as last listed."""

    def get(self, id: PlatformProjectId) -> PlatformProject: ...

    def some(self, ids: Iterable[PlatformProjectId]) -> dict[PlatformProjectId, PlatformProject]:
        """Return those of the ids that are known."""
        ...

    def replace_all(self, projects: Iterable[PlatformProject]) -> None:
        """Store a complete listing; projects that are not in it lose their `apps` but stay known."""
        ...

    def note(self, projects: Iterable[PlatformProject]) -> None:
        """Remember projects a person can see: facts are stored or renewed, `apps` of known ones stay as they are."""
        ...

    def listing(self) -> ProjectListing:
        """Return how the last listing went; a fresh account has an empty one of version 0."""
        ...

    def put_listing(self, listing: ProjectListing, *, replacing: int) -> None: ...


class DraftStore(Protocol):
    """Ticks, one row per member and platform project, so writes of different rows never meet."""

    def get(self, member_id: MemberId) -> MappingDraft: ...

    def row(self, member_id: MemberId, project_id: PlatformProjectId) -> DraftRow | None: ...

    def put(self, member_id: MemberId, row: DraftRow) -> None: ...

    def drop(self, member_id: MemberId, project_id: PlatformProjectId) -> None: ...

    def drop_everywhere(self, project_ids: Iterable[PlatformProjectId]) -> None:
        """Remove these projects from every member's draft: they are licensed now."""
        ...


class ProjectStore(Protocol):
    def get(self, id: ProjectId) -> Project: ...

    def put(self, project: Project, *, replacing: int) -> None: ...

    def unlinked(self) -> tuple[Project, ...]:
        """Return projects without a live link, by name: those a platform project can be linked to."""
        ...


class MappingStore(Protocol):
    def of_platform_project(self, id: PlatformProjectId) -> ProjectMapping | None:
        """Return the one there is, unlinked or not: whoever links again must know what was before."""
        ...

    def of_project(self, id: ProjectId) -> ProjectMapping | None:
        """Return the live link, if there is one; what it was linked with once does not count."""
        ...

    def live(self) -> tuple[ProjectMapping, ...]:
        """Return all live links, by platform project."""
        ...

    def put(self, mapping: ProjectMapping, *, replacing: int) -> None:
        """
        Raise `Taken` when the platform project or the Smartapp project has a live link already, `Stale` if late.

        A live link is one in state linked or disconnected. An unlinked mapping makes room: a new one (`replacing=0`)
        takes its place.
        """
        ...


class OrderStore(Protocol):
    def get(self, id: OrderId) -> Order: ...

    def open(self) -> tuple[Order, ...]:
        """Return the account's open orders, oldest first."""
        ...

    def of_checkout(self, id: CheckoutId) -> Order | None: ...

    def of_project(self, id: PlatformProjectId) -> tuple[Order, ...]:
        """Return the fulfilled orders that hold this project, newest first."""
        ...

    def closed_extensions(self, id: SubscriptionId, since: datetime) -> tuple[Order, ...]:
        """Return the closed orders placed since then that would have added to a subscription, oldest first."""
        ...

    def put(self, order: Order, *, replacing: int) -> None:
        """
        Store over version `replacing` (0: new) and claim or release its project × products.

        Raises `Taken` when another open order holds one of them, or extends the same subscription, and `Stale` if late;
        nothing is written then.
        """
        ...


class LicenseStore(Protocol):
    def all(self) -> tuple[License, ...]:
        """By granting, then id."""
        ...

    def of_projects(self, ids: Iterable[ProjectId]) -> tuple[License, ...]: ...

    def of_subscription(self, id: SubscriptionId) -> tuple[License, ...]: ...

    def put(self, license: License, *, replacing: int) -> None:
        """
        Raise `Taken` when another license of this project × product is live in the same time, `Stale` if late.

        A license takes the time from `granted_at` to the earlier of `ends_at` and `ended_at`, or for ever; two of the
        same project × product may follow each other, never overlap.
        """
        ...


class SubscriptionStore(Protocol):
    def get(self, id: SubscriptionId) -> Subscription | None: ...

    def all(self) -> tuple[Subscription, ...]: ...

    def put(self, subscription: Subscription, *, replacing: Subscription | None) -> bool:
        """
        Store a snapshot in place of another (`None`: the first); False, writing nothing, when another one is stored.

        Whoever reads `replacing` *before* asking the provider never stores an older answer over a later one, whatever
        the clocks of machines say: what was stored since may have been given later.
        """
        ...


class JobStore(Protocol):
    """`add` and `hold` work in every scope and commit with the change they belong to; the rest is OPERATOR's."""

    def add(self, job: Job) -> JobId:
        """
        Store a job; when one with its key waits already, the wish joins that one, whose id is returned.

        A wish due at D is served by a run claimed after the wish was stored and not before D. So joining never loses
        one: the waiting job becomes due at the earlier time, and when it is finished while a wish is not served yet
        (stored while it ran, or due later), it waits again, with fresh attempts. No wish stored while it ran cuts short
        the pause it ends with: it becomes due at the later time then.

        Raises `Taken` when there is a job with this id. One that is done, because a person has dealt with it, is no
        obstacle to a failed one: that takes its place.
        """
        ...

    def get(self, id: JobId) -> Job: ...

    def claim(self, id: JobId, *, at: datetime, lease: timedelta = LEASE) -> Job | None:
        """Take the job if it waits, is due and nobody holds it: attempts and fence rise by one. Else None."""
        ...

    def renew(self, job: Job, *, at: datetime, lease: timedelta = LEASE) -> bool:
        """Lend a claimed job to its holder for a whole lease from `at`; False when its fence is old or it is over."""
        ...

    def hold(self, job: Job) -> None:
        """
        Make the transaction depend on this claim; works in every scope.

        Until the transaction ends nobody else can claim the job, so what it stores was stored by the job's holder.
        Raises `LeaseLost` when the fence is old or the job is over: nothing of the transaction may be stored then.
        """
        ...

    def finish(self, job: Job) -> bool:
        """
        Store the outcome of a claimed job and end its lease; False, writing nothing, when its fence is old.

        A job stored as done or failed waits again when a wish joined it that this run does not serve (see `add`).
        """
        ...

    def due(self, at: datetime, limit: int) -> tuple[JobId, ...]:
        """Return waiting jobs that are due and not held, most overdue first."""
        ...

    def failed(self, subject: str | None = None) -> tuple[Job, ...]:
        """Return the operator's list, or those of one subject, newest first (by creation, then id)."""
        ...

    def retry(self, id: JobId, *, at: datetime) -> None:
        """
        Make a failed job wait again, due now, with fresh attempts.

        Raises `Stale` when it has not failed, `Taken` when another one with its key waits already.
        """
        ...

    def forget_done(self, before: datetime) -> int:
        """Delete jobs that are done and were created before this moment; return how many."""
        ...

    def resolve(self, id: JobId) -> None:
        """Store a failed job as done, because a person has dealt with it; raise `Stale` when it has not failed."""
        ...
