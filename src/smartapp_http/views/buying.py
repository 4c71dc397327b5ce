"""Review, payment and what follows it."""

import enum

import attrs

from smartapp_http.views.chrome import Banner, Link


@attrs.frozen
class AddOnLine:
    """`amount` is money, "Included" or "Ask us"."""

    label: str
    projects: int
    amount: str


@attrs.frozen(kw_only=True)
class ModuleGroup:
    """
    One module of the review.

    Attributes:
        code: "planner" or "safety": decides color and icon.
        unit: "$295.00 per project and month", always said, so that both intervals can be compared.
        formula: "5 projects × $295.00 × 12 months".
        amount: "$17,700.00 a year".
        project_names: In the order of the Projects page.

    """

    code: str
    label: str
    projects: int
    unit: str
    formula: str
    amount: str
    project_names: tuple[str, ...]
    add_ons: tuple[AddOnLine, ...] = ()


@attrs.frozen
class SumLine:
    """A line of the order summary: ("Planner × 5", "$17,700.00")."""

    label: str
    amount: str


@attrs.frozen(kw_only=True)
class Addition:
    """
    An order that adds to a subscription there is.

    Attributes:
        renewal_total: "$2,655.00 a month", for everything the subscription holds then; "" for a role that may not know.
        card: "Visa ending in 4242", or "the stored card" for such a role.
        prorated_at: Unix seconds; comes back with Checkout.

    """

    renewal_total: str
    card: str
    prorated_at: int


@attrs.frozen(kw_only=True)
class WaitingOrder:
    """
    An order that nobody has paid: `partials/waiting_order.html`.

    Attributes:
        title: "Ed's order waits for its payment", "Your order …".
        amount: What paying it costs now: "$294.97".
        pay: Where it can be paid; None while it has no such page.
        give_up: The order's id.

    """

    title: str
    amount: str
    projects: tuple[str, ...]
    pay: Link | None
    give_up: str


@attrs.frozen(kw_only=True)
class SubscriptionsView:
    """
    `subscriptions.html`.

    Attributes:
        lead: "6 projects. You pay once for all of them, …".
        yearly: Which radio is on.
        total_label: "Due today"; "Price a year" while nothing can be bought.
        total: "$39,120.00", money in US format.
        renewal: What happens next: "Renews October 6, 2027 at the same price unless you change it."
        fingerprint: Hash of exactly what is offered; comes back with Checkout.
        cannot_buy: Why this role cannot pay and who can, or None. Checkout is then refused politely.
        pay_host: Who asks for the card: "Stripe".
        addition: Set when the order adds to a subscription: it is charged to a stored card at once.
        blocked: It cannot be paid at this moment; the banner says why.
        waiting: Orders of something else than is offered, which are in the way of it when `held`.
        banner: "Nothing was charged" after a canceled payment, a changed price, …

    """

    lead: str
    yearly: bool
    groups: tuple[ModuleGroup, ...]
    lines: tuple[SumLine, ...]
    total_label: str
    total: str
    renewal: str
    fingerprint: str
    back_url: str
    cannot_buy: str | None = None
    pay_host: str = "Stripe"
    banner: Banner | None = None
    addition: Addition | None = None
    blocked: bool = False
    waiting: tuple[WaitingOrder, ...] = ()
    held: bool = False

    @property
    def interval(self) -> str:
        return "year" if self.yearly else "month"


class StepState(enum.Enum):
    DONE = "ok"
    NOW = "now"
    TODO = "todo"
    FAILED = "bad"


@attrs.frozen
class PaymentStep:
    title: str
    state: StepState
    detail: str = ""


@attrs.frozen
class ProjectProgress:
    name: str
    ready: bool


class PaymentState(enum.Enum):
    """
    What the return page says.

    WAITING: back from the pay page, nothing confirmed yet. PROCESSING: the bank takes its time (direct debit).
    CARD: the stored card was declined or wants confirming: there is an invoice to pay by hand.
    RECEIVED: paid, projects are being set up. DONE: all set up. ATTENTION: paid, set-up needs a person.
    FAILED: the provider says the payment did not work; nothing was charged or created.
    """

    WAITING = "waiting"
    PROCESSING = "processing"
    CARD = "card"
    RECEIVED = "received"
    DONE = "done"
    ATTENTION = "attention"
    FAILED = "failed"


@attrs.frozen(kw_only=True)
class PaymentView:
    """
    `payment_progress.html` and its polled fragment `partials/payment.html`.

    Attributes:
        title: The state as a sentence: "Payment received. Setting up your projects".
        done, total: Projects that are ready, out of those bought.
        poll_url: Answers the fragment, or `HX-Redirect` to Project Central when done. None stops polling.
        receipt: Link to the invoice, when there is one.
        action: The one thing to do now: "Try another card", "Open Project Central".
        give_up: The order whose payment can be given up here, or "".
        request_id: Quoted to support when something needs attention.

    """

    state: PaymentState
    title: str
    lead: str
    done: int
    total: int
    steps: tuple[PaymentStep, ...]
    projects: tuple[ProjectProgress, ...] = ()
    poll_url: str | None = None
    receipt: Link | None = None
    action: Link | None = None
    give_up: str = ""
    request_id: str = ""


@attrs.frozen(kw_only=True)
class CanceledView:
    """`payment_canceled.html`: left the pay page, or the card was declined for good. The draft is kept."""

    title: str
    text: str
    selection: str
    retry: Link
    change: Link
