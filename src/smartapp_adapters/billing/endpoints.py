"""Make Stripe send its notices to us: for the demo and for a first deployment."""

from smartapp_adapters.billing.calls import Json, StripeCalls
from smartapp_adapters.billing.settings import API_VERSION, StripeSettings
from smartapp_adapters.billing.stripe_webhooks import WEBHOOK_EVENTS


def ensure_webhook_endpoint(settings: StripeSettings, url: str, *, replace: bool = False) -> str | None:
    """
    Return the secret of a newly created endpoint for `url`, or None when the one there already is right.

    Stripe tells a secret only once, on creation: who gets None must have kept it. An endpoint of another API version
    cannot be changed and is replaced; missing event types are added in place.

    Args:
        settings: Which Stripe.
        url: Where notices shall go.
        replace: Make a new one even so, because the old secret was lost.
    """
    calls = StripeCalls(settings)
    try:
        return _ensured(calls, url, replace=replace)
    finally:
        calls.close()


def _ensured(calls: StripeCalls, url: str, *, replace: bool) -> str | None:
    endpoints = calls.v1.webhook_endpoints
    kept = None
    for found in list(calls.every("read webhook endpoints", endpoints.list)):
        if found["url"] != url:
            continue
        if kept is None and not replace and found["api_version"] == API_VERSION:
            kept = found
        else:  # two for one address would deliver everything twice
            calls("remove a webhook endpoint", endpoints.delete, found["id"])
    if kept is None:
        return _created(calls, url)
    if kept["status"] != "enabled" or not _hears_all(kept):
        params = {"enabled_events": list(WEBHOOK_EVENTS), "disabled": False}
        calls("update a webhook endpoint", endpoints.update, kept["id"], params)
    return None


def _hears_all(endpoint: Json) -> bool:
    return "*" in endpoint["enabled_events"] or set(WEBHOOK_EVENTS) <= set(endpoint["enabled_events"])


def _created(calls: StripeCalls, url: str) -> str:
    params = {
        "url": url,
        "enabled_events": list(WEBHOOK_EVENTS),
        "api_version": API_VERSION,
        "description": "Smartapp Connect",
    }
    # No key of ours: after a removal it would repeat the old answer, with the secret of an endpoint that is gone.
    made = calls("create a webhook endpoint", calls.v1.webhook_endpoints.create, params)
    return str(made["secret"])
