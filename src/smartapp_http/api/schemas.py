"""What the JSON API says and understands. Ids are opaque strings, money is whole US cents, times are UTC."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

ProductCode = Literal["planner", "safety", "planner_board", "safety_badge"]
IntervalCode = Literal["year", "month"]
#: No text holds the character NUL: databases refuse it.
Id = Annotated[str, Meta(min_length=1, max_length=200, pattern="^[^\\x00]*$")]
Cents = Annotated[int, Meta(description="Whole US cents.")]


class AccountOut(msgspec.Struct):
    """An account the person belongs to; `current` is the one this session works in."""

    id: str
    name: str
    platform: str
    environment: str
    role: str
    current: bool


class MeOut(msgspec.Struct):
    """Who is signed in. `account` and `rights` are empty until a company is chosen."""

    name: str
    email: str
    account: AccountOut | None
    rights: list[str]


class AccountsOut(msgspec.Struct):
    accounts: list[AccountOut]


class LicenseOut(msgspec.Struct):
    """A license of one product; `covered_until` is exclusive."""

    product: ProductCode
    state: Annotated[str, Meta(description="pending, active, grace, suspended, ending or ended")]
    covered_until: datetime | None
    ends_at: datetime | None


class ProjectRow(msgspec.Struct):
    """A platform project with what is ticked and what is licensed."""

    id: str
    name: str
    number: str | None
    city: str | None
    state: Annotated[str, Meta(description="available, selected, ordered, linked, disconnected or unlinked")]
    ticked: bool
    products: list[ProductCode]
    target: Annotated[str | None, Meta(description="Smartapp project it is or will be linked with; null: a new one.")]
    locked: bool
    licenses: list[LicenseOut]


class ProjectsOut(msgspec.Struct):
    """One page of the list; `page` is clamped to the pages there are."""

    projects: list[ProjectRow]
    page: int
    pages: int
    total: int
    counts: Annotated[dict[str, int], Meta(description="Projects per filter, for the search in force.")]
    refreshed_at: Annotated[datetime | None, Meta(description="When the list was read from the platform.")]
    problem: str | None


class RefreshOut(msgspec.Struct):
    """A fresh list is asked for; requests while one is under way join it."""

    requested_at: datetime | None


class SummaryOut(msgspec.Struct):
    """Counts over new ticks only."""

    projects: int
    counts: dict[str, int]


class TickIn(msgspec.Struct):
    """One box: on or off. Without `product` it is the project's own box."""

    project: Id
    on: bool
    product: ProductCode | None = None


class TicksIn(msgspec.Struct):
    """Applied together: all of them, or none."""

    ticks: Annotated[list[TickIn], Meta(min_length=1, max_length=500)]


class TicksOut(msgspec.Struct):
    rows: list[ProjectRow]
    summary: SummaryOut


class TargetIn(msgspec.Struct):
    """Null: buying creates a new Smartapp project."""

    smartapp_project: Id | None


class LineOut(msgspec.Struct):
    product: ProductCode
    quantity: int
    unit_cents: Cents
    amount_cents: Cents


class QuoteOut(msgspec.Struct):
    """What is offered; send `fingerprint` back to buy exactly this."""

    interval: IntervalCode
    lines: list[LineOut]
    left_out: Annotated[dict[str, int], Meta(description="Add-ons not sold this way, with their number of projects.")]
    total_cents: Cents
    currency: str
    fingerprint: str


class RowProblemOut(msgspec.Struct):
    """Why a ticked project cannot be bought."""

    reason: str
    message: str
    project: str | None


class ReviewOut(msgspec.Struct):
    """What would be ordered now. With `problems`, nothing can be bought until they are settled."""

    projects: list[ProjectRow]
    summary: SummaryOut
    problems: list[RowProblemOut]
    warnings: list[str]
    quotes: list[QuoteOut]


class CheckoutIn(msgspec.Struct):
    interval: IntervalCode
    fingerprint: Annotated[str, Meta(min_length=1, max_length=128, pattern="^[^\\x00]*$")]


class OrderItemOut(msgspec.Struct):
    project: str
    name: str
    products: list[ProductCode]


class OrderOut(msgspec.Struct):
    """An order. Licenses exist when `state` is fulfilled, not earlier."""

    id: str
    state: Annotated[str, Meta(description="open, awaiting_payment, processing, paid, fulfilled or closed")]
    interval: IntervalCode
    total_cents: Cents
    created_at: datetime
    items: list[OrderItemOut]
    closed_because: str | None


class CheckoutOut(msgspec.Struct):
    """Send the customer's browser to `pay_url`."""

    order: OrderOut
    pay_url: str
    expires_at: datetime


class CentralProject(msgspec.Struct):
    """A Smartapp project."""

    id: str
    name: str
    number: str | None
    platform_project: str | None
    licenses: list[LicenseOut]


class CentralOut(msgspec.Struct):
    projects: list[CentralProject]
    page: int
    pages: int
    total: int


class NewProjectIn(msgspec.Struct):
    name: Annotated[
        str, Meta(max_length=1000, pattern="^[^\\x00]*$", description="At most 200 characters, blanks evened out.")
    ]


class InvoiceOut(msgspec.Struct):
    """An invoice with a line for this project's products."""

    id: str
    number: str | None
    status: str
    total_cents: Cents
    created_at: datetime
    hosted_url: str | None


class BillingOut(msgspec.Struct):
    """What Manage Subscriptions knows about a project. Prices and invoices are null for roles that do not see money."""

    project: CentralProject
    unit_cents: dict[str, int] | None
    invoices: list[InvoiceOut] | None
    orders: list[str]
