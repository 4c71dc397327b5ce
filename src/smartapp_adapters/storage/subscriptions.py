"""Snapshots of the provider's subscriptions; one replaces the one that was known before it was asked for."""

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

    def put(self, subscription: Subscription, *, replacing: Subscription | None) -> bool:
        columns = {"as_of": subscription.as_of, "document": to_plain(subscription)}
        if replacing is None:
            return self._rows.insert({"id": subscription.id, **columns})
        # An account's writers go one after the other, so what is read here is still there when it is replaced.
        same = self.get(subscription.id) == replacing
        return same and self._rows.update(columns, subscriptions.c.id == subscription.id) == 1
