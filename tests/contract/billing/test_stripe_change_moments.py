"""What Stripe does between two calls of ours about one change."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
import stripe
from tests.contract.billing.test_stripe_change_shapes import Json, invoice, order, subscription, waiting
from tests.contract.billing.test_stripe_shapes import ID

from smartapp_adapters.billing import StripePayments, StripeSettings
from smartapp_domain.billing import CheckoutState
from smartapp_domain.testing.clock import MemoryClock

__all__ = ["invoice", "subscription"]  # recorded answers


class Moving(stripe.HTTPClient):
    """Answers each path with the next of its answers, the last one for ever; remembers what was asked to change."""

    name = "moving"

    def __init__(self, answers: Mapping[str, Iterator[Json]]) -> None:
        super().__init__()
        self._answers = answers
        self.changed: list[str] = []

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> tuple[str, int, dict[str, str]]:
        del headers, post_data
        path = urlsplit(url).path.removeprefix("/v1/")
        if method == "post":
            self.changed.append(path)
        return json.dumps(next(self._answers[path])), 200, {}

    def close(self) -> None:
        pass


def one_after_the_other(*answers: Json) -> Iterator[Json]:
    yield from answers
    while True:
        yield answers[-1]


def rows(*invoices: Json) -> Json:
    return {"object": "list", "data": list(invoices), "has_more": False, "url": "/"}


def at_stripe(subscriptions: list[Json], invoices: list[Json]) -> tuple[StripePayments, Moving]:
    answers = {
        f"subscriptions/{ID}": one_after_the_other(*subscriptions),
        "invoices": one_after_the_other(*(rows(each) for each in invoices)),
        f"invoices/{invoices[0]['id']}/void": one_after_the_other(invoices[-1]),
    }
    http = Moving(answers)
    return StripePayments(StripeSettings("sk_test_1"), MemoryClock(), http=http), http


def made(subscription: Json) -> list[Json]:
    """The subscription was read before the change was made, and is read again after."""
    return [subscription, waiting(subscription)]


def paid(subscription: Json) -> list[Json]:
    """It was read while nothing waited; by the second look the change is paid for and applied."""
    return [subscription, subscription]


@pytest.mark.parametrize(
    ("subscriptions", "statuses", "state"),
    [(made, ("open", "open"), CheckoutState.OPEN), (paid, ("open", "paid"), CheckoutState.PAID)],
    ids=["made", "paid"],
)
def test_a_change_made_or_paid_between_the_two_reads_is_looked_at_again(
    subscription: Json,
    invoice: Json,
    subscriptions: Callable[[Json], list[Json]],
    statuses: tuple[str, str],
    state: CheckoutState,
) -> None:
    bills = [invoice | {"status": status, "attempted": False} for status in statuses]
    payments, _ = at_stripe(subscriptions(subscription), bills)

    assert payments.extension(order()).state is state


@pytest.mark.parametrize("status", ["open", "uncollectible"])
def test_what_could_still_be_paid_is_voided_when_a_change_is_given_up(
    subscription: Json, invoice: Json, status: str
) -> None:
    bills = [invoice | {"status": status, "attempted": False}, invoice | {"status": "void"}]
    payments, http = at_stripe([waiting(subscription), subscription], bills)

    outcome = payments.close_extension(order())

    assert outcome.state is CheckoutState.EXPIRED
    assert http.changed == [f"invoices/{invoice['id']}/void"]
