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


def endpoint_problem(settings: StripeSettings, url: str) -> str | None:
    """Return in one sentence what keeps Stripe's notices from reaching `url` as we read them, or None."""
    calls = StripeCalls(settings)
    try:
        there = list(calls.every("read webhook endpoints", calls.v1.webhook_endpoints.list))
    finally:
        calls.close()
    ours = [each for each in there if each["url"] == url]
    if not ours:
        return f"Stripe has no webhook endpoint for {url}."
    if len(ours) > 1:
        return f"Stripe has {len(ours)} webhook endpoints for {url}, so each notice comes as often."
    (found,) = ours
    if found["api_version"] != API_VERSION:
        version = found["api_version"] or "the account's default version"
        return f"The webhook endpoint speaks {version}; we read {API_VERSION}."
    if found["status"] != "enabled":
        return "The webhook endpoint is disabled."
    if not _hears_all(found):
        missing = sorted(set(WEBHOOK_EVENTS) - set(found["enabled_events"]))
        return f"The webhook endpoint is not told of {', '.join(missing)}."
    return None
