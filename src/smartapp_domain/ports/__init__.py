"""The sockets of the domain, one file per role, and `Ports`, which carries one plug for each."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import attrs

from smartapp_domain.ports.clock import Clock, Ids
from smartapp_domain.ports.payments import BillingEvents, Payments
from smartapp_domain.ports.platform import Platform, SignIn
from smartapp_domain.ports.storage import Reading, Scope, Storage, Transaction
from smartapp_domain.ports.tokens import TokenVault
from smartapp_domain.pricing import LIST_PRICES, PriceBook


@attrs.frozen
class Ports:
    """
    Everything a use case may reach.

    Attributes:
        real_time: What time it is wherever a demo moved the business, for work nobody asked for. Who asks says when.
        connections: Set when background work runs in the name of a company admin instead of our service account; only
            then is what they signed in with kept, here.

    """

    clock: Clock
    real_time: Clock
    ids: Ids
    storage: Storage
    sign_in: SignIn
    platform: Platform
    payments: Payments
    billing_events: BillingEvents
    price_book: PriceBook = LIST_PRICES
    connections: TokenVault | None = None

    @property
    def reading(self) -> Callable[[Scope], AbstractContextManager[Reading]]:
        return self.storage.reading

    @property
    def transaction(self) -> Callable[[Scope], AbstractContextManager[Transaction]]:
        return self.storage.transaction
