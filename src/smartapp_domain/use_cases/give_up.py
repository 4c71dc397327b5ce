"""A payment that is not wanted any more: closed at the provider first, then by what the provider said about it."""

from typing import Final

from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.identity import Actor, Right, Via
from smartapp_domain.ids import AccountId, OrderId
from smartapp_domain.ordering import Order, OrderEvent, OrderState
from smartapp_domain.ports import Ports
from smartapp_domain.use_cases.apply_subscription import apply_subscription
from smartapp_domain.use_cases.authority import still_may
from smartapp_domain.use_cases.settle_order import IN_FLIGHT, close_payment, drop_order, settle_order, store_payment

#: Nothing was paid for it yet, and nobody works on that.
_UNPAID: Final = frozenset({OrderState.OPEN, OrderState.AWAITING_PAYMENT})


def give_up(actor: Actor, order_id: OrderId, ports: Ports) -> Order | Refused:
    """
    Close a payment of the account's that is not finished, whoever began it, and return the order as it is then.

    One that was paid a moment before stays paid and is fulfilled. Raises `NotFound` for an order of another account.
    """
    with ports.reading(actor.account_id) as reading:
        if refused := still_may(reading, actor, Right.BUY):
            return refused
        order = reading.orders.get(order_id)
    return _close(order, OrderEvent.EXPIRED, actor, ports) if order.state in _UNPAID else order


def check_order(account_id: AccountId, order_id: OrderId, ports: Ports) -> None:
    """
    Find out what became of an order, and give up one that nobody has paid and whose buyer may not buy any more.

    A payment that the bank is confirming stays: the money is on its way.
    """
    with ports.reading(account_id) as reading:
        order = reading.orders.get(order_id)
        may_go_on = reading.members.get(order.member_id).may(Right.BUY)
    if may_go_on or order.state not in _UNPAID or _may_be_in_flight(order, ports):
        settle_order(account_id, order_id, ports)
    else:
        _close(order, OrderEvent.EXPIRED, Via.WORKER, ports)


def give_up_older(actor: Actor, fingerprint: str, ports: Ports) -> Refused | None:
    """Close the member's other open orders before one of this fingerprint is paid, so that no two can be (L-31)."""
    for order in own_orders(actor, ports):
        if _can_go_on(order, fingerprint, ports):
            continue
        closed = _close(order, OrderEvent.REPLACED, actor, ports)
        if isinstance(closed, Refused):
            return closed
        if closed.state is not OrderState.CLOSED:
            return _not_closed(closed)
    return None


def own_orders(actor: Actor, ports: Ports) -> tuple[Order, ...]:
    """Return the member's open orders."""
    with ports.reading(actor.account_id) as reading:
        return tuple(order for order in reading.orders.open() if order.member_id == actor.member_id)


def _can_go_on(order: Order, fingerprint: str, ports: Ports) -> bool:
    """Tell whether this open order is the very one wanted again, with a page that can still be paid."""
    if order.fingerprint != fingerprint or order.state not in _UNPAID:
        return False
    return order.checkout is None or order.checkout.expires_at > ports.clock.now()


def _close(order: Order, because: OrderEvent, by: Actor | Via, ports: Ports) -> Order | Refused:
    """See to it that an open order cannot be paid any more, and return it as the provider's word makes it."""
    if _may_be_in_flight(order, ports):
        return _being_started(order, by, ports)
    if order.checkout is None and order.extends is None:
        order = drop_order(order, because, ports, by=by)
        if order.checkout is None:  # its page was never shown, and is closed should it still open
            return order
    order = store_payment(order, close_payment(order, ports), ports, by=by, unpaid=because)
    if order.extends is not None:
        apply_subscription(order.account_id, order.extends.subscription_id, ports)
    return order


def _may_be_in_flight(order: Order, ports: Ports) -> bool:
    """Tell whether a stored card may be being charged for this order right now."""
    recent = ports.clock.now() - order.tried_at < IN_FLIGHT
    return order.extends is not None and order.checkout is None and recent


def _being_started(order: Order, by: Actor | Via, ports: Ports) -> Refused:
    with ports.reading(order.account_id) as reading:
        buyer = reading.members.get(order.member_id)
    whose = "Your last" if isinstance(by, Actor) and by.member_id == buyer.id else f"{buyer.name}'s"
    return Refused(
        Reason.CHANGE_UNDER_WAY,
        f"{whose} payment is being started at this moment. Wait two minutes, then try again. Your choice is kept.",
        WayOut.SUBSCRIPTIONS,
        about=order.id,
    )


def _not_closed(order: Order) -> Refused:
    if order.state is OrderState.PROCESSING:
        return Refused(
            Reason.PAYMENT_PROCESSING,
            "The bank has not confirmed your last payment yet. Wait until it has, then try again. Your choice is kept.",
            WayOut.PAYMENT,
            about=order.id,
        )
    return Refused(
        Reason.ALREADY_PAID,
        "Your last order is paid already and is being set up. Open Project Central to see it.",
        WayOut.PROJECT_CENTRAL,
        about=order.id,
    )
