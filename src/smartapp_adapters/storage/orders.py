"""Orders, and what the open ones hold."""

from collections.abc import Iterable
from datetime import datetime

from smartapp_adapters.storage.scoping import AccountRows, Door
from smartapp_adapters.storage.tables import order_claims, orders
from smartapp_domain.ids import CheckoutId, OrderId, PlatformProjectId, SubscriptionId
from smartapp_domain.ordering import Order, OrderState
from smartapp_domain.ports.storage import NotFound, Taken
from smartapp_domain.wire import from_plain, to_plain


class SqlOrderStore:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = AccountRows(door, orders)
        self._claims = AccountRows(door, order_claims)

    def get(self, id: OrderId) -> Order:
        found = self.some([id])
        if not found:
            raise NotFound("order", id)
        return found[0]

    def some(self, ids: Iterable[OrderId]) -> tuple[Order, ...]:
        mine = self._rows.select(orders.c.document).where(orders.c.id.in_(list(ids)))
        return tuple(from_plain(Order, row.document) for row in self._rows.all(mine))

    def open(self) -> tuple[Order, ...]:
        mine = self._rows.select(orders.c.document).where(orders.c.is_open)
        found = self._rows.all(mine.order_by(orders.c.created_at, orders.c.id))
        return tuple(from_plain(Order, row.document) for row in found)

    def of_checkout(self, id: CheckoutId) -> Order | None:
        found = self._rows.first(self._rows.select(orders.c.document).where(orders.c.checkout_id == id))
        return from_plain(Order, found.document) if found else None

    def of_project(self, id: PlatformProjectId) -> tuple[Order, ...]:
        holding = self._claims.select(order_claims.c.order_id).where(order_claims.c.platform_project_id == id)
        done = self._rows.select(orders.c.document).where(
            orders.c.state == OrderState.FULFILLED.value, orders.c.id.in_(holding)
        )
        found = self._rows.all(done.order_by(orders.c.created_at.desc(), orders.c.id.desc()))
        return tuple(from_plain(Order, row.document) for row in found)

    def closed_extensions(self, id: SubscriptionId, since: datetime) -> tuple[Order, ...]:
        mine = self._rows.select(orders.c.document).where(
            orders.c.state == OrderState.CLOSED.value, orders.c.extends_id == id, orders.c.created_at >= since
        )
        found = self._rows.all(mine.order_by(orders.c.created_at, orders.c.id))
        return tuple(from_plain(Order, row.document) for row in found)

    def put(self, order: Order, *, replacing: int) -> None:
        self._door.holds(order.account_id)
        self._door.writing()
        self._rows.fitting("order", order.id, order, replacing)
        self._check_free(order)
        columns = {
            "member_id": order.member_id,
            "state": order.state.value,
            "is_open": order.is_open,
            "created_at": order.created_at,
            "checkout_id": order.checkout.id if order.checkout else None,
            "extends_id": order.extends.subscription_id if order.extends else None,
            "version": order.version,
            "document": to_plain(order),
        }
        self._rows.put("order", {"id": order.id}, columns, replacing=replacing)
        self._claim(order)

    def _check_free(self, order: Order) -> None:
        other = self.of_checkout(order.checkout.id) if order.checkout else None
        if other is not None and other.id != order.id:
            raise Taken("This checkout belongs to another order.")
        if not order.is_open:
            return
        if order.extends and any(each.extends_same(order) for each in self.open() if each.id != order.id):
            raise Taken("Another open order adds to this subscription.")
        held = self._claims.all(
            self._claims.select(order_claims.c.platform_project_id, order_claims.c.product).where(
                order_claims.c.is_open,
                order_claims.c.order_id != order.id,
                order_claims.c.platform_project_id.in_([item.platform_project_id for item in order.items]),
            )
        )
        wanted = {(project_id, product.value) for project_id, product in order.claims}
        if wanted & {(row.platform_project_id, row.product) for row in held}:
            raise Taken("Another open order holds one of these products.")

    def _claim(self, order: Order) -> None:
        self._claims.delete(order_claims.c.order_id == order.id)
        claims = [
            {
                "order_id": order.id,
                "platform_project_id": project_id,
                "product": product.value,
                "is_open": order.is_open,
            }
            for project_id, product in order.claims
        ]
        self._claims.upsert(claims, replace=["is_open"])
