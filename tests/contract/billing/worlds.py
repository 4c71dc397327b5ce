"""The provider in memory, with the people on its other side."""

from datetime import timedelta

import attrs

from smartapp_domain.billing import Checkout, SubscriptionStatus
from smartapp_domain.ids import CheckoutId, SubscriptionId
from smartapp_domain.testing.clock import MemoryClock
from smartapp_domain.testing.payments import MemoryPayments


@attrs.define
class MemoryWorld:
    clock: MemoryClock = attrs.Factory(MemoryClock)
    payments: MemoryPayments = attrs.Factory(lambda self: MemoryPayments(self.clock), takes_self=True)
    _short_lived: set[SubscriptionId] = attrs.Factory(set)
    _covered: dict[CheckoutId, bool] = attrs.Factory(dict)

    def move(self, by: timedelta) -> None:
        self.clock.move(by)

    def pay(self, checkout: Checkout, *, lasts: bool = True) -> None:
        subscription_id = self.payments.pay(checkout.id)
        if not lasts:
            self._short_lived.add(subscription_id)

    def decline(self, checkout: Checkout) -> None:
        self.payments.decline(checkout.id)

    def pay_by_bank(self, checkout: Checkout, *, covered: bool = True) -> None:
        self.payments.pay_by_bank(checkout.id)
        self._covered[checkout.id] = covered

    def bank_answers(self, checkout: Checkout) -> None:
        self.payments.bank_answers(checkout.id, paid=self._covered[checkout.id])

    def end_period(self, subscription_id: SubscriptionId) -> None:
        ends = self.payments.subscription(subscription_id).items[0].period_end
        self.clock.move(ends - self.clock.now() + timedelta(hours=2))
        self.payments.renew(subscription_id, succeeds=subscription_id not in self._short_lived)

    def pay_open_invoice(self, subscription_id: SubscriptionId) -> None:
        self.payments.retry(subscription_id, succeeds=True)

    def cancel(self, subscription_id: SubscriptionId) -> None:
        self.payments.become(subscription_id, SubscriptionStatus.CANCELED)
