"""What the audit trail is told about orders and licenses."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from smartapp_domain.audit import By, Deed, Subject
from smartapp_domain.catalog import Product
from smartapp_domain.identity import Actor, Via
from smartapp_domain.ids import PlatformProjectId
from smartapp_domain.licensing import License
from smartapp_domain.money import usd
from smartapp_domain.ordering import Order, OrderState
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import Transaction
from smartapp_domain.use_cases.trail import note

_MOVED = {
    OrderState.PROCESSING: Deed.ORDER_PROCESSING,
    OrderState.PAID: Deed.ORDER_PAID,
    OrderState.CLOSED: Deed.ORDER_CLOSED,
}


def note_placed(tx: Transaction, actor: Actor, order: Order, ports: Ports) -> None:
    """Tell that an order was placed: what was chosen is frozen in it."""
    total = f"{usd(order.quote.total_cents)} {'a year' if order.interval.value == 'year' else 'a month'}"
    now = usd(order.due_cents) if order.due_cents is not None else ""
    note(tx, actor, Deed.ORDER_PLACED, _subject(order), ports, total=total, due_now=now, projects=chosen(order))


def note_moved(tx: Transaction, before: Order, after: Order, ports: Ports, *, by: Actor | Via = Via.PROVIDER) -> None:
    """Tell that an order was paid, is being paid or was closed; opening its pay page is part of placing it."""
    deed = _MOVED.get(after.state)
    if deed is None or after.state is before.state:
        return
    who = by if isinstance(by, Actor) else By(after.account_id, by)
    because = (after.closed_because or "").replace("_", " ")
    note(tx, who, deed, _subject(after), ports, because=because)


def note_granted(tx: Transaction, order: Order, ports: Ports) -> None:
    """
    Tell which licenses of an order are there: the buyer's doing, carried out by a worker.

    What a project held already was paid, but not granted: that is told to people (L-33).
    """
    buyer = By(order.account_id, Via.WORKER, order.member_id)
    granted = _sold(order, _granted(tx, order)) or "none, all of it was licensed already"
    note(tx, buyer, Deed.LICENSES_GRANTED, _subject(order), ports, projects=granted)


def _granted(tx: Transaction, order: Order) -> frozenset[tuple[PlatformProjectId, Product]]:
    held = tx.licenses.of_subscription(order.subscription_id) if order.subscription_id else ()
    linked = {each.project_id: each.platform_project_id for each in tx.mappings.live()}
    mine = (each for each in held if each.order_id == order.id and each.project_id in linked)
    return frozenset((linked[each.project_id], each.product) for each in mine)


def note_settled(
    tx: Transaction, before: Sequence[License], after: Sequence[License], ports: Ports, *, since: datetime
) -> None:
    """
    Tell that the provider's word changed the states of licenses of one subscription, and from which to which.

    `since` is when the provider was heard before: what time alone changed since then is told now. A period that was
    only paid for once more changes no state, and is told by its invoice.
    """
    at = ports.clock.now()
    pairs = [(one, other) for one, other in zip(before, after, strict=True) if one.state(since) is not other.state(at)]
    if not pairs:
        return
    first = pairs[0][1]
    number = "1 license" if len(pairs) == 1 else f"{len(pairs)} licenses"
    subject = Subject(first.subscription_id, number)
    was, now = _states((one for one, _ in pairs), since), _states((other for _, other in pairs), at)
    names = ", ".join(sorted({tx.projects.get(after.project_id).name for _, after in pairs}))
    note(
        tx, By(first.account_id, Via.PROVIDER), Deed.LICENSES_CHANGED, subject, ports, was=was, now=now, projects=names
    )


def _states(licenses: Iterable[License], at: datetime) -> str:
    return ", ".join(sorted({license.state(at).value for license in licenses}))


def chosen(order: Order) -> str:
    """Return "TOWER (Planner, Safety), ANNEX (Planner)": every project of an order with what is bought for it."""
    return _sold(order, order.claims)


def _sold(order: Order, these: frozenset[tuple[PlatformProjectId, Product]]) -> str:
    sold: dict[PlatformProjectId, list[str]] = {}
    names = {item.platform_project_id: item.name for item in order.items}
    for item, product in order.sold:
        if (item.platform_project_id, product) in these:
            sold.setdefault(item.platform_project_id, []).append(product.label)
    return ", ".join(f"{names[id]} ({', '.join(products)})" for id, products in sold.items())


def _subject(order: Order) -> Subject:
    return Subject(order.id, "1 project" if len(order.items) == 1 else f"{len(order.items):,} projects")
