"""The one gate through which every call to Stripe goes."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import stripe

from smartapp_adapters.billing.errors import translated
from smartapp_adapters.billing.settings import API_VERSION, StripeSettings
from smartapp_domain.ports.storage import in_transaction

logger = logging.getLogger("smartapp.billing")

Json = dict[str, Any]

_PAGE = 100


class StripeCalls:
    """
    A client, and the rules for using it: never inside a transaction, errors in the port's words, answers as plain data.

    Safe for many threads: the SDK keeps no state between calls, and the `httpx.Client` below it is made for sharing.
    """

    def __init__(self, settings: StripeSettings, http: stripe.HTTPClient | None = None) -> None:
        self.settings = settings
        # Else every call carries the machine's platform and timings, and a file is written to the user's home.
        stripe.enable_telemetry = False
        self._http = http or stripe.HTTPXClient(timeout=settings.timeout_s, allow_sync_methods=True)
        self.v1 = stripe.StripeClient(
            settings.api_key,
            stripe_version=API_VERSION,
            base_addresses={"api": settings.api_base},
            max_network_retries=settings.retries,
            http_client=self._http,
        ).v1

    def close(self) -> None:
        self._http.close()  # type: ignore[no-untyped-call]  # the SDK leaves this one without types

    def __call__(
        self,
        doing: str,
        call: Callable[..., stripe.StripeObject],
        *args: Any,
        key: str | None = None,
        retries: int | None = None,
    ) -> Json:
        """
        Make one call.

        Args:
            doing: What it is for, as in "open a pay page"; an error says so.
            call: A method of the SDK.
            args: Its ids and parameters.
            key: Our idempotency key. Without one the SDK makes up its own, which protects its retries alone.
            retries: Tries after the first one, where the settings' number is too many.

        Raises:
            PaymentError: One of the port's errors.
            RuntimeError: A storage transaction is open, and would hold its lock while Stripe thinks.
        """
        if in_transaction.get():
            raise RuntimeError(f"Stripe was called inside a storage transaction, to {doing}. Call it before or after.")
        options = {"idempotency_key": self._scoped(key)} if key else {}
        more = {} if retries is None else {"max_network_retries": retries}
        try:
            return call(*args, *([options | more] if options or more else [])).to_dict()
        except (stripe.AuthenticationError, stripe.PermissionError) as error:
            refused = translated(error, doing)
            ending = self.settings.api_key[-4:]
            # Not as a cause: some servers repeat the key they were given.
            logger.error("billing.key_refused: %s The key ends in %s.", refused, ending)  # noqa: TRY400 - nor in a trace
            raise refused from None
        except stripe.StripeError as error:
            raise translated(error, doing) from error

    def _scoped(self, key: str) -> str:
        return f"{self.settings.namespace}:{key}" if self.settings.namespace else key

    def every(self, doing: str, call: Callable[..., stripe.StripeObject], *ids: str, **filters: Any) -> Iterator[Json]:
        """Yield all objects of a list, page after page."""
        params: Json = {"limit": _PAGE, **filters}
        while True:
            page = self(doing, call, *ids, params)
            yield from page["data"]
            if not page["has_more"]:
                return
            params = {**params, "starting_after": page["data"][-1]["id"]}
