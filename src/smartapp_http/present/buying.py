"""Review, payment and what follows it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from smartapp_domain.catalog import REQUIRES, AddOn, Interval, Module
from smartapp_domain.identity import Actor, Right, holding
from smartapp_domain.money import usd
from smartapp_domain.ordering import Order, OrderState
from smartapp_domain.ports import Ports
from smartapp_domain.pricing import MONTHS_PER_YEAR, PriceBook, Quote, QuoteLine
from smartapp_domain.use_cases.map_projects import Reviewed
from smartapp_domain.use_cases.offer import Offer
from smartapp_http.present import words
from smartapp_http.present.mapping import accessible_name, headline
from smartapp_http.present.owing import PAY, Waiting, waiting_orders
from smartapp_http.views import (
    Addition,
    AddOnLine,
    Banner,
    CanceledView,
    Link,
    ModuleGroup,
    PaymentState,
    PaymentStep,
    PaymentView,
    ProjectProgress,
    StepState,
    SubscriptionsView,
    SumLine,
    counted,
    in_words,
    paths,
)

_YEAR = 365


def subscriptions_view(
    offer: Offer,
    actor: Actor,
    ports: Ports,
    *,
    pay_host: str,
    waiting: Iterable[Waiting] = (),
    banner: Banner | None = None,
) -> SubscriptionsView:
    others = [each for each in waiting if each.buyer or each.order.fingerprint != offer.fingerprint]
    reviewed, interval, offered = offer.reviewed, offer.interval, offer.quote
    return SubscriptionsView(
        lead=_lead(offer),
        yearly=interval is Interval.YEAR,
        groups=tuple(
            _group(module, reviewed, offered, ports.price_book) for module in Module if offered.quantity(module)
        ),
        lines=tuple(_sum_lines(offered)),
        total_label="Due today" if offer.not_now is None else f"Price {words.per_interval(interval)}",
        total=usd(offer.preview.due_cents if offer.preview else offered.total_cents),
        renewal=_renewal(offer, ports.clock.now()),
        fingerprint=offer.fingerprint,
        back_url=paths.PROJECTS,
        cannot_buy=cannot_buy(actor),
        pay_host=pay_host,
        banner=banner,
        addition=_addition(offer, actor),
        blocked=offer.not_now is not None,
        waiting=waiting_orders(others),
        held=offer.not_now is not None and offer.not_now.about in {each.order.id for each in others},
    )


def _lead(offer: Offer) -> str:
    projects = counted(offer.reviewed.summary.projects, "project")
    if offer.not_now is not None:
        return f"{projects}. Your choice is kept until it can be bought."
    if offer.extension is None:
        all_of_them = "" if offer.reviewed.summary.projects == 1 else " for all of them, in one order"
        return f"{projects}. You pay once{all_of_them}."
    return f"{projects}, added to your {offer.interval.label.lower()} subscription. Everything then renews together."


def _addition(offer: Offer, actor: Actor) -> Addition | None:
    """Return what an addition comes to; what it adds to and who pays for that is for roles that see billing."""
    if offer.extension is None or offer.preview is None or offer.preview.card is None:
        return None
    money = actor.may(Right.VIEW_BILLING)
    return Addition(
        renewal_total=f"{usd(offer.preview.renewal_cents)} {words.per_interval(offer.interval)}" if money else "",
        card=offer.preview.card if money else "the stored card",
        prorated_at=int(offer.extension.prorated_at.timestamp()),
    )


def cannot_buy(actor: Actor) -> str | None:
    if actor.may(Right.BUY):
        return None
    able = [role.label for role in holding(Right.BUY)]
    return (
        f"Your role, {actor.role.label}, may choose projects but not pay. Ask someone with one of these roles: "
        f"{in_words(able)}. Your choice is kept."
    )


def _group(module: Module, reviewed: Reviewed, offered: Quote, price_book: PriceBook) -> ModuleGroup:
    line = next(line for line in offered.lines if line.product is module)
    return ModuleGroup(
        code=module.value,
        label=module.label,
        projects=line.quantity,
        unit=f"{usd(price_book.modules[module])} per project and month",
        formula=_formula(line, offered.interval, price_book),
        amount=f"{usd(line.amount_cents)} {words.per_interval(offered.interval)}",
        project_names=tuple(
            accessible_name(row) for row in reviewed.rows if row.draft and module in row.draft.selection
        ),
        add_ons=tuple(
            each
            for add_on in AddOn
            if REQUIRES[add_on] is module and (each := _add_on(add_on, reviewed, offered)) is not None
        ),
    )


def _formula(line: QuoteLine, interval: Interval, price_book: PriceBook) -> str:
    projects = counted(line.quantity, "project")
    if interval is Interval.MONTH:
        return f"{projects} × {usd(line.unit_cents)}"
    monthly = price_book.modules[Module(line.product.value)]
    said = f"{projects} × {usd(monthly)} × {MONTHS_PER_YEAR} months"
    if line.unit_cents != MONTHS_PER_YEAR * monthly:
        said += f", {price_book.yearly_discount * 100:f}".rstrip("0").rstrip(".") + " % off"
    return said


def _add_on(add_on: AddOn, reviewed: Reviewed, offered: Quote) -> AddOnLine | None:
    projects = reviewed.summary.counts.get(add_on, 0)
    if not projects:
        return None
    line = next((line for line in offered.lines if line.product is add_on), None)
    if line is None:
        return AddOnLine(add_on.label, projects, words.ASK_US)
    return AddOnLine(add_on.label, projects, usd(line.amount_cents) if line.amount_cents else words.INCLUDED)


def _sum_lines(offered: Quote) -> list[SumLine]:
    lines = [
        SumLine(
            f"{line.product.label} × {line.quantity:,}", usd(line.amount_cents) if line.unit_cents else words.INCLUDED
        )
        for line in offered.lines
    ]
    return lines + [SumLine(f"{add_on.label} × {number:,}", words.ASK_US) for add_on, number in offered.left_out]


def _renewal(offer: Offer, now: datetime) -> str:
    if offer.not_now is not None:
        return "What is due today is shown as soon as it can be bought."
    if offer.preview is not None:
        day = words.long_day(offer.preview.renews_at)
        return f"Due today is the rest of the current period, until {day}. Then the whole subscription renews."
    if offer.interval is Interval.YEAR:
        return f"Renews {words.long_day(_a_year_after(now))} at the same price unless you change it."
    return "Renews every month on the same day at the same price unless you change it."


def _a_year_after(now: datetime) -> datetime:
    try:
        return now.replace(year=now.year + 1)
    except ValueError:  # February 29
        return now + timedelta(days=_YEAR)


def payment_view(
    order: Order, actor: Actor, *, poll_url: str, ready: frozenset[str], stuck_id: str = "", buyer: str = ""
) -> PaymentView:
    """Return what the return page says; it claims nothing that is not stored. `buyer` is named for somebody else."""
    state = _payment_state(order, stuck=bool(stuck_id))
    title, lead = _PAYMENT_WORDS[state]
    going_on = state in (PaymentState.WAITING, PaymentState.PROCESSING, PaymentState.CARD, PaymentState.RECEIVED)
    return PaymentView(
        state=state,
        title=title,
        lead=lead,
        done=len(ready),
        total=len(order.items),
        steps=_steps(state, order, buyer),
        projects=tuple(ProjectProgress(item.name, item.platform_project_id in ready) for item in order.items),
        poll_url=poll_url if going_on else None,
        action=_action(state, order),
        give_up=order.id if state is PaymentState.CARD and actor.may(Right.BUY) else "",
        request_id=stuck_id,
    )


def _payment_state(order: Order, *, stuck: bool) -> PaymentState:
    match order.state:
        case OrderState.PROCESSING:
            return PaymentState.PROCESSING
        case OrderState.PAID:
            return PaymentState.ATTENTION if stuck else PaymentState.RECEIVED
        case OrderState.FULFILLED:
            return PaymentState.DONE
        case OrderState.CLOSED:
            return PaymentState.FAILED
        case OrderState.AWAITING_PAYMENT if order.extends is not None:
            return PaymentState.CARD
        case _:
            return PaymentState.WAITING


_PAYMENT_WORDS = {
    PaymentState.WAITING: (
        "Waiting for your payment",
        "The payment provider has not confirmed anything yet. This page looks again by itself.",
    ),
    PaymentState.PROCESSING: (
        "Your bank is working on it",
        "The payment was sent and the bank has not confirmed it yet. You can close this page: we go on by ourselves.",
    ),
    PaymentState.CARD: (
        "Your card needs you",
        (
            "It was declined, or your bank wants you to confirm the payment. Nothing is licensed, and your "
            "subscription is as it was. Pay the invoice by hand, with this card or another one; this page then goes on "
            "by itself."
        ),
    ),
    PaymentState.RECEIVED: ("Payment received. Setting up your projects", "This usually takes a few seconds."),
    PaymentState.DONE: ("Your projects are licensed", "All of them are in Project Central."),
    PaymentState.ATTENTION: (
        "Payment received. We are finishing your projects by hand",
        "Something stopped the set-up. Your payment is safe, you need not pay again, and we have been told.",
    ),
    PaymentState.FAILED: (
        "The payment did not work",
        "Nothing was charged and nothing was created. Your choice is kept.",
    ),
}


_CONFIRMING: Final = {
    StepState.DONE: "Payment confirmed",
    StepState.NOW: "Payment being confirmed",
    StepState.FAILED: "Payment not confirmed",
}


def _steps(state: PaymentState, order: Order, buyer: str) -> tuple[PaymentStep, ...]:
    done, now, todo = StepState.DONE, StepState.NOW, StepState.TODO
    paid, ready = {
        PaymentState.WAITING: (now, todo),
        PaymentState.PROCESSING: (now, todo),
        PaymentState.CARD: (StepState.FAILED, todo),
        PaymentState.RECEIVED: (done, now),
        PaymentState.DONE: (done, done),
        PaymentState.ATTENTION: (done, StepState.FAILED),
        PaymentState.FAILED: (StepState.FAILED, todo),
    }[state]
    total = f"{usd(order.quote.total_cents)} {words.per_interval(order.interval)}"
    if order.due_cents is not None:
        total += f", {usd(order.due_cents)} due today"
    return (
        PaymentStep(
            f"{buyer} placed an order" if buyer else "Order placed",
            done,
            f"{counted(len(order.items), 'project')}, {total}",
        ),
        PaymentStep(_CONFIRMING[paid], paid),
        PaymentStep(
            "Projects not set up yet" if ready is StepState.FAILED else "Projects set up in Project Central", ready
        ),
    )


def _action(state: PaymentState, order: Order) -> Link | None:
    match state:
        case PaymentState.CARD if order.checkout is not None:
            return Link(PAY, order.checkout.url, new_tab=True)
        case PaymentState.FAILED:
            return Link("Try another card", f"{paths.SUBSCRIPTIONS}?interval={order.interval.value}")
        case PaymentState.DONE | PaymentState.ATTENTION | PaymentState.PROCESSING:
            return Link("Open Project Central", paths.CENTRAL)
        case _:
            return None


def expired_view(order: Order, reviewed: Reviewed) -> CanceledView:
    """Return the page for a pay page that was closed or ran out of time."""
    return CanceledView(
        title="Nothing was charged",
        text="This payment page was closed before anything was paid. No project was created.",
        selection=headline(reviewed.summary),
        retry=Link("Try again", f"{paths.SUBSCRIPTIONS}?interval={order.interval.value}"),
        change=Link("Change projects", paths.PROJECTS),
    )
