"""
The vendor's own command-line client against the emulator, and the same requests without it.

The client is the npm package `@stripe/cli`; name its binary in `STRIPE_CLI` or have `stripe` on the path.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from tests.emulators.stripe.support import Shop

Json = dict[str, Any]
Step = tuple[str, str, str, Json, int]

_NOTED = {"description": "(created by the test)"}
_CUSTOMER: Step = ("customer", "POST", "/v1/customers", _NOTED, 200)
_PRODUCT: Step = ("product", "POST", "/v1/products", {"name": "thing", **_NOTED}, 200)
_PRICE: Step = (
    "price",
    "POST",
    "/v1/prices",
    {"product": "{product}", "unit_amount": 1500, "currency": "usd", "recurring[interval]": "month"},
    200,
)
_WITH_CARD: Step = (
    "customer",
    "POST",
    "/v1/customers",
    {**_NOTED, "payment_method": "pm_card_visa", "invoice_settings[default_payment_method]": "pm_card_visa"},
    200,
)


def _invoice(card: str, outcome: int) -> list[Step]:
    item = {"amount": 2000, "currency": "usd", "customer": "{customer}", **_NOTED}
    draft = {"customer": "{customer}", **_NOTED, "pending_invoice_items_behavior": "include"}
    return [
        _CUSTOMER,
        ("card", "POST", f"/v1/payment_methods/{card}/attach", {"customer": "{customer}"}, 200),
        ("item", "POST", "/v1/invoiceitems", item, 200),
        ("invoice", "POST", "/v1/invoices", draft, 200),
        ("paid", "POST", "/v1/invoices/{invoice}/pay", {"payment_method": "{card}"}, outcome),
    ]


#: What the client asks for, event by event, in our words: (name, method, path, parameters, status).
TRIGGERS: dict[str, list[Step]] = {
    "customer.created": [_CUSTOMER],
    "product.created": [_PRODUCT],
    "price.created": [_PRODUCT, _PRICE],
    "customer.subscription.created": [
        _WITH_CARD,
        _PRODUCT,
        _PRICE,
        ("subscription", "POST", "/v1/subscriptions", {"customer": "{customer}", "items[0][price]": "{price}"}, 200),
    ],
    "invoice.paid": _invoice("pm_card_visa", 200),
    "invoice.payment_failed": _invoice("pm_card_chargeCustomerFail", 402),
    "charge.refunded": [
        (
            "intent",
            "POST",
            "/v1/payment_intents",
            {
                "amount": 100,
                "currency": "usd",
                "payment_method_types[0]": "card",
                "payment_method": "pm_card_visa",
                "confirm": "true",
                **_NOTED,
            },
            200,
        ),
        ("refund", "POST", "/v1/refunds", {"payment_intent": "{intent}"}, 200),
    ],
}
#: Further triggers of the client that the emulator serves.
MORE = (
    "customer.updated",
    "customer.deleted",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "subscription.payment_succeeded",
    "subscription.payment_failed",
    "product.updated",
    "product.deleted",
    "price.updated",
    "invoice.created",
    "invoice.updated",
    "invoice.finalized",
    "invoice.voided",
    "invoice.marked_uncollectible",
    "invoice.deleted",
    "invoice.payment_action_required",
    "invoiceitem.created",
    "invoiceitem.deleted",
    "payment_intent.created",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.requires_action",
    "payment_intent.canceled",
    "payment_method.attached",
    "payment_method.detached",
    "charge.succeeded",
    "charge.failed",
    "charge.refund.updated",
    "billing_portal.session.created",
)
#: Names of triggers that are no event of that name.
_STANDS_FOR = {
    "subscription.payment_succeeded": "invoice.paid",
    "subscription.payment_failed": "invoice.payment_failed",
}


@pytest.mark.parametrize("event", TRIGGERS)
def test_the_requests_of_a_trigger_make_its_event(shop: Shop, event: str) -> None:
    shop.http.delete("/_emulator/journal")
    known: dict[str, str] = {}

    for name, _method, path, params, status in TRIGGERS[event]:
        sent = {key: value.format(**known) if isinstance(value, str) else value for key, value in params.items()}
        answer = shop.send(path.format(**known), urlencode(sent))
        assert answer.status_code == status, answer.text
        known[name] = answer.json().get("id", "")
    error = answer.json().get("error")

    assert event in shop.events()
    assert error is None or error["type"] == "card_error"


@pytest.fixture(scope="session")
def client() -> str:
    found = os.environ.get("STRIPE_CLI") or shutil.which("stripe")
    if found is None:
        pytest.skip("The command-line client is not installed: npm install @stripe/cli, then set STRIPE_CLI.")
    return found


@pytest.mark.parametrize("event", [*TRIGGERS, *MORE])
def test_the_official_client_triggers(shop: Shop, client: str, tmp_path: Path, event: str) -> None:
    before = len(shop.events())
    port = urlsplit(shop.url).port
    command = [client, "trigger", event, "--api-base", f"http://127.0.0.1:{port}", "--api-key", "sk_test_emulator"]
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "STRIPE_CLI_TELEMETRY_OPTOUT": "1"}

    done = subprocess.run(
        [*command, "--config", str(tmp_path / "config.toml")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={"PATH": os.environ["PATH"], **home},
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search("Trigger succeeded", done.stdout)
    assert _STANDS_FOR.get(event, event) in shop.events()[before:]
