"""An expected "no" is a value that carries its reason, the words for the customer and the way out."""

import enum

import attrs


class Reason(enum.Enum):
    """Why something asked for is not done. The value is stable and part of the API."""

    LICENSED = "licensed"
    IN_OPEN_ORDER = "in_open_order"
    UNKNOWN_PROJECT = "unknown_project"
    CONNECTION_LOST = "connection_lost"
    PROJECT_INACTIVE = "project_inactive"
    LINK_TAKEN = "link_taken"
    NOTHING_SELECTED = "nothing_selected"
    MODULE_MISSING = "module_missing"
    LIST_TOO_LONG = "list_too_long"
    PRICE_CHANGED = "price_changed"
    PRICE_ON_REQUEST = "price_on_request"
    CATALOG_DRIFT = "catalog_drift"
    ROLE_TOO_LOW = "role_too_low"
    ALREADY_PAID = "already_paid"
    PAYMENT_PROCESSING = "payment_processing"
    PAYMENT_OVERDUE = "payment_overdue"
    CHANGE_UNDER_WAY = "change_under_way"
    CHANGES_USED_UP = "changes_used_up"
    NOT_LICENSED = "not_licensed"
    NAME_MISSING = "name_missing"
    NAME_TOO_LONG = "name_too_long"
    NAME_MISLEADS = "name_misleads"
    EMAIL_INVALID = "email_invalid"
    ROLE_ABOVE_OWN = "role_above_own"
    LAST_OWNER = "last_owner"
    MEMBER_ALREADY = "member_already"
    INVITED_ALREADY = "invited_already"
    INVITATION_OVER = "invitation_over"
    INVITATION_FOR_ANOTHER = "invitation_for_another"
    REMOVED = "removed"
    TOO_MANY_TOKENS = "too_many_tokens"
    KEY_OF_ANOTHER_REQUEST = "idempotency_key_of_another_request"
    KEY_STILL_RUNNING = "idempotency_key_still_running"


class WayOut(enum.Enum):
    """Where the customer goes next; the web layer knows the address."""

    MANAGE_SUBSCRIPTIONS = "manage_subscriptions"
    PROJECTS = "projects"
    SUBSCRIPTIONS = "subscriptions"
    PAYMENT = "payment"
    PROJECT_CENTRAL = "project_central"
    SUPPORT = "support"
    MEMBERS = "members"
    ACCOUNT = "account"


@attrs.frozen
class Refused:
    """
    A decision not to do something.

    Attributes:
        message: One or two plain sentences for the customer: what, and how to go on.
        about: Id of the thing the refusal is about (a platform project, an order), when there is one.

    """

    reason: Reason
    message: str
    way_out: WayOut | None = None
    about: str | None = None
