"""Stripe, from settings."""

from smartapp_adapters.billing import BadStripeSettings, StripePayments, StripeSettings
from smartapp_runtime.hiding import hider, secrets_of
from smartapp_runtime.parts.clock import business_clock
from smartapp_runtime.settings import Settings, SettingsError


def stripe_settings(settings: Settings) -> StripeSettings:
    """Return what the adapter needs, or raise `SettingsError`."""
    settings.require("stripe_api_key")
    assert settings.stripe_api_key is not None
    try:
        return StripeSettings(
            api_key=settings.stripe_api_key,
            api_base=settings.stripe_api_base,
            webhook_secrets=settings.stripe_webhook_secret or "",
            allow_live=settings.stripe_allow_live,
            currency=settings.price_book.currency,
        )
    except BadStripeSettings as error:
        says = hider(secrets_of(settings))(str(error))
        raise SettingsError([f"SMARTAPP_STRIPE_API_KEY, _API_BASE or _ALLOW_LIVE: {says}"]) from error


def payments(settings: Settings) -> StripePayments:
    return StripePayments(stripe_settings(settings), business_clock(settings))
