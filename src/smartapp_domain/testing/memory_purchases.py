"""Orders, licenses and subscriptions in memory."""

from collections.abc import Iterable
from datetime import datetime

from smartapp_domain.billing import Subscription
from smartapp_domain.ids import CheckoutId, OrderId, PlatformProjectId, ProjectId, SubscriptionId
from smartapp_domain.licensing import License
from smartapp_domain.ordering import Order, OrderState
from smartapp_domain.ports.storage import NotFound, Taken
from smartapp_domain.testing.memory_state import Door, Rows, fitting


class MemoryOrders:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = Rows(door, door.state.orders)

    def get(self, id: OrderId) -> Order:
        found = self._rows.find(id)
        if found is None:
            raise NotFound("order", id)
        return found

    def open(self) -> tuple[Order, ...]:
        return tuple(sorted((o for o in self._rows.all() if o.is_open), key=lambda o: (o.created_at, o.id)))

    def of_checkout(self, id: CheckoutId) -> Order | None:
        return next((each for each in self._rows.all() if each.checkout and each.checkout.id == id), None)

    def of_project(self, id: PlatformProjectId) -> tuple[Order, ...]:
        done = [o for o in self._rows.all() if o.state is OrderState.FULFILLED]
        mine = [o for o in done if any(item.platform_project_id == id for item in o.items)]
        return tuple(sorted(mine, key=lambda o: (o.created_at, o.id), reverse=True))

    def closed_extensions(self, id: SubscriptionId, since: datetime) -> tuple[Order, ...]:
        closed = [o for o in self._rows.all() if o.state is OrderState.CLOSED and o.created_at >= since]
        mine = [o for o in closed if o.adds_to(id)]
        return tuple(sorted(mine, key=lambda o: (o.created_at, o.id)))

    def put(self, order: Order, *, replacing: int) -> None:
        self._door.own(order.account_id)
        self._door.writing()
        fitting("order", order.id, self._rows.find(order.id), order, replacing)
        rivals = [each for each in self.open() if each.id != order.id] if order.is_open else []
        if any(each.claims & order.claims for each in rivals):
            raise Taken("Another open order holds one of these products.")
        if any(each.extends_same(order) for each in rivals):
            raise Taken("Another open order adds to this subscription.")
        if order.checkout and (other := self.of_checkout(order.checkout.id)) and other.id != order.id:
            raise Taken("This checkout belongs to another order.")
        self._rows.put(order.id, order)


class MemoryLicenses:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = Rows(door, door.state.licenses)

    def all(self) -> tuple[License, ...]:
        return tuple(sorted(self._rows.all(), key=lambda each: (each.granted_at, each.id)))

    def of_projects(self, ids: Iterable[ProjectId]) -> tuple[License, ...]:
        wanted = set(ids)
        return tuple(each for each in self.all() if each.project_id in wanted)

    def of_subscription(self, id: SubscriptionId) -> tuple[License, ...]:
        return tuple(each for each in self.all() if each.subscription_id == id)

    def put(self, license: License, *, replacing: int) -> None:
        self._door.own(license.account_id)
        self._door.writing()
        fitting("license", license.id, self._rows.find(license.id), license, replacing)
        place = (license.project_id, license.product)
        others = [o for o in self._rows.all() if (o.project_id, o.product) == place and o.id != license.id]
        if any(_meet(license, other) for other in others):
            raise Taken("This project holds the product already.")
        self._rows.put(license.id, license)


def _meet(one: License, other: License) -> bool:
    later = max(one.granted_at, other.granted_at)
    return one.is_live(later) and other.is_live(later)


class MemorySubscriptions:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = Rows(door, door.state.subscriptions)

    def get(self, id: SubscriptionId) -> Subscription | None:
        return self._rows.find(id)

    def all(self) -> tuple[Subscription, ...]:
        return tuple(sorted(self._rows.all(), key=lambda each: each.id))

    def put(self, subscription: Subscription, *, replacing: Subscription | None) -> bool:
        self._door.writing()
        if self._rows.find(subscription.id) != replacing:
            return False
        self._rows.put(subscription.id, subscription)
        return True
