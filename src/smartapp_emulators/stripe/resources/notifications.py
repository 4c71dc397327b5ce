"""Events and webhook endpoints over the API."""

from typing import Any
from urllib.parse import urlsplit

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.errors import StripeError, invalid
from smartapp_emulators.stripe.ids import new_id
from smartapp_emulators.stripe.listing import created_in, page
from smartapp_emulators.stripe.objects import assign, merge_metadata
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.spec import API_VERSION
from smartapp_emulators.stripe.store import public

Json = dict[str, Any]

_MOST_ENDPOINTS = 16
_EVENTS_KEPT_S = 30 * 24 * 3600


def event(account: Account, call: Call) -> Json:
    found: Json = public(account.find("event", call.ids[0]))
    if found["created"] < account.now() - _EVENTS_KEPT_S:
        raise StripeError(f"No such event: '{found['id']}'", status=404, code="resource_missing", param="id")
    return found


def events(account: Account, call: Call) -> Json:
    wanted, success = _types(call), call.get("delivery_success")
    oldest = account.now() - _EVENTS_KEPT_S
    return page(
        call,
        (
            row
            for row in account.store.rows("event")
            if row["created"] >= oldest
            and (wanted is None or any(_matches(row["type"], one) for one in wanted))
            and (success is None or (row["pending_webhooks"] == 0) == success)
            and created_in(row, call.get("created"))
        ),
    )


def create(account: Account, call: Call) -> Json:
    if account.store.count("webhook_endpoint") >= _MOST_ENDPOINTS:
        raise StripeError(f"You have reached the maximum of {_MOST_ENDPOINTS} test webhook endpoints.")
    version = call.get("api_version") or API_VERSION
    if version != API_VERSION:
        raise invalid(f"The Stripe emulator delivers events of API version {API_VERSION} only.", "api_version")
    endpoint = {
        "id": new_id("we"),
        "object": "webhook_endpoint",
        "api_version": call.get("api_version"),
        "application": None,
        "created": account.now(),
        "description": call.get("description"),
        "enabled_events": call.params["enabled_events"],
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": _checked_url(call.params["url"]),
        "_secret": new_id("whsec"),
    }
    merge_metadata(endpoint, call.params.get("metadata"))
    account.store.put("webhook_endpoint", endpoint)
    shown: Json = public(endpoint)
    return shown | {"secret": endpoint["_secret"]}  # shown once, as Stripe does


def retrieve(account: Account, call: Call) -> Json:
    found: Json = public(account.find("webhook_endpoint", call.ids[0]))
    return found


def update(account: Account, call: Call) -> Json:
    endpoint = account.find("webhook_endpoint", call.ids[0])
    assign(endpoint, call, "description")
    if call.get("url"):
        endpoint["url"] = _checked_url(call.params["url"])
    if call.get("enabled_events"):
        endpoint["enabled_events"] = call.params["enabled_events"]
    if call.get("disabled") is not None:
        endpoint["status"] = "disabled" if call.params["disabled"] else "enabled"
    merge_metadata(endpoint, call.params.get("metadata"))
    account.store.put("webhook_endpoint", endpoint)
    return retrieve(account, call)


def delete(account: Account, call: Call) -> Json:
    endpoint = account.find("webhook_endpoint", call.ids[0])
    account.store.remove("webhook_endpoint", endpoint["id"])
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}


def listed(account: Account, call: Call) -> Json:
    return page(call, account.store.rows("webhook_endpoint"))


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise invalid("Invalid URL: An explicit scheme (such as https) must be provided.", "url", "url_invalid")
    return url


def _types(call: Call) -> list[str] | None:
    one, many = call.get("type"), call.get("types")
    if one and many:
        raise invalid("You may only specify one of these parameters: type, types.", "types")
    return [one] if one else many


def _matches(kind: str, wanted: str) -> bool:
    return kind == wanted or (wanted.endswith("*") and kind.startswith(wanted[:-1]))
