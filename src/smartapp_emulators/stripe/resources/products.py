"""Products: what is sold. Prices say for how much."""

from typing import Any

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.errors import StripeError, invalid
from smartapp_emulators.stripe.ids import new_id
from smartapp_emulators.stripe.listing import created_in, page
from smartapp_emulators.stripe.objects import assign, changed, keep, merge_metadata
from smartapp_emulators.stripe.operations import Call
from smartapp_emulators.stripe.resources import prices
from smartapp_emulators.stripe.store import public

Json = dict[str, Any]

_PLAIN = ("active", "description", "images", "name", "shippable", "statement_descriptor", "unit_label", "url")


def create(account: Account, call: Call) -> Json:
    identifier = call.get("id") or new_id("prod")
    if account.store.get("product", identifier):
        raise invalid(f"Product already exists: {identifier}", "id", "resource_already_exists")
    product: Json = {
        "id": identifier,
        "object": "product",
        "active": True,
        "created": account.now(),
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "name": "",
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": None,
        "updated": account.now(),
        "url": None,
    }
    _apply(product, call)
    keep(account, "product", product, "product.created")
    if default := call.get("default_price_data"):
        price = prices.make(account, {**default, "product": identifier})
        product["default_price"] = price["id"]
    return keep(account, "product", product)


def retrieve(account: Account, call: Call) -> Json:
    found: Json = public(account.find("product", call.ids[0]))
    return found


def update(account: Account, call: Call) -> Json:
    product = account.find("product", call.ids[0])
    before = public(product)
    _apply(product, call)
    if price := call.get("default_price"):
        account.find("price", price, "default_price", status=400)
        product["default_price"] = price
    previous = changed(before, product)
    if previous:
        product["updated"] = account.now()
    return keep(account, "product", product, "product.updated" if previous else None, previous)


def delete(account: Account, call: Call) -> Json:
    product = account.find("product", call.ids[0])
    if any(price["product"] == product["id"] for price in account.store.rows("price")):
        raise StripeError("This product cannot be deleted because it has one or more user-created prices.")
    account.store.remove("product", product["id"])
    account.emit("product.deleted", product)
    return {"id": product["id"], "object": "product", "deleted": True}


def listed(account: Account, call: Call) -> Json:
    active, ids = call.get("active"), call.get("ids")
    return page(
        call,
        (
            row
            for row in account.store.rows("product")
            if active in {None, row["active"]}
            and (ids is None or row["id"] in ids)
            and created_in(row, call.get("created"))
        ),
    )


def _apply(product: Json, call: Call) -> None:
    assign(product, call, *_PLAIN)
    if not product["name"]:
        raise invalid("A product needs a name.", "name", "parameter_invalid_empty")
    merge_metadata(product, call.params.get("metadata"))
