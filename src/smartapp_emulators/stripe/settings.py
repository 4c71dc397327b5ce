"""What the owner of the account has set up, or nobody outside the provider knows for sure: switches with defaults."""

from collections.abc import Mapping
from typing import Any

from smartapp_emulators.stripe.account import Account

Json = dict[str, Any]

_KIND, _ID = "_settings", "account"

#: Every setting with its values, the default first. Where the provider's behavior is uncertain the default is the less
#: comfortable one.
CHOICES: Mapping[str, tuple[str, ...]] = {
    # What becomes of a subscription when the last retry of an invoice failed.
    "after_retries": ("unpaid", "canceled", "past_due"),
    # What a card given in the billing portal becomes the default of.
    "portal_card": ("customer", "customer_and_subscriptions"),
}


def setting(account: Account, name: str) -> str:
    """Return the value of a setting."""
    kept = account.store.get(_KIND, _ID) or {}
    value: str = kept.get(name, CHOICES[name][0])
    return value


def settings(account: Account) -> Json:
    """Return all settings by name."""
    return {name: setting(account, name) for name in CHOICES}


def choose(account: Account, wanted: Mapping[str, Any]) -> Json:
    """
    Change settings; call inside `changing()`.

    Raises:
        ValueError: A name or a value that is none.
    """
    for name, value in wanted.items():
        if value not in CHOICES.get(name, ()):
            known = "; ".join(f"{key}: {', '.join(values)}" for key, values in CHOICES.items())
            raise ValueError(f"No such setting or value: {name} = {value!r}. There are {known}.")
    account.store.put(_KIND, {"id": _ID, **settings(account), **wanted})
    return settings(account)
