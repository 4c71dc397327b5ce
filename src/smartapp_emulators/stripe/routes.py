"""The operations the emulator offers, each with the parameters it honors. The specification knows more of both."""

from collections.abc import Mapping

from smartapp_emulators.stripe.operations import Operation, operation
from smartapp_emulators.stripe.previewing import create_preview
from smartapp_emulators.stripe.resources import (
    checkout_sessions,
    customers,
    invoices,
    notifications,
    payment_objects,
    prices,
    products,
    subscriptions,
)

_PAGING = "limit starting_after ending_before"
_LIST = f"{_PAGING} created"

_CUSTOMER = (
    "address business_name individual_name description email name phone preferred_locales tax_exempt metadata "
    "invoice_settings.default_payment_method"
)
_PRODUCT = "active description images name shippable statement_descriptor unit_label url metadata"
_RECURRING = "recurring.interval recurring.interval_count recurring.usage_type"
_PRICE = (
    "active billing_scheme currency lookup_key transfer_lookup_key metadata nickname tax_behavior unit_amount "
    f"{_RECURRING}"
)
_DEFAULT_PRICE = " ".join(
    f"default_price_data.{name}"
    for name in f"active currency lookup_key metadata nickname tax_behavior unit_amount {_RECURRING}".split()
)
_SESSION = (
    "mode ui_mode customer customer_email client_reference_id line_items.price line_items.quantity line_items.metadata "
    "subscription_data.billing_mode subscription_data.metadata subscription_data.description metadata expires_at "
    "success_url cancel_url automatic_tax allowed_payment_method_types excluded_payment_method_types"
)
_SUBSCRIPTION = (
    "metadata cancel_at_period_end description default_payment_method items.id items.quantity items.metadata "
    "items.price items.deleted proration_behavior proration_date payment_behavior"
)
_CHANGE = "price quantity metadata proration_behavior proration_date payment_behavior"
_PREVIEW = " ".join(
    f"subscription_details.{name}"
    for name in ["items.id", "items.price", "items.quantity", "items.deleted", "proration_behavior", "proration_date"]
)

_SUBSCRIPTION_PATH = "/v1/subscriptions/{subscription_exposed_id}"
_ENDPOINT_PATH = "/v1/webhook_endpoints/{webhook_endpoint}"

OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("POST", "/v1/customers"): operation(customers.create, _CUSTOMER),
    ("GET", "/v1/customers"): operation(customers.listed, f"{_LIST} email"),
    ("GET", "/v1/customers/{customer}"): operation(customers.retrieve),
    ("POST", "/v1/customers/{customer}"): operation(customers.update, _CUSTOMER),
    ("DELETE", "/v1/customers/{customer}"): operation(customers.delete),
    ("GET", "/v1/customers/{customer}/payment_methods"): operation(
        payment_objects.methods_of_customer, f"{_PAGING} type"
    ),
    ("POST", "/v1/products"): operation(products.create, f"id {_PRODUCT} {_DEFAULT_PRICE}"),
    ("GET", "/v1/products"): operation(products.listed, f"{_LIST} active ids"),
    ("GET", "/v1/products/{id}"): operation(products.retrieve),
    ("POST", "/v1/products/{id}"): operation(products.update, f"{_PRODUCT} default_price"),
    ("DELETE", "/v1/products/{id}"): operation(products.delete),
    ("POST", "/v1/prices"): operation(prices.create, f"{_PRICE} product"),
    ("GET", "/v1/prices"): operation(prices.listed, f"{_LIST} active currency lookup_keys product type recurring"),
    ("GET", "/v1/prices/{price}"): operation(prices.retrieve),
    ("POST", "/v1/prices/{price}"): operation(
        prices.update, "active lookup_key transfer_lookup_key metadata nickname tax_behavior"
    ),
    ("POST", "/v1/checkout/sessions"): operation(checkout_sessions.create, _SESSION),
    ("GET", "/v1/checkout/sessions"): operation(checkout_sessions.listed, f"{_LIST} customer status subscription"),
    ("GET", "/v1/checkout/sessions/{session}"): operation(checkout_sessions.retrieve),
    ("POST", "/v1/checkout/sessions/{session}"): operation(checkout_sessions.update, "metadata"),
    ("POST", "/v1/checkout/sessions/{session}/expire"): operation(checkout_sessions.expire),
    ("GET", "/v1/checkout/sessions/{session}/line_items"): operation(checkout_sessions.line_items, _PAGING),
    ("GET", "/v1/subscriptions"): operation(subscriptions.listed, f"{_LIST} customer price status"),
    ("GET", _SUBSCRIPTION_PATH): operation(subscriptions.retrieve),
    ("POST", _SUBSCRIPTION_PATH): operation(subscriptions.update, _SUBSCRIPTION),
    ("DELETE", _SUBSCRIPTION_PATH): operation(subscriptions.cancel, "cancellation_details"),
    ("GET", "/v1/subscription_items"): operation(subscriptions.items_listed, f"{_PAGING} subscription"),
    ("POST", "/v1/subscription_items"): operation(subscriptions.item_create, f"subscription {_CHANGE}"),
    ("GET", "/v1/subscription_items/{item}"): operation(subscriptions.item),
    ("POST", "/v1/subscription_items/{item}"): operation(subscriptions.item_update, _CHANGE),
    ("DELETE", "/v1/subscription_items/{item}"): operation(
        subscriptions.item_delete, "proration_behavior proration_date payment_behavior"
    ),
    ("GET", "/v1/invoices"): operation(invoices.listed, f"{_LIST} customer status subscription"),
    ("POST", "/v1/invoices/create_preview"): operation(create_preview, f"subscription customer {_PREVIEW}"),
    ("GET", "/v1/invoiceitems"): operation(invoices.items_listed, f"{_PAGING} customer invoice pending"),
    ("GET", "/v1/invoiceitems/{invoiceitem}"): operation(invoices.item),
    ("GET", "/v1/invoices/{invoice}"): operation(invoices.retrieve),
    ("GET", "/v1/invoices/{invoice}/lines"): operation(invoices.lines, _PAGING),
    ("POST", "/v1/invoices/{invoice}/finalize"): operation(invoices.finalize),
    ("POST", "/v1/invoices/{invoice}/pay"): operation(invoices.pay, "payment_method"),
    ("POST", "/v1/invoices/{invoice}/void"): operation(invoices.void),
    ("POST", "/v1/invoices/{invoice}/mark_uncollectible"): operation(invoices.mark_uncollectible),
    ("GET", "/v1/invoice_payments"): operation(invoices.payments_listed, f"{_LIST} invoice status payment"),
    ("GET", "/v1/invoice_payments/{invoice_payment}"): operation(invoices.payment),
    ("GET", "/v1/payment_intents/{intent}"): operation(payment_objects.intent),
    ("GET", "/v1/charges"): operation(payment_objects.charges, f"{_LIST} customer payment_intent"),
    ("GET", "/v1/charges/{charge}"): operation(payment_objects.charge),
    ("GET", "/v1/payment_methods"): operation(payment_objects.methods, f"{_PAGING} customer type"),
    ("GET", "/v1/payment_methods/{payment_method}"): operation(payment_objects.method),
    ("GET", "/v1/events"): operation(notifications.events, f"{_LIST} type types delivery_success"),
    ("GET", "/v1/events/{id}"): operation(notifications.event),
    ("POST", "/v1/webhook_endpoints"): operation(
        notifications.create, "url enabled_events description metadata api_version"
    ),
    ("GET", "/v1/webhook_endpoints"): operation(notifications.listed, _PAGING),
    ("GET", _ENDPOINT_PATH): operation(notifications.retrieve),
    ("POST", _ENDPOINT_PATH): operation(notifications.update, "url enabled_events description metadata disabled"),
    ("DELETE", _ENDPOINT_PATH): operation(notifications.delete),
}
