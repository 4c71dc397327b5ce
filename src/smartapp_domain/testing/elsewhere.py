"""What a process on another machine sees: the same world by another clock."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from smartapp_domain.billing import Subscription
from smartapp_domain.catalog import Product
from smartapp_domain.ids import SubscriptionId
from smartapp_domain.ports.clock import Clock
from smartapp_domain.ports.payments import Payments


@attrs.frozen
class ClockApart:
    """The `Clock` port of another machine: `ahead` of ours, or behind it when that is below zero."""

    ours: Clock
    ahead: timedelta

    def now(self) -> datetime:
        return self.ours.now() + self.ahead


@attrs.frozen
class AskedElsewhere:
    """The provider as that machine asks it: what is read says so by that machine's clock."""

    inner: Payments
    clock: Clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def subscription(self, subscription_id: SubscriptionId) -> Subscription:
        return self._dated(self.inner.subscription(subscription_id))

    def end_unpaid(self, subscription_id: SubscriptionId) -> Subscription:
        return self._dated(self.inner.end_unpaid(subscription_id))

    def set_renewal(self, subscription_id: SubscriptionId, quantities: Mapping[Product, int]) -> Subscription:
        return self._dated(self.inner.set_renewal(subscription_id, quantities))

    def _dated(self, subscription: Subscription) -> Subscription:
        return attrs.evolve(subscription, as_of=self.clock.now())
