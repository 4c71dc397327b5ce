"""Snapshots of the provider's subscriptions; a later one replaces an earlier one, never the other way round."""

from collections.abc import Iterable

from smartapp_adapters.storage.scoping import AccountRows, Door
from smartapp_adapters.storage.tables import subscriptions
from smartapp_domain.billing import Subscription
from smartapp_domain.ids import SubscriptionId
from smartapp_domain.wire import from_plain, to_plain


class SqlSubscriptionStore:
    def __init__(self, door: Door) -> None:
        self._rows = AccountRows(door, subscriptions)

    def get(self, id: SubscriptionId) -> Subscription | None:
        return next(iter(self.some([id])), None)

    def some(self, ids: Iterable[SubscriptionId]) -> tuple[Subscription, ...]:
        wanted = self._rows.select(subscriptions.c.document).where(subscriptions.c.id.in_(list(ids)))
        found = self._rows.all(wanted.order_by(subscriptions.c.id))
        return tuple(from_plain(Subscription, row.document) for row in found)

    def all(self) -> tuple[Subscription, ...]:
        found = self._rows.all(self._rows.select(subscriptions.c.document).order_by(subscriptions.c.id))
        return tuple(from_plain(Subscription, row.document) for row in found)

    def put(self, subscription: Subscription) -> bool:
        columns = {"as_of": subscription.as_of, "document": to_plain(subscription)}
        if self._rows.insert({"id": subscription.id, **columns}):
            return True
        not_later = subscriptions.c.as_of <= subscription.as_of
        return self._rows.update(columns, subscriptions.c.id == subscription.id, not_later) == 1
