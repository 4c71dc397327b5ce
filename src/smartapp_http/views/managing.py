"""Manage Subscriptions: what is licensed, until when, at what price, and its invoices."""

import attrs

from smartapp_http.views.buying import WaitingOrder
from smartapp_http.views.chrome import Banner, Chip, Link
from smartapp_http.views.paging import Pager


@attrs.frozen(kw_only=True)
class RenewalChange:
    """A button: POST `url` with `module` and `renews` ("1" undoes the end, "0" sets it)."""

    url: str
    module: str
    renews: str
    text: str


@attrs.frozen(kw_only=True)
class LicenseLine:
    """
    One product of one project. `price` is "$295.00 a month" or "Included"; None hides it from the role.

    Attributes:
        chip: Its state, unless every product of the project has the same one: then the project says it once.
        note: "The payment provider is being told." while a change is on its way there.
        change: What can be done about its renewal: only modules, which take their add-ons along.

    """

    code: str
    label: str
    chip: Chip | None = None
    price: str | None = None
    since: str = ""
    until: str = ""
    note: str = ""
    change: RenewalChange | None = None


@attrs.frozen(kw_only=True)
class LicensedProject:
    """
    A project with at least one license, now or once; `url` shows it alone.

    Attributes:
        until: What the chip does not say: "Renews Dec 22, 2026", "Safety ends Mar 22, 2027", "Works until Feb 5, 2027".
        alike: Whether all its products are in one state, which the project then says for them.
        link: "Linked to Procore", or since when it is not connected.
        mark: "Not connected" beside the state of the license.

    """

    name: str
    url: str
    lines: tuple[LicenseLine, ...]
    chip: Chip
    number: str | None = None
    until: str = ""
    alike: bool = True
    link: str = ""
    mark: Chip | None = None


@attrs.frozen(kw_only=True)
class SubscriptionCard:
    """
    One subscription at the provider: title "Yearly subscription", rows such as ("Planner × 5", "$17,700.00").

    Attributes:
        note: "Renewed: 3 of 4 Planner. …" when less is renewed than is licensed.

    """

    title: str
    chip: Chip
    rows: tuple[tuple[str, str], ...]
    total: str
    renewal: str
    note: str = ""


@attrs.frozen(kw_only=True)
class InvoiceRow:
    """`page` opens the provider's hosted invoice, `pdf` downloads it; either may be missing."""

    number: str
    date: str
    period: str
    amount: str
    chip: Chip
    share: str = ""
    page: Link | None = None
    pdf: Link | None = None


@attrs.frozen
class HistoryLine:
    """What was ordered when, by whom: ("Oct 6, 2026", "3 projects licensed", "by Dana Whitfield, $1,780.00")."""

    date: str
    title: str
    detail: str = ""


@attrs.frozen(kw_only=True)
class ManageView:
    """
    `manage_subscription.html`, for the whole account or for one project.

    Attributes:
        project: Set when the page is about one project.
        renewal: What may be done about the renewal of all modules of the project at once.
        card: POST address of the provider's page for the stored card, when the role may change it.
        rename: POST address and new name, when the platform calls the project something else by now and the role may
            take that over.
        waiting: Orders that wait for their payment, on the page of the account.
        projects: Every licensed project of the page of `pager`, when it is not.
        invoices: None when the role may not see money; the page then says who may.
        cannot_change: Who may change a subscription, for a role that may not.
        poll_url: Where to look again while the provider is being told of a change, or None.

    """

    projects: tuple[LicensedProject, ...] = ()
    project: LicensedProject | None = None
    renewal: RenewalChange | None = None
    card: str | None = None
    rename: Link | None = None
    pager: Pager = attrs.field(factory=Pager)
    subscriptions: tuple[SubscriptionCard, ...] = ()
    invoices: tuple[InvoiceRow, ...] | None = ()
    history: tuple[HistoryLine, ...] = ()
    banners: tuple[Banner, ...] = ()
    waiting: tuple[WaitingOrder, ...] = ()
    hidden_money: str = ""
    cannot_change: str = ""
    poll_url: str | None = None
    map_url: str | None = None
