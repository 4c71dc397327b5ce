"""What is compared at the end of a journey sees each kind of loss and doubling: here they are planted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import attrs
import pytest
from tests.app.killing.books import Json, faults
from tests.app.killing.world import Company
from tests.unit.use_cases.journey import FIRST, SECOND, buy, pick, settled, started

from smartapp_domain.catalog import Module
from smartapp_domain.identity import Actor
from smartapp_domain.ids import CustomerId
from smartapp_domain.testing.payments_cards import StoredCard
from smartapp_domain.testing.workbench import Workbench

CUSTOMER = {"customer": "cus_1"}


@attrs.frozen
class Losing:
    """A storage in which the licenses cannot be found."""

    inner: Any

    @contextmanager
    def reading(self, scope: Any) -> Iterator[Any]:
        with self.inner.reading(scope) as reading:
            yield _WithoutLicenses(reading)


@attrs.frozen
class _WithoutLicenses:
    inner: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    @property
    def licenses(self) -> "_WithoutLicenses":
        return self

    def all(self) -> tuple[()]:
        return ()


@attrs.define
class Story:
    """One company that bought one product, as our storage, the provider and its journal tell it."""

    bench: Workbench
    owner: Actor
    storage: Any
    objects: dict[str, list[Json]]
    asked: list[Json]

    stripe: str = "https://stripe.test"

    def emulator(self, method: str, url: str, path: str) -> Any:
        """Answer as the emulator of a `Site` would."""
        assert (method, url) == ("GET", self.stripe)
        return {"now": self.bench.clock.now().isoformat()} if path == "clock" else self._rows(path)

    def _rows(self, path: str) -> Json:
        return {"data": self.objects[path.removeprefix("objects/")]}

    def faults(self) -> list[str]:
        site: Any = self
        company = Company(77, ("Dana",), (int(FIRST), int(SECOND)))
        return list(faults(site, self.storage, company, self.asked))


@pytest.fixture
def story() -> Story:
    bench = Workbench.of()
    company = bench.company("77", "TOWER", "BRIDGE")
    owner = bench.sign_in(bench.employ(company, "dana", admin=True), company)
    pick(bench, owner, FIRST, Module.PLANNER)
    begun = started(buy(bench, owner))
    bench.payments.pay(begun.checkout.id)
    settled(bench)
    cents = begun.order.quote.total_cents
    objects = {
        "customer": [{"id": "cus_1", "metadata": {"account_id": owner.account_id}}],
        "subscription": [CUSTOMER],
        "checkout.session": [CUSTOMER | {"status": "complete"}],
        "invoice": [CUSTOMER | {"status": "paid", "amount_paid": cents}],
        "charge": [CUSTOMER | {"status": "succeeded", "amount": cents}],
    }
    page = {
        "method": "POST",
        "path": "/v1/checkout/sessions",
        "status": 200,
        "replayed": False,
        "idempotency_key": "pay-page",
        "params": {"client_reference_id": begun.order.id},
    }
    return Story(bench, owner, bench.ports.storage, objects, [page])


def asked_twice(story: Story) -> None:
    story.asked *= 2


def license_lost(story: Story) -> None:
    story.storage = Losing(story.storage)


def charged_twice(story: Story) -> None:
    story.objects["charge"] *= 2


def invoiced_twice(story: Story) -> None:
    story.objects["invoice"] *= 2


def subscribed_twice(story: Story) -> None:
    story.objects["subscription"] *= 2


def known_twice(story: Story) -> None:
    story.objects["customer"].append(story.objects["customer"][0] | {"id": "cus_2"})


def charged_too_much(story: Story) -> None:
    story.objects["invoice"][0]["amount_paid"] += 1


def test_a_story_in_which_nothing_went_wrong_has_no_fault(story: Story) -> None:
    assert story.faults() == []


@pytest.mark.parametrize(
    ("plant", "named"),
    [
        (asked_twice, "pay-page was done 2 times"),
        (license_lost, "1 project products are paid, 0 licensed"),
        (charged_twice, "1 charges expected, the provider has 2"),
        (invoiced_twice, "1 invoices paid expected, the provider has 2"),
        (subscribed_twice, "1 subscriptions expected, the provider has 2"),
        (known_twice, "the provider knows 2 customers of "),
        (charged_too_much, "agreed to pay [29500], paid [29501]"),
    ],
)
def test_a_planted_fault_is_named(story: Story, plant: Callable[[Story], None], named: str) -> None:
    plant(story)

    assert any(fault.startswith(named) for fault in story.faults()), story.faults()


def test_an_order_that_never_came_to_rest_is_named(story: Story) -> None:
    pick(story.bench, story.owner, SECOND, Module.PLANNER)
    story.bench.payments.change_card(CustomerId("cus_1"), StoredCard.NONE)
    waiting = started(buy(story.bench, story.owner)).order

    assert story.faults() == [f"{waiting.id} is awaiting_payment"]
