"""Manage Subscriptions: what is licensed, until when, at what price, and its invoices."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

import attrs

from smartapp_domain.billing import Invoice, InvoiceStatus, Subscription, SubscriptionItem, SubscriptionStatus
from smartapp_domain.catalog import PRODUCTS, Interval, Module, Product
from smartapp_domain.identity import Actor, Right, holding
from smartapp_domain.ids import InvoiceId, SubscriptionId
from smartapp_domain.licensing import License
from smartapp_domain.money import usd
from smartapp_domain.ordering import Order
from smartapp_domain.ports.views import ProjectBilling, Tile
from smartapp_http import links
from smartapp_http.present import words
from smartapp_http.present.connection import Connection, link_mark, link_words
from smartapp_http.views import (
    Chip,
    HistoryLine,
    InvoiceRow,
    LicensedProject,
    LicenseLine,
    Link,
    RenewalChange,
    SubscriptionCard,
    Tone,
    counted,
    in_words,
)

_INVOICE_CHIPS: Mapping[InvoiceStatus, Chip] = MappingProxyType(
    {
        InvoiceStatus.DRAFT: Chip("Being prepared", Tone.MUTED, "clock"),
        InvoiceStatus.OPEN: Chip("Due", Tone.INFO, "clock"),
        InvoiceStatus.PAID: Chip("Paid", Tone.OK, "circle-check"),
        InvoiceStatus.UNCOLLECTIBLE: Chip("Written off", Tone.BAD, "circle-x"),
        InvoiceStatus.VOID: Chip("Canceled", Tone.MUTED, "x"),
    }
)
_SET_ASIDE = Chip("Waits for an older one", Tone.MUTED, "pause")
_FAILED_INVOICE = Chip("Payment failed", Tone.WARN, "triangle-alert")

_T = SubscriptionStatus
_SUBSCRIPTION_CHIPS: Mapping[SubscriptionStatus, Chip] = MappingProxyType(
    {
        _T.ACTIVE: Chip("Active", Tone.OK, "circle-check"),
        _T.TRIALING: Chip("Active", Tone.OK, "circle-check"),
        _T.PAST_DUE: Chip("Payment failed", Tone.WARN, "triangle-alert"),
        _T.UNPAID: Chip("Payment Pending", Tone.BAD, "pause"),
        _T.PAUSED: Chip("Paused", Tone.WARN, "pause"),
        _T.INCOMPLETE: Chip("Awaiting payment", Tone.INFO, "clock"),
        _T.INCOMPLETE_EXPIRED: Chip("Never started", Tone.MUTED, "x"),
        _T.CANCELED: Chip("Ended", Tone.MUTED, "x"),
        _T.UNKNOWN: Chip("Being checked", Tone.INFO, "clock"),
    }
)
_OWING = frozenset({_T.PAST_DUE, _T.UNPAID})
_RENEWING = frozenset({_T.ACTIVE, _T.TRIALING}) | _OWING


def hidden_money(actor: Actor) -> str:
    """Return who may see prices and invoices, for a role that may not; "" for one that may."""
    if actor.may(Right.VIEW_BILLING):
        return ""
    able = in_words([role.label for role in holding(Right.VIEW_BILLING)])
    return f"Your role, {actor.role.label}, does not see prices and invoices. {able} do."


def cannot_change(actor: Actor) -> str:
    """Return who may stop a renewal, for a role that may not; "" for one that may."""
    if actor.may(Right.BUY):
        return ""
    able = in_words([role.label for role in holding(Right.BUY)])
    return f"Your role, {actor.role.label}, may not change subscriptions. {able} may."


def licensed_project(
    tile: Tile,
    *,
    at: datetime,
    connection: Connection,
    platform: str,
    prices: Mapping[Product, int] | None = None,
    intervals: Mapping[SubscriptionId, Interval] | None = None,
    may_change: bool = False,
) -> LicensedProject:
    """Return a project with its licenses; `prices` (per interval of its subscription) None hides them."""
    live = [license for license in tile.licenses if license.is_live(at)]
    shown = live or list(tile.licenses)
    chip = words.license_chip(shown, at)
    alike = all(words.license_chip([each], at) == chip for each in shown)
    return LicensedProject(
        name=tile.project.name,
        url=links.project_subscription(tile.project.id),
        lines=tuple(
            _line(each, at, prices, intervals or {}, may_change=may_change, alike=alike)
            for each in words.in_catalog_order(shown)
        ),
        chip=chip,
        number=tile.project.number,
        until=words.until(shown, at),
        alike=alike,
        link=link_words(tile.link, connection, platform),
        mark=link_mark(tile.link, connection),
    )


def _line(
    license: License,
    at: datetime,
    prices: Mapping[Product, int] | None,
    intervals: Mapping[SubscriptionId, Interval],
    *,
    may_change: bool,
    alike: bool,
) -> LicenseLine:
    product = license.product
    interval = intervals.get(license.subscription_id, Interval.MONTH)
    cents = prices.get(product) if prices is not None else None
    return LicenseLine(
        code=product.value,
        label=product.label,
        chip=None if alike else words.license_chip([license], at),
        price=words.price(cents, words.per_interval(interval)) if cents is not None else None,
        since=words.day(license.granted_at),
        until="" if alike else words.until([license], at),
        note="The payment provider is being told." if being_told([license], at) else "",
        change=_change(license, at) if may_change else None,
    )


def _change(license: License, at: datetime) -> RenewalChange | None:
    """Return the button of a module that is live: to end it with its period, or to take that back."""
    if not isinstance(license.product, Module) or not license.is_live(at):
        return None
    return _button(license.project_id, license.product.value, ends=license.ends_at is not None)


def _button(project_id: str, module: str, *, ends: bool) -> RenewalChange:
    return RenewalChange(
        url=links.renewal(project_id),
        module=module,
        renews="1" if ends else "0",
        text="Undo, renew it" if ends else "Stop renewal",
    )


def whole_renewal(tile: Tile, at: datetime) -> RenewalChange | None:
    """Return the button for all modules of a project at once; one module alone has its own."""
    modules = [each for each in tile.licenses if isinstance(each.product, Module) and each.is_live(at)]
    if len(modules) <= 1:
        return None
    ends = all(each.ends_at is not None for each in modules)
    return attrs.evolve(
        _button(tile.project.id, "", ends=ends), text="Undo, renew everything" if ends else "Stop renewal of everything"
    )


def being_told(licenses: Iterable[License], at: datetime) -> bool:
    """Tell whether a change is on its way to the provider: what a page says about it will be different in a moment."""
    return any(not license.change_sent and license.is_live(at) for license in licenses)


def project_page(
    billing: ProjectBilling,
    *,
    at: datetime,
    actor: Actor,
    connection: Connection,
    platform: str,
    intervals: Mapping[SubscriptionId, Interval],
) -> LicensedProject:
    prices = billing.unit_cents if actor.may(Right.VIEW_BILLING) else None
    return licensed_project(
        billing.tile,
        at=at,
        connection=connection,
        platform=platform,
        prices=prices,
        intervals=intervals,
        may_change=actor.may(Right.BUY),
    )


def subscription_card(subscription: Subscription, held: Iterable[License], at: datetime) -> SubscriptionCard:
    """Return what is renewed; `held` are its licenses, of which some may end instead."""
    items = sorted((i for i in subscription.items if i.quantity), key=lambda item: PRODUCTS.index(item.product))
    total = sum(item.quantity * item.unit_cents for item in items)
    return SubscriptionCard(
        title=f"{subscription.interval.label} subscription",
        chip=_SUBSCRIPTION_CHIPS[subscription.status],
        rows=tuple((f"{i.product.label} × {i.quantity:,}", _amount(i)) for i in items),
        total=f"{usd(total)} {words.per_interval(subscription.interval)}",
        renewal=_renewal(subscription, items),
        note=_fewer(subscription, [license for license in held if license.is_live(at)]),
    )


def _fewer(subscription: Subscription, held: Sequence[License]) -> str:
    """Say why less is renewed than is licensed now: somebody has stopped the others."""
    if not subscription.is_live or subscription.cancel_at is not None:
        return ""
    numbers = {each: sum(license.product is each for license in held) for each in PRODUCTS}
    fewer = [
        f"{subscription.quantity(each)} of {number} {each.label}"
        for each, number in numbers.items()
        if subscription.quantity(each) < number
    ]
    return f"Renewed: {in_words(fewer)}. The others end with their period." if fewer else ""


def _amount(item: SubscriptionItem) -> str:
    return usd(item.quantity * item.unit_cents) if item.unit_cents else words.INCLUDED


def _renewal(subscription: Subscription, items: Sequence[SubscriptionItem]) -> str:
    if subscription.ended_at is not None:
        return f"Ended {words.day(subscription.ended_at)}."
    if subscription.cancel_at is not None:
        return f"Ends {words.day(subscription.cancel_at)} and is not renewed."
    ends = [item.period_end for item in items]
    if not ends or subscription.status not in _RENEWING:
        return ""
    renews = f"{words.day(min(ends))} at the same price unless you change it."
    if subscription.status in _OWING:
        return f"An invoice of it is not paid. Once it is, it renews {renews}"
    return f"Renews {renews}"


def invoice_rows(invoices: Iterable[Invoice], shares: Mapping[InvoiceId, int] | None = None) -> tuple[InvoiceRow, ...]:
    """Return them newest first; `shares` are one project's parts, said where they are not the whole."""
    newest = sorted(invoices, key=lambda invoice: (invoice.created_at, invoice.id), reverse=True)
    return tuple(_invoice_row(invoice, (shares or {}).get(invoice.id, invoice.total_cents)) for invoice in newest)


def _invoice_row(invoice: Invoice, share_cents: int) -> InvoiceRow:
    failed = invoice.failed_at is not None and invoice.status is InvoiceStatus.OPEN
    number = invoice.number or "Draft"
    return InvoiceRow(
        number=number,
        date=words.day(invoice.created_at),
        period=_period(invoice),
        amount=usd(invoice.total_cents),
        share="" if share_cents == invoice.total_cents else f"{usd(share_cents)} for this project",
        chip=_FAILED_INVOICE if failed else _SET_ASIDE if invoice.is_set_aside else _INVOICE_CHIPS[invoice.status],
        page=Link(number, invoice.hosted_url, new_tab=True) if invoice.hosted_url else None,
        pdf=Link("PDF", invoice.pdf_url) if invoice.pdf_url else None,
    )


def _period(invoice: Invoice) -> str:
    """Return first and last day; ends are exclusive inside, but people read the last day that is covered."""
    if not invoice.lines:
        return ""
    start = min(line.period_start for line in invoice.lines)
    end = max(line.period_end for line in invoice.lines) - timedelta(microseconds=1)
    return f"{words.day(start)} – {words.day(end)}"


def history(orders: Iterable[Order], names: Mapping[str, str], *, money: bool) -> tuple[HistoryLine, ...]:
    """Return what was ordered when and by whom; `names` are the members' by id."""
    return tuple(
        HistoryLine(
            words.day(order.created_at),
            f"{counted(len(order.items), 'project')} licensed",
            _by(order, names.get(order.member_id, "a former member"), money=money),
        )
        for order in orders
    )


def _by(order: Order, name: str, *, money: bool) -> str:
    if not money:
        return f"by {name}"
    today = f", {usd(order.due_cents)} of it for the rest of the period" if order.due_cents is not None else ""
    return f"by {name}, {usd(order.quote.total_cents)} {words.per_interval(order.interval)}{today}"
