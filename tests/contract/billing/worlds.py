"""The provider in memory, with the people on its other side."""

from datetime import timedelta

import attrs

from smartapp_domain.billing import Checkout, SubscriptionStatus
from smartapp_domain.ids import CheckoutId, CustomerId, SubscriptionId
from smartapp_domain.testing.clock import MemoryClock
from smartapp_domain.testing.payments import MemoryPayments


@attrs.define
class MemoryWorld:
    clock: MemoryClock = attrs.Factory(MemoryClock)
    payments: MemoryPayments = attrs.Factory(lambda self: MemoryPayments(self.clock), takes_self=True)
    _covered: dict[CheckoutId, bool] = attrs.Factory(dict)

    def move(self, by: timedelta) -> None:
        self.clock.move(by)

    def pay(self, checkout: Checkout, *, lasts: bool = True) -> None:
        subscription_id = self.payments.pay(checkout.id)
        if not lasts:
            self.change_card(subscription_id, "declines")

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
        self.payments.renew(subscription_id)

    def pay_open_invoice(self, subscription_id: SubscriptionId) -> None:
        self.payments.pay_open_invoice(subscription_id)

    def stop_collecting(self, subscription_id: SubscriptionId) -> None:
        self.clock.move(timedelta(days=15))
        self.payments.become(subscription_id, SubscriptionStatus.UNPAID)

    def change_card(self, subscription_id: SubscriptionId, card: str) -> None:
        self.payments.change_card(self.payments.subscription(subscription_id).customer_id, card)

    def use_card_page(self, url: str) -> None:
        customer_id = url.split("/cards/")[1].partition("?")[0]
        self.payments.change_card(CustomerId(customer_id), "good")

    def confirm(self, subscription_id: SubscriptionId) -> None:
        self.payments.confirm(subscription_id)

    def pay_page(self, page: Checkout) -> bool:
        try:
            self.payments.pay_invoice(page.id)
        except ValueError:
            return False
        return True

    def cancel(self, subscription_id: SubscriptionId) -> None:
        self.payments.become(subscription_id, SubscriptionStatus.CANCELED)
