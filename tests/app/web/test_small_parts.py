"""Addresses, one-time messages and words."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from litestar.testing import TestClient
from tests.app.web.surfer import BASE, SETTINGS

from smartapp_domain.catalog import AddOn, Module
from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.identity import Role
from smartapp_domain.licensing import License, LicenseState, Payment
from smartapp_domain.pricing import LIST_PRICES, OnRequest
from smartapp_domain.selection import Selection
from smartapp_domain.testing.builders import NOON, actor, order
from smartapp_domain.testing.builders import license as licensed
from smartapp_domain.testing.workbench import Workbench
from smartapp_http import flash, links
from smartapp_http.app import create_app
from smartapp_http.present import words
from smartapp_http.present.central import success_banner
from smartapp_http.present.mapping import summary_view
from smartapp_http.problems import STATUS
from smartapp_http.templating import TEMPLATES
from smartapp_http.views import Link, Toast, Tone

SAID = Toast("Tower is saved.", Link("Open", "/central"), "Tower", Tone.OK)


def test_a_message_survives_its_cookie() -> None:
    assert flash.take(flash.put(SAID, SETTINGS).value, SETTINGS) == SAID


@pytest.mark.parametrize("change", [lambda v: v[:-1] + "0", lambda v: "x" + v, lambda v: v.split(".")[0], lambda _: ""])
def test_a_message_nobody_signed_is_not_shown(change: Callable[[str], str]) -> None:
    value = flash.put(attrs.evolve(SAID, message="Tower is saved!"), SETTINGS).value or ""
    changed = change(value)

    assert changed == value or flash.take(changed, SETTINGS) is None


def test_another_secret_does_not_sign_for_us() -> None:
    other = attrs.evolve(SETTINGS, secret="another secret, also long enough for it")

    assert flash.take(flash.put(SAID, other).value, SETTINGS) is None


@pytest.mark.parametrize("path", ["/central", "/central?q=a%20b", "/checkout/return?cs=cs_1"])
def test_paths_of_ours_are_safe_to_go_on_to(path: str) -> None:
    assert links.safe_next(path) == path
    assert links.own_path(f"{SETTINGS.base_url}{path}", SETTINGS) == path


@pytest.mark.parametrize(
    "path", ["", None, "central", "//evil", "/\\evil", "https://evil", "/a b", "/a\tb", "/" + "a" * links.NEXT_LIMIT]
)
def test_anything_else_is_not(path: str | None) -> None:
    assert links.safe_next(path) is None


def test_a_page_of_somebody_else_is_not_ours() -> None:
    assert links.own_path(f"{SETTINGS.base_url}.evil.test/central", SETTINGS) is None


def test_every_reason_has_a_status() -> None:
    assert set(STATUS) == set(Reason)


def test_pages_call_the_platform_by_the_name_of_the_setting(bench: Workbench) -> None:
    settings = attrs.evolve(SETTINGS, platform="Buildbase")
    with TestClient(create_app(bench.ports, settings), base_url=BASE) as client:
        pages = [client.get(path).text for path in ("/setup?note=ended", "/help", "/signed-out")]

    for page in pages:
        assert "Buildbase" in page
        assert "Procore" not in page


def test_no_template_knows_the_platform_by_name() -> None:
    assert [path.name for path in TEMPLATES.rglob("*.html") if "Procore" in path.read_text()] == []


def test_a_finished_order_names_the_platform() -> None:
    assert "Each one has its Buildbase name" in success_banner(order(), actor(), "Buildbase").text


@pytest.mark.parametrize(("role", "shown"), [(Role.OWNER, True), (Role.ADMIN, False)])
def test_a_finished_order_leads_to_invoices_for_who_may_see_them(role: Role, *, shown: bool) -> None:
    assert (success_banner(order(), actor(role=role), "Procore").link is not None) is shown


@pytest.mark.parametrize("way_out", WayOut)
def test_every_way_out_leads_somewhere(way_out: WayOut) -> None:
    link = links.way_out(Refused(Reason.LICENSED, "No.", way_out), SETTINGS)

    assert link is not None
    assert link.url


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=8), "8 minutes ago"),
        (timedelta(hours=3), "3 hours ago"),
        (timedelta(days=3), "on Feb 27, 2026"),
    ],
)
def test_near_times_are_relative_and_far_ones_are_days(past: timedelta, said: str) -> None:
    assert words.ago(NOON - past, NOON) == said


def _with(payment: Payment, **changes: Any) -> License:
    made = licensed()
    [paid] = made.coverage
    return attrs.evolve(made, coverage=(attrs.evolve(paid, payment=payment, **changes),))


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (licensed(), "Licensed until Mar 2, 2027"),
        (licensed(coverage=()), "Awaiting payment"),
        (
            _with(Payment.FAILED, failed_at=NOON, next_attempt_at=NOON + timedelta(days=3)),
            "Payment failed, next try Mar 5, 2026",
        ),
        (_with(Payment.WRITTEN_OFF), "Inactive: Payment Pending"),
        (licensed(ends_at=NOON + timedelta(days=10)), "Ends Mar 12, 2026"),
        (licensed(ended_at=NOON), "Not licensed (was until Mar 2, 2026)"),
    ],
)
def test_reading_16_license_states_are_said_in_one_vocabulary(held: License, said: str) -> None:
    assert words.license_chip([held], NOON + timedelta(hours=1)).text == said


def test_a_chip_shows_the_state_that_matters_most() -> None:
    shown = words.license_chip([licensed(), _with(Payment.WRITTEN_OFF)], NOON)

    assert shown.text == "Inactive: Payment Pending"
    assert words.license_chip([], NOON).text == "Not licensed"
    assert set(words.SEVERITY) == set(LicenseState)


def test_reading_17_an_add_on_without_a_price_is_said_to_be_left_out() -> None:
    book = attrs.evolve(LIST_PRICES, add_ons={AddOn.PLANNER_BOARD: OnRequest(), AddOn.SAFETY_BADGE: 0})

    shown = summary_view([Selection.of(Module.PLANNER, AddOn.PLANNER_BOARD)], book)

    assert words.column_price(AddOn.PLANNER_BOARD, book) == "Ask us"
    assert words.column_price(AddOn.SAFETY_BADGE, book) == "Included"
    assert words.column_price(Module.PLANNER, book) == "$295 a month"
    assert shown.left_out == "Planner Board is priced on request and not in the total."
    assert shown.monthly == "$295.00"


def test_reading_19_an_add_on_sold_yearly_only_is_said_so() -> None:
    book = attrs.evolve(LIST_PRICES, yearly_only=frozenset({AddOn.SAFETY_BADGE}))

    shown = summary_view([Selection.of(Module.SAFETY, AddOn.SAFETY_BADGE)], book)

    assert shown.left_out == "Safety Badge is sold with yearly payment only."


def test_days_are_spelled_the_us_way() -> None:
    assert words.day(datetime(2027, 9, 7, tzinfo=UTC)) == "Sep 7, 2027"
    assert words.long_day(datetime(2027, 9, 7, tzinfo=UTC)) == "September 7, 2027"


@pytest.mark.parametrize("state", LicenseState)
def test_every_state_of_a_license_has_its_words_for_the_trail(state: LicenseState) -> None:
    assert state.value in words.STATE_WORDS


@pytest.mark.parametrize(
    ("hours", "says"), [(1, "for 1 more day"), (25, "for 2 more days"), (13 * 24, "for 13 more days")]
)
def test_how_long_something_is_still_open_needs_no_date(hours: int, says: str) -> None:
    assert words.still(NOON + timedelta(hours=hours), NOON) == says
