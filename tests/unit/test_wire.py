import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import attrs
import pytest

from smartapp_domain.catalog import AddOn, Module
from smartapp_domain.ids import AccountId, MemberId, PlatformProjectId, ProjectId
from smartapp_domain.mapping import DraftRow, ExistingProject, MappingDraft
from smartapp_domain.ordering import Order
from smartapp_domain.pricing import LIST_PRICES, OnRequest, PriceBook
from smartapp_domain.project import PlatformProject
from smartapp_domain.selection import Selection
from smartapp_domain.testing import builders as some
from smartapp_domain.wire import Unreadable, from_plain, to_plain

FULL = Selection.of(*Module, *AddOn)
ASKED = PriceBook(
    2,
    {Module.PLANNER: 1, Module.SAFETY: 2},
    {AddOn.PLANNER_BOARD: OnRequest(), AddOn.SAFETY_BADGE: 5},
    Decimal("0.125"),
    frozenset(AddOn),
)
VALUES = [
    some.account(),
    some.person(),
    some.member(),
    some.profile(),
    some.session(companies=(("1", "Acme"),)),
    some.platform_project(),
    some.project(),
    some.mapping(),
    some.draft_row("tower", FULL),
    some.draft_row("tower", FULL, ExistingProject(ProjectId("barn"))),
    MappingDraft(AccountId("acme"), MemberId("pat"), {PlatformProjectId("tower"): some.draft_row()}),
    some.order(wants={"tower": FULL, "annex": some.PLANNER}, checkout=some.checkout()),
    some.license(product=AddOn.SAFETY_BADGE, ends_at=some.NOON),
    some.subscription(),
    some.billing_event(),
    some.job(),
    LIST_PRICES,
    ASKED,
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_survives_json(value: Any) -> None:
    text = json.dumps(to_plain(value))

    assert from_plain(type(value), json.loads(text)) == value


def test_the_same_value_always_gives_the_same_text() -> None:
    one = some.platform_project(apps=frozenset([Module.PLANNER, Module.SAFETY]))
    other = some.platform_project(apps=frozenset([Module.SAFETY, Module.PLANNER]))

    assert to_plain(one) == to_plain(other)
    assert to_plain(one)["apps"] == ["planner", "safety"]


def test_moments_are_written_in_utc() -> None:
    there = some.NOON.astimezone(timezone(timedelta(hours=-6)))

    plain = to_plain(some.project(created_at=there))

    assert plain["created_at"] == "2026-03-02T12:00:00+00:00"
    assert from_plain(type(some.project()), plain).created_at.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused_both_ways() -> None:
    naive = datetime(2026, 3, 2, 12)  # noqa: DTZ001 - what must be refused
    plain = to_plain(some.project()) | {"created_at": "2026-03-02T12:00:00"}

    with pytest.raises(Unreadable, match="no time zone"):
        to_plain(some.project(created_at=naive))
    with pytest.raises(Unreadable, match=r"no time zone @ Project\.created_at"):
        from_plain(type(some.project()), plain)


def _changed(**changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(some.order())
    return plain | changes


@pytest.mark.parametrize(
    ("plain", "words"),
    [
        (_changed(state="lost"), r"'lost' is not a valid OrderState @ Order\.state"),
        (_changed(version="1"), r"'1' is no whole number @ Order\.version"),
        (_changed(version=True), r"True is no whole number @ Order\.version"),
        (_changed(id=7), r"7 is no text @ Order\.id"),
        (_changed(color="red"), r"unknown field 'color' @ Order"),
        (_changed(quote=None), r"None is no object @ Order\.quote"),
        ({k: v for k, v in _changed().items() if k != "items"}, r"required field missing @ Order\.items"),
        (_changed(quote=to_plain(some.order().quote) | {"interval": "week"}), r"@ Order\.quote\.interval"),
        (_changed(items=[{"name": "Tower"}]), r"Order\.items\[0\]\.selection"),
        ("[]", "is no object @ Order"),
    ],
)
def test_what_is_no_order_is_refused_by_the_name_of_the_field(plain: Any, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        from_plain(Order, plain)


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(Unreadable) as error:
        from_plain(Order, _changed(state="lost", version=1.5))

    assert "Order.state" in str(error.value)
    assert "Order.version" in str(error.value)


def test_a_rule_of_the_domain_speaks_in_its_own_words() -> None:
    plain = to_plain(some.draft_row()) | {"selection": {"modules": [], "add_ons": ["planner_board"]}}

    with pytest.raises(Unreadable, match=r"Planner Board needs Planner .* @ DraftRow\.selection"):
        from_plain(DraftRow, plain)


@pytest.mark.parametrize("target", ["old", {}, {"project_id": 7}, {"project_id": "a", "more": 1}, None])
def test_a_target_is_new_or_names_a_project(target: Any) -> None:
    with pytest.raises(Unreadable, match=r"DraftRow\.target"):
        from_plain(DraftRow, to_plain(some.draft_row()) | {"target": target})


def test_products_nobody_sells_are_named() -> None:
    plain = to_plain(some.license()) | {"product": "crane"}

    with pytest.raises(Unreadable, match=r"Unknown product 'crane'.* @ License\.product"):
        from_plain(type(some.license()), plain)


def test_what_may_be_missing_may_be_missing() -> None:
    assert from_plain(PlatformProject, {"id": "1", "name": "Tower"}) == attrs.evolve(
        PlatformProject(PlatformProjectId("1"), "Tower")
    )
