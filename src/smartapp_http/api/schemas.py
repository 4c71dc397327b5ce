"""What the JSON API says and understands. Ids are opaque strings, money is whole US cents, times are UTC."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar.params import PathParameter, QueryParameter
from msgspec import Meta

from smartapp_domain.audit import DeedKind
from smartapp_domain.billing import InvoiceStatus
from smartapp_domain.catalog import Interval
from smartapp_domain.identity import Environment, Role, Via
from smartapp_domain.invitations import EMAIL_LIMIT
from smartapp_domain.licensing import LicenseState
from smartapp_domain.mapping import MappingState
from smartapp_domain.ordering import OrderState
from smartapp_domain.pasted_lines import MOST_BYTES
from smartapp_domain.pasting import Fate
from smartapp_domain.project import NAME_LIMIT

ProductCode = Literal["planner", "safety", "planner_board", "safety_badge"]
LinkState = Literal["linked", "disconnected"]
#: No text holds the character NUL: databases refuse it.
Id = Annotated[str, Meta(min_length=1, max_length=200, pattern="^[^\\x00]*$")]
IdInPath = Annotated[str, PathParameter(min_length=1, max_length=200, pattern="^[^\\x00]*$")]
IdInQuery = Annotated[str | None, QueryParameter(min_length=1, max_length=200, pattern="^[^\\x00]*$")]
#: At least one character that shows, whoever reads the pattern: engines differ in what they call white space. None that
#: turns the direction of text.
NAME_PATTERN = (
    "^[^\\x00\\u202a-\\u202e\\u2066-\\u2069]*"
    "[^\\s\\x00-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069\\ufeff]"
    "[^\\x00\\u202a-\\u202e\\u2066-\\u2069]*$"
)
#: One @ between something and a domain with a dot, without blanks; the platform knows whether it is an address.
EMAIL_PATTERN = "^[!-?A-~]+@[!-,\\-/-?A-~]+([.][!-,\\-/-?A-~]+)+$"
NextCursor = Annotated[str | None, Meta(description="Send it as `cursor` to go on; null at the end of the list.")]
ModuleCode = Literal["planner", "safety"]
UnixSeconds = Annotated[int, Meta(ge=0, le=9_999_999_999, description="Whole seconds since 1970, UTC.")]
Cents = Annotated[int, Meta(description="Whole US cents.")]


class AccountOut(msgspec.Struct):
    """
    An account the person belongs to; `current` is the one this session works in.

    `role` is what counts for this request: the member's, or that of the access token when it is weaker.
    """

    id: str
    name: str
    platform: str
    environment: Environment
    role: Role
    current: bool


class MeOut(msgspec.Struct):
    """
    Who is signed in. `account` and `rights` are empty until a company is chosen.

    `token` names the access token in use; `rights` are then those of the weaker of its role and the member's.
    """

    name: str
    email: str
    account: AccountOut | None
    rights: list[str]
    token: str | None


class AccountsOut(msgspec.Struct):
    accounts: list[AccountOut]


Version = Annotated[
    Annotated[int, Meta(ge=1, le=1_000_000_000)] | None,
    Meta(description="The one that was seen; a later one is answered with 409. Null: any."),
]


class MemberOut(msgspec.Struct):
    """A member. `last_seen_at` is real time, to some minutes."""

    id: str
    name: str
    email: str
    role: Role
    joined_at: datetime
    last_seen_at: datetime | None
    version: int


class MembersOut(msgspec.Struct):
    members: list[MemberOut]


class RoleIn(msgspec.Struct, forbid_unknown_fields=True):
    role: Role
    version: Version = None


class InvitationOut(msgspec.Struct):
    """A pending invitation. `works` is false once it expired, or whoever sent it may not give the role any more."""

    id: str
    email: str
    role: Role
    invited_by: str
    expires_at: datetime
    works: bool
    version: int


class InvitationsOut(msgspec.Struct):
    invitations: list[InvitationOut]


class InvitationIn(msgspec.Struct, forbid_unknown_fields=True):
    """`email` is the one the person signs in to the platform with; letter case does not count."""

    email: Annotated[str, Meta(max_length=EMAIL_LIMIT, pattern=EMAIL_PATTERN, extra_json_schema={"format": "email"})]
    role: Role


class InvitedOut(msgspec.Struct):
    """An invitation with its link, which no other answer ever has."""

    invitation: InvitationOut
    link: str


class EntryOut(msgspec.Struct):
    """One line of the audit trail. `member` and `token` are null where nobody, or no token, was involved."""

    id: str
    at: datetime
    deed: str
    kind: DeedKind
    via: Via
    member: str | None
    name: str
    token: str | None
    subject: str
    subject_id: str
    details: dict[str, str]


class ActivityOut(msgspec.Struct):
    """Part of the trail, newest first."""

    entries: list[EntryOut]
    next_cursor: NextCursor


class LicenseOut(msgspec.Struct):
    """A license of one product; `covered_until` is exclusive."""

    product: ProductCode
    state: LicenseState
    covered_until: datetime | None
    ends_at: datetime | None


class ProjectRow(msgspec.Struct):
    """A platform project with what is ticked and what is licensed."""

    id: str
    name: str
    number: str | None
    city: str | None
    state: MappingState
    ticked: bool
    products: list[ProductCode]
    target: Annotated[str | None, Meta(description="Smartapp project it is or will be linked with; null: a new one.")]
    locked: bool
    licenses: list[LicenseOut]


class ProjectsOut(msgspec.Struct):
    """Part of the list."""

    projects: list[ProjectRow]
    next_cursor: NextCursor
    total: Annotated[int, Meta(description="Projects in the whole list.")]
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


class TickIn(msgspec.Struct, forbid_unknown_fields=True):
    """One box: on or off. Without `product` it is the project's own box."""

    project: Id
    on: bool
    product: ProductCode | None = None


class TicksIn(msgspec.Struct, forbid_unknown_fields=True):
    """Applied together: all of them, or none."""

    ticks: Annotated[list[TickIn], Meta(min_length=1, max_length=500)]


class TicksOut(msgspec.Struct):
    rows: list[ProjectRow]
    summary: SummaryOut


class PasteIn(msgspec.Struct, forbid_unknown_fields=True):
    """A pasted list: `products` where a line does not say, `choices` by line number where one may mean several."""

    text: Annotated[str, Meta(max_length=MOST_BYTES, pattern="^[^\\x00]*$")]
    products: Annotated[list[ProductCode], Meta(max_length=4)] = []
    choices: dict[Annotated[str, Meta(pattern="^[0-9]{1,5}$")], Id] = {}


class PastedProject(msgspec.Struct):
    id: str
    name: str
    number: str | None


class PastedLine(msgspec.Struct):
    """What became of a line; of an ambiguous one `projects` are those to choose from."""

    line: int
    text: str
    fate: Fate
    projects: list[PastedProject]
    products: list[ProductCode]
    same_as: int | None


class PasteOut(msgspec.Struct):
    """Every line that is not blank, once. `ticked` counts projects; `summary` is null for a preview."""

    lines: list[PastedLine]
    ticked: int
    summary: SummaryOut | None


class TargetIn(msgspec.Struct, forbid_unknown_fields=True):
    """Null: buying creates a new Smartapp project."""

    smartapp_project: Id | None


class LineOut(msgspec.Struct):
    product: ProductCode
    quantity: int
    unit_cents: Cents
    amount_cents: Cents


class QuoteOut(msgspec.Struct):
    """What the ticked projects cost for whole periods."""

    interval: Interval
    lines: list[LineOut]
    left_out: Annotated[dict[str, int], Meta(description="Add-ons not sold this way, with their number of projects.")]
    total_cents: Cents
    currency: str


class RowProblemOut(msgspec.Struct):
    """
    Why a ticked project, or nothing at this moment, cannot be bought.

    `order` is the one in the way, which can be given up; null for roles that do not see money.
    """

    reason: str
    message: str
    project: str | None = None
    order: str | None = None


class ReviewOut(msgspec.Struct):
    """What would be ordered now. With `problems`, nothing can be bought until they are settled."""

    projects: list[ProjectRow]
    summary: SummaryOut
    problems: list[RowProblemOut]
    warnings: list[str]
    quotes: list[QuoteOut]


class ExtensionOut(msgspec.Struct):
    """
    How the order adds to a subscription there is: `due_cents` is charged to `card` at once.

    `subscription`, `renewal_cents` and `card` are null for roles that do not see money.
    """

    subscription: str | None
    due_cents: Cents
    renewal_cents: Annotated[int | None, Meta(description="What each renewal costs afterwards, in whole US cents.")]
    renews_at: datetime
    card: str | None
    prorated_at: UnixSeconds


class OfferOut(msgspec.Struct):
    """What can be bought now; send `fingerprint` back to buy exactly this, with `prorated_at` of an extension."""

    quote: QuoteOut
    fingerprint: str
    extension: ExtensionOut | None
    problems: list[RowProblemOut]


class CheckoutIn(msgspec.Struct, forbid_unknown_fields=True):
    interval: Interval
    fingerprint: Annotated[str, Meta(min_length=1, max_length=128, pattern="^[^\\x00]*$")]
    prorated_at: UnixSeconds | None = None


class RenewalIn(msgspec.Struct, forbid_unknown_fields=True):
    """`modules` null means all the project holds; a module takes its add-ons along."""

    renews: bool
    modules: Annotated[list[ModuleCode], Meta(min_length=1, max_length=2)] | None = None


class OrderItemOut(msgspec.Struct):
    project: str
    name: str
    products: list[ProductCode]


class OrderOut(msgspec.Struct):
    """An order. Licenses exist when `state` is fulfilled, not earlier."""

    id: str
    state: OrderState
    interval: Interval
    total_cents: Cents
    created_at: datetime
    items: list[OrderItemOut]
    closed_because: str | None
    due_cents: Annotated[int, Meta(description="What is charged today, in whole US cents.")]
    extends: Annotated[str | None, Meta(description="The subscription it adds to, or null when it begins one.")]


class CheckoutOut(msgspec.Struct):
    """Unless the order is paid already, send the customer's browser to `pay_url`."""

    order: OrderOut
    pay_url: str
    expires_at: datetime


class CentralProject(msgspec.Struct):
    """A Smartapp project."""

    id: str
    name: str
    number: str | None
    platform_project: str | None
    link: Annotated[
        LinkState | None,
        Meta(description="disconnected: no app of ours may use the platform's project; licenses stay as they are."),
    ]
    disconnected_at: datetime | None
    licenses: list[LicenseOut]


class CentralOut(msgspec.Struct):
    """Part of the list."""

    projects: list[CentralProject]
    next_cursor: NextCursor
    total: Annotated[int, Meta(description="Projects in the whole list.")]


class NewProjectIn(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[
        str, Meta(min_length=1, max_length=NAME_LIMIT, pattern=NAME_PATTERN, description="Blanks are evened out.")
    ]


class InvoiceOut(msgspec.Struct):
    """An invoice with a line for this project's products."""

    id: str
    number: str | None
    status: InvoiceStatus
    total_cents: Cents
    created_at: datetime
    hosted_url: str | None


class BillingOut(msgspec.Struct):
    """
    What Manage Subscriptions knows about a project.

    Prices, invoices and orders are null for roles that do not see money.
    """

    project: CentralProject
    unit_cents: dict[str, int] | None
    invoices: list[InvoiceOut] | None
    orders: list[str] | None
