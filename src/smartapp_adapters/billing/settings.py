"""How to reach Stripe, and which Stripe: what an operator sets."""

import re
from typing import Final

import attrs

#: The API version every call asks for and every notice must carry; the shapes read in `snapshots` are this version's.
API_VERSION: Final = "2026-10-28.endive"

_KEY = re.compile(r"^(sk|rk)_(test|live)_\w+$")
_LOOPBACK = re.compile(r"^http://(localhost|127\.0\.0\.1)(:\d+)?$")


class BadStripeSettings(ValueError):
    """A setting is wrong; the sentence names it, says what to do, and never repeats a secret."""


def _secrets(given: str | tuple[str, ...]) -> tuple[str, ...]:
    """Accept one text, as an environment variable holds it, with several secrets parted by commas or spaces."""
    parts = re.split(r"[,\s]+", given) if isinstance(given, str) else given
    return tuple(part for part in parts if part)


def _without_slash(given: str) -> str:
    return given.rstrip("/")


@attrs.frozen
class StripeSettings:
    """
    One Stripe account, seen from one deployment.

    Attributes:
        api_key: A secret (`sk_…`) or restricted (`rk_…`) key. A live key moves real money, so it is refused unless
            `allow_live` says that this deployment is production, and never sent anywhere but by https.
        api_base: Where the API answers; an emulator on the loopback interface may be named instead.
        webhook_secrets: `whsec_…`, one for each endpoint; several while one is being exchanged for another. Empty
            means that every notice is refused, not that none is checked.
        timeout_s: For each of up to three tries of one call.
        retries: Tries after the first one, by the SDK, with the same idempotency key; 429 is not among them.
        currency: What `PriceBook.currency` is in this deployment; an order does not carry it.
        namespace: Goes in front of every idempotency key; needed only when deployments share one Stripe account.

    """

    api_key: str = attrs.field(repr=False)
    api_base: str = attrs.field(default="https://api.stripe.com", converter=_without_slash)
    webhook_secrets: tuple[str, ...] = attrs.field(default=(), repr=False, converter=_secrets)
    timeout_s: float = 20.0
    retries: int = 2
    allow_live: bool = False
    currency: str = "usd"
    namespace: str = ""

    def __attrs_post_init__(self) -> None:
        if not _KEY.match(self.api_key):
            raise BadStripeSettings("The Stripe API key must begin with sk_test_, rk_test_, sk_live_ or rk_live_.")
        if not self.api_base.startswith("https://") and not _LOOPBACK.match(self.api_base):
            raise BadStripeSettings(
                f"The Stripe address {self.api_base} is neither https nor on this machine; a key would travel in clear."
            )
        if self.is_live and not self.allow_live:
            raise BadStripeSettings(
                "The Stripe API key is a live one, and this deployment is not marked as production. "
                "Use a test key, or allow live keys if real money is meant."
            )
        if self.is_live and not self.api_base.startswith("https://"):
            raise BadStripeSettings("A live Stripe API key cannot be used with an emulator. Use a test key.")

    @property
    def is_live(self) -> bool:
        return "_live_" in self.api_key
