"""Selling through Stripe: the ports `Payments` and `BillingEvents`."""

from smartapp_adapters.billing.endpoints import endpoint_problem, ensure_webhook_endpoint
from smartapp_adapters.billing.settings import API_VERSION, BadStripeSettings, StripeSettings
from smartapp_adapters.billing.stripe_payments import StripePayments
from smartapp_adapters.billing.stripe_webhooks import WEBHOOK_EVENTS, StripeBillingEvents

__all__ = [
    "API_VERSION",
    "WEBHOOK_EVENTS",
    "BadStripeSettings",
    "StripeBillingEvents",
    "StripePayments",
    "StripeSettings",
    "endpoint_problem",
    "ensure_webhook_endpoint",
]
