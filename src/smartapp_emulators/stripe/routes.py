"""The operations the emulator offers, each with the parameters it honors. The specification knows more of both."""

from collections.abc import Mapping

from smartapp_emulators.stripe.operations import Operation, operation
from smartapp_emulators.stripe.pausing import pause, resume
from smartapp_emulators.stripe.previewing import create_preview
from smartapp_emulators.stripe.resources import (
    checkout_sessions,
    customers,
    invoice_items,
    invoice_steps,
    invoices,
    notifications,
    payment_intents,
    payment_methods,
    portal,
    prices,
    products,
    refunds,
    subscriptions,
)

_PAGING = "limit starting_after ending_before"
_LIST = f"{_PAGING} created"

_CUSTOMER = (
    "address business_name individual_name description email name phone preferred_locales tax_exempt metadata "
    "invoice_settings.default_payment_method shipping balance"
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
_SUBSCRIBE = (
    "customer metadata cancel_at_period_end description default_payment_method items.price items.plan items.quantity "
    "items.metadata payment_behavior collection_method off_session billing_mode proration_behavior currency "
    "payment_settings.save_default_payment_method"
)
_SUBSCRIPTION = (
    "metadata cancel_at_period_end description default_payment_method items.id items.quantity items.metadata "
    "items.price items.plan items.deleted proration_behavior proration_date payment_behavior billing_cycle_anchor "
    "off_session trial_end"
)
_INVOICE = "auto_advance collection_method default_payment_method description footer metadata statement_descriptor"
_LINE = "amount description metadata period pricing quantity"
_INTENT = (
    "description metadata payment_method payment_method_types receipt_email setup_future_usage shipping "
    "statement_descriptor statement_descriptor_suffix"
)
_CONFIRM = (
    "payment_method payment_method_types off_session error_on_requires_action setup_future_usage receipt_email "
    "shipping return_url"
)
_CHANGE = "price quantity metadata proration_behavior proration_date payment_behavior"
_PREVIEW = " ".join(
    f"subscription_details.{name}"
    for name in (
        "items.id",
        "items.price",
        "items.plan",
        "items.quantity",
        "items.metadata",
        "items.deleted",
        "proration_behavior",
        "proration_date",
        "billing_cycle_anchor",
    )
)

_SUBSCRIPTION_PATH = "/v1/subscriptions/{subscription_exposed_id}"
_ENDPOINT_PATH = "/v1/webhook_endpoints/{webhook_endpoint}"

OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("POST", "/v1/customers"): operation(customers.create, f"{_CUSTOMER} payment_method"),
    ("GET", "/v1/customers"): operation(customers.listed, f"{_LIST} email"),
    ("GET", "/v1/customers/{customer}"): operation(customers.retrieve),
    ("POST", "/v1/customers/{customer}"): operation(customers.update, _CUSTOMER),
    ("DELETE", "/v1/customers/{customer}"): operation(customers.delete),
    ("GET", "/v1/customers/{customer}/payment_methods"): operation(payment_methods.of_customer, f"{_PAGING} type"),
    ("GET", "/v1/customers/{customer}/payment_methods/{payment_method}"): operation(payment_methods.one_of_customer),
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
    ("POST", "/v1/subscriptions"): operation(subscriptions.create, _SUBSCRIBE),
    ("GET", _SUBSCRIPTION_PATH): operation(subscriptions.retrieve),
    ("POST", _SUBSCRIPTION_PATH): operation(subscriptions.update, _SUBSCRIPTION),
    ("DELETE", _SUBSCRIPTION_PATH): operation(subscriptions.cancel, "cancellation_details"),
    ("POST", "/v1/subscriptions/{subscription}/pause"): operation(pause, "type"),
    ("POST", "/v1/subscriptions/{subscription}/resume"): operation(resume, "billing_cycle_anchor"),
    ("GET", "/v1/subscription_items"): operation(subscriptions.items_listed, f"{_PAGING} subscription"),
    ("POST", "/v1/subscription_items"): operation(subscriptions.item_create, f"subscription {_CHANGE}"),
    ("GET", "/v1/subscription_items/{item}"): operation(subscriptions.item),
    ("POST", "/v1/subscription_items/{item}"): operation(subscriptions.item_update, _CHANGE),
    ("DELETE", "/v1/subscription_items/{item}"): operation(
        subscriptions.item_delete, "proration_behavior proration_date payment_behavior"
    ),
    ("GET", "/v1/invoices"): operation(invoices.listed, f"{_LIST} customer status subscription"),
    ("POST", "/v1/invoices/create_preview"): operation(create_preview, f"subscription customer {_PREVIEW}"),
    ("POST", "/v1/invoiceitems"): operation(
        invoice_items.create, f"customer currency discountable invoice subscription {_LINE}"
    ),
    ("GET", "/v1/invoiceitems"): operation(invoice_items.listed, f"{_PAGING} customer invoice pending"),
    ("GET", "/v1/invoiceitems/{invoiceitem}"): operation(invoice_items.retrieve),
    ("POST", "/v1/invoiceitems/{invoiceitem}"): operation(invoice_items.update, "amount description metadata"),
    ("DELETE", "/v1/invoiceitems/{invoiceitem}"): operation(invoice_items.delete),
    ("POST", "/v1/invoices"): operation(
        invoice_steps.create, f"customer currency subscription pending_invoice_items_behavior {_INVOICE}"
    ),
    ("GET", "/v1/invoices/{invoice}"): operation(invoices.retrieve),
    ("POST", "/v1/invoices/{invoice}"): operation(invoice_steps.update, _INVOICE),
    ("DELETE", "/v1/invoices/{invoice}"): operation(invoice_steps.delete),
    ("POST", "/v1/invoices/{invoice}/add_lines"): operation(
        invoice_steps.add_lines,
        "invoice_metadata " + " ".join(f"lines.{name}" for name in f"invoice_item {_LINE}".split()),
    ),
    ("GET", "/v1/invoices/{invoice}/lines"): operation(invoices.lines, _PAGING),
    ("POST", "/v1/invoices/{invoice}/finalize"): operation(invoice_steps.finalize, "auto_advance"),
    ("POST", "/v1/invoices/{invoice}/pay"): operation(invoice_steps.pay, "payment_method off_session paid_out_of_band"),
    ("POST", "/v1/invoices/{invoice}/void"): operation(invoice_steps.void),
    ("POST", "/v1/invoices/{invoice}/mark_uncollectible"): operation(invoice_steps.mark_uncollectible),
    ("GET", "/v1/invoice_payments"): operation(invoices.payments_listed, f"{_LIST} invoice status payment"),
    ("GET", "/v1/invoice_payments/{invoice_payment}"): operation(invoices.payment),
    ("POST", "/v1/payment_intents"): operation(
        payment_intents.create,
        f"amount currency customer automatic_payment_methods confirm off_session error_on_requires_action return_url "
        f"{_INTENT}",
    ),
    ("GET", "/v1/payment_intents"): operation(payment_intents.listed, f"{_LIST} customer"),
    ("GET", "/v1/payment_intents/{intent}"): operation(payment_intents.retrieve),
    ("POST", "/v1/payment_intents/{intent}"): operation(payment_intents.update, f"amount {_INTENT}"),
    ("POST", "/v1/payment_intents/{intent}/confirm"): operation(payment_intents.confirm, _CONFIRM),
    ("POST", "/v1/payment_intents/{intent}/cancel"): operation(payment_intents.cancel, "cancellation_reason"),
    ("GET", "/v1/charges"): operation(payment_intents.charges, f"{_LIST} customer payment_intent"),
    ("GET", "/v1/charges/{charge}"): operation(payment_intents.charge),
    ("POST", "/v1/refunds"): operation(refunds.create, "charge payment_intent amount reason metadata"),
    ("GET", "/v1/refunds"): operation(refunds.listed, f"{_LIST} charge payment_intent"),
    ("GET", "/v1/refunds/{refund}"): operation(refunds.retrieve),
    ("POST", "/v1/refunds/{refund}"): operation(refunds.update, "metadata"),
    ("POST", "/v1/payment_methods"): operation(
        payment_methods.create,
        "type allow_redisplay billing_details metadata card.token card.number card.exp_month card.exp_year card.cvc "
        "us_bank_account",
    ),
    ("GET", "/v1/payment_methods"): operation(payment_methods.listed, f"{_PAGING} customer type"),
    ("GET", "/v1/payment_methods/{payment_method}"): operation(payment_methods.retrieve),
    ("POST", "/v1/payment_methods/{payment_method}"): operation(
        payment_methods.update, "allow_redisplay billing_details metadata card.exp_month card.exp_year"
    ),
    ("POST", "/v1/payment_methods/{payment_method}/attach"): operation(payment_methods.attach, "customer"),
    ("POST", "/v1/payment_methods/{payment_method}/detach"): operation(payment_methods.detach),
    ("POST", "/v1/billing_portal/sessions"): operation(
        portal.create, "customer return_url locale flow_data.type flow_data.after_completion"
    ),
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
