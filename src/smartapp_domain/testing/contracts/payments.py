"""
What every payment provider behind our ports must do.

To check an adapter, subclass, and give it the provider with the people on its other side:

    class TestMyPayments(PaymentsContract):
        @pytest.fixture
        def world(self) -> PaymentsWorld:
            return MyWorld()
"""

from smartapp_domain.testing.contracts.payments_changes import ExtensionContract, PreviewContract
from smartapp_domain.testing.contracts.payments_renewals import RenewalContract
from smartapp_domain.testing.contracts.payments_sales import CatalogContract, CheckoutContract
from smartapp_domain.testing.contracts.payments_subscriptions import SubscriptionContract
from smartapp_domain.testing.contracts.payments_unpaid import UnpaidExtensionContract
from smartapp_domain.testing.contracts.payments_world import CANCEL_URL, RETURN_URL, PaymentsWorld

__all__ = ["CANCEL_URL", "RETURN_URL", "ChangesContract", "PaymentsContract", "PaymentsWorld"]


class ChangesContract(PreviewContract, ExtensionContract, UnpaidExtensionContract, RenewalContract):
    """The `Changes` half of the `Payments` port."""


class PaymentsContract(CatalogContract, CheckoutContract, SubscriptionContract, ChangesContract):
    """The whole of the `Payments` port."""
