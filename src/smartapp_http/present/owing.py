"""Invoices that were not paid: what that does, who can pay them, and where."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

import attrs

from smartapp_domain.billing import Invoice, InvoiceStatus, Subscription, SubscriptionStatus
from smartapp_domain.identity import Actor, Right, holding
from smartapp_domain.licensing import License, LicenseState
from smartapp_domain.money import usd
from smartapp_domain.ordering import Order
from smartapp_domain.use_cases.collect_again import running_draft
from smartapp_http.present import words
from smartapp_http.views import Banner, Link, Tone, WaitingOrder, in_words, paths

PAY: Final = "Pay the invoice"
_PAUSED = "Pages can be read but not changed, and syncing is paused."
_TONES: Mapping[LicenseState, Tone] = MappingProxyType(
    {LicenseState.GRACE: Tone.WARN, LicenseState.SUSPENDED: Tone.BAD}
)


@attrs.frozen
class Waiting:
    """An order that nobody has paid; `buyer` is who began it, "" for whoever looks."""

    order: Order
    buyer: str = ""


def waiting_orders(waiting: Iterable[Waiting]) -> tuple[WaitingOrder, ...]:
    """Return them with the page where each can be paid: an invoice's opens beside ours, a pay page comes back."""
    return tuple(
        WaitingOrder(
            title=f"{each.buyer}'s order waits for its payment" if each.buyer else "Your order waits for its payment",
            amount=usd(each.order.charged_cents),
            projects=tuple(item.name for item in each.order.items),
            pay=_pay(each.order),
            give_up=each.order.id,
        )
        for each in waiting
    )


def _pay(order: Order) -> Link | None:
    if order.checkout is None:
        return None
    if order.extends is None:
        return Link("Go on to the payment", order.checkout.url)
    return Link(PAY, order.checkout.url, new_tab=True)


def unpaid(
    subscription: Subscription,
    invoices: Iterable[Invoice],
    licenses: Iterable[License],
    *,
    at: datetime,
    actor: Actor,
    support_email: str,
) -> tuple[Banner, ...]:
    """Return one banner for each invoice that puts these licenses at risk, or has suspended them."""
    live = [each for each in licenses if each.is_live(at)]
    state = words.state_of(live, at)
    if state not in (LicenseState.GRACE, LicenseState.SUSPENDED):
        return ()
    if not actor.may(Right.VIEW_BILLING):
        return (_who_can_pay(state, _works(live, at)),)
    owed = [each for each in invoices if _can_be_paid(each, subscription, state)]
    if not owed:
        return (_nothing_to_pay(subscription, state, _works(live, at), support_email),)
    if state is LicenseState.SUSPENDED:
        says = f"{_PAUSED} Paying {'all that is open' if len(owed) > 1 else 'the invoice'} brings everything back."
        banners = [_owed(each, state, f"{says}{_then_charged(subscription)}") for each in owed]
    else:
        banners = [_owed(each, state, f"{_works(live, at)} {_next_try(each)}") for each in owed]
    card = Link("Change the card", paths.CARD) if actor.may(Right.BUY) else None
    return tuple(attrs.evolve(each, post=card) for each in banners)


def _works(live: Iterable[License], at: datetime) -> str:
    """Say until when everything works; suspended licenses have no such day."""
    ends = min((end for each in live if (end := each.grace_ends(at))), default=None)
    return f"Everything works until {words.day(ends)}." if ends else "Everything keeps working for now."


def _then_charged(subscription: Subscription) -> str:
    """Say what the provider charges besides, once what is open is paid (docs/domain.md L-46)."""
    aside = running_draft(subscription)
    if aside is None:
        return ""
    return (
        f" The period that runs now, {usd(aside.total_cents)}, is then charged to the stored card, about an hour later."
    )


def _can_be_paid(invoice: Invoice, subscription: Subscription, state: LicenseState) -> bool:
    waits = subscription.pending is not None and subscription.pending.invoice_id == invoice.id
    failed = invoice.failed_at is not None or state is LicenseState.SUSPENDED
    return invoice.status is InvoiceStatus.OPEN and invoice.hosted_url is not None and failed and not waits


def _next_try(invoice: Invoice) -> str:
    if invoice.next_attempt_at is None:
        return "Pay by hand."
    after = words.day(invoice.next_attempt_at)
    return f"The next try is on {after}. Pay by hand, or change the card before that."


def _owed(invoice: Invoice, state: LicenseState, text: str) -> Banner:
    title = "Not paid" if state is LicenseState.SUSPENDED else "The last payment failed"
    pay = Link(PAY, invoice.hosted_url or "", new_tab=True)
    return Banner(f"{title}: {invoice.number or 'an invoice'}, {usd(invoice.total_cents)}", text, _TONES[state], pay)


def _nothing_to_pay(subscription: Subscription, state: LicenseState, works: str, support_email: str) -> Banner:
    support = Link("Write to support", f"mailto:{support_email}?subject=Payment")
    if state is LicenseState.GRACE:
        text = f"{works} There is no invoice that you could pay by hand: change the card, or write to us."
        return Banner("The last payment failed", text, _TONES[state], support)
    did = "paused the subscription" if subscription.status is SubscriptionStatus.PAUSED else "stopped collecting"
    text = f"{_PAUSED} The payment provider has {did}, and there is no invoice to pay. Write to us: we settle it."
    return Banner("Payment pending, and nothing to pay here", text, _TONES[state], support)


def _who_can_pay(state: LicenseState, works: str) -> Banner:
    able = [role.label for role in holding(Right.VIEW_BILLING)]
    effect = _PAUSED if state is LicenseState.SUSPENDED else works
    text = f"{effect} Your role sees no invoices. {in_words(able)} can pay."
    return Banner("The last payment failed", text, _TONES[state])
