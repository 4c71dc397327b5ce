"""The page that moves the demo's clock, where there is one."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.app.web.surfer import BASE, SETTINGS, MemoryControl, Surfer, words

from smartapp_domain.identity import Role
from smartapp_domain.ids import PlatformUserId
from smartapp_domain.testing.workbench import Workbench
from smartapp_http.app import create_app

#: These tests need the application as a demo has it, with a clock that pages can move.
WITH_CLOCK = True


@pytest.fixture
def mover(owner: Surfer, server: TestClient[Litestar]) -> Surfer:
    """The owner, where the control moves the clock of the bench."""
    control = MemoryControl(owner.bench.clock)
    server.app.state.update(site=attrs.evolve(server.app.state.site, clock_control=control))
    return owner


def test_every_page_of_a_member_tells_the_demos_date_and_offers_to_move_it(mover: Surfer) -> None:
    for path in ("/central", "/projects", "/manage-subscriptions"):
        page = words(mover.get(path))
        assert "Demo clock: Mar 2, 2026" in page
        assert "+1 hour +1 day +1 week +1 month" in page


def test_nobody_else_is_told(stranger: Surfer) -> None:
    assert "Demo clock" not in stranger.get("/setup").text
    assert stranger.get("/demo-clock").headers["location"].startswith("/setup")


@pytest.mark.parametrize(
    ("by", "until"),
    [
        ("hour", "2026-03-02T13:00"),
        ("day", "2026-03-03T12:00"),
        ("week", "2026-03-09T12:00"),
        ("month", "2026-04-02T12:00"),
    ],
)
def test_each_button_moves_the_clock_by_what_it_says(mover: Surfer, by: str, until: str) -> None:
    answer = mover.post("/demo-clock", by=by)

    assert answer.status_code == 303
    assert mover.bench.clock.now().isoformat().startswith(until)


def test_a_month_after_the_last_of_january_is_the_last_of_february(mover: Surfer) -> None:
    mover.post("/demo-clock", by="date", date="2027-01-31")

    mover.post("/demo-clock", by="month")

    assert f"{mover.bench.clock.now():%Y-%m-%d %H:%M}" == "2027-02-28 12:00"


def test_a_month_after_december_is_january(mover: Surfer) -> None:
    mover.post("/demo-clock", by="date", date="2026-12-15")

    mover.post("/demo-clock", by="month")

    assert f"{mover.bench.clock.now():%Y-%m-%d}" == "2027-01-15"


def test_a_date_keeps_the_time_of_day(mover: Surfer) -> None:
    mover.post("/demo-clock", by="date", date="2026-12-24")

    assert f"{mover.bench.clock.now():%Y-%m-%d %H:%M}" == "2026-12-24 12:00"


@pytest.mark.parametrize(
    ("by", "date", "sentence"),
    [
        ("date", "2026-03-02", "Mar 2, 2026 is not ahead. The clock moves forward only"),
        ("date", "2020-01-01", "Jan 1, 2020 is not ahead."),
        ("date", "2126-01-01", "too far ahead for one move"),
        ("date", "soon", "Choose a date."),
        ("date", "", "Choose a date."),
        ("minute", "", "Choose how far to move the clock."),
        ("", "", "Choose how far to move the clock."),
    ],
)
def test_a_wish_that_leads_nowhere_is_refused_in_words_and_moves_nothing(
    mover: Surfer, by: str, date: str, sentence: str
) -> None:
    before = mover.bench.clock.now()

    answer = mover.post("/demo-clock", by=by, date=date)

    assert answer.status_code == 422
    assert sentence in words(answer)
    assert mover.bench.clock.now() == before


def test_after_a_move_the_page_says_how_far_what_holds_and_what_was_invoiced(mover: Surfer) -> None:
    mover.buy({mover.ids()[0]: ["planner"]}, "month")

    page = mover.follow(mover.post("/demo-clock", by="month"))

    assert "31 days later" in words(page)
    assert "It is Apr 2, 2026, 12:00 PM UTC." in words(page)
    assert "notices arrive within seconds" in words(page)
    assert "1 project Licensed until Apr 2, 2026" in words(page) or "1 project Payment failed" in words(page)
    assert 'hx-get="/demo-clock/news?' in page.text


def test_the_news_are_looked_at_for_a_while_and_then_left_alone(mover: Surfer) -> None:
    early = mover.get("/demo-clock/news?look=3", **{"hx-request": "true"})
    late = mover.get("/demo-clock/news?look=20", **{"hx-request": "true"})

    assert "look=4" in early.text
    assert "hx-get" not in late.text
    assert "No invoice yet." in words(late)


def test_one_comes_back_to_the_page_one_left(mover: Surfer) -> None:
    token = mover.token()
    headers = {"referer": f"{BASE}/manage-subscriptions?page=1"}

    moved = mover.client.post("/demo-clock", data={"by": "day", "_csrf_token": token}, headers=headers)
    page = mover.get(moved.headers["location"])

    assert parse_qs(urlsplit(moved.headers["location"]).query)["back"] == ["/manage-subscriptions?page=1"]
    assert 'href="/manage-subscriptions?page=1"' in page.text


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/demo-clock?since=1"])
def test_the_way_back_never_leads_elsewhere(mover: Surfer, back: str) -> None:
    page = mover.get(f"/demo-clock?back={back}")

    assert "evil" not in page.text
    assert 'href="/central"' in page.text


def test_a_moment_ahead_or_no_moment_is_no_move_to_report(mover: Surfer) -> None:
    for since in ("99999999999", "-1", "soon", "9" * 30):
        assert "What happened" not in words(mover.get(f"/demo-clock?since={since}"))


def test_whoever_may_not_see_money_sees_states_only(
    mover: Surfer, give_role: Callable[[str, Role], None], dana: PlatformUserId
) -> None:
    mover.buy({mover.ids()[0]: ["planner"]}, "month")
    give_role(dana, Role.TEAM_MEMBER)

    page = words(mover.follow(mover.post("/demo-clock", by="day")))

    assert "1 project Licensed until" in page
    assert "$" not in page


def test_nobody_is_signed_out_however_far_the_clock_goes(mover: Surfer) -> None:
    mover.post("/demo-clock", by="date", date="2028-12-31")

    assert mover.get("/central").status_code == 200


def test_a_move_needs_the_forms_token(mover: Surfer) -> None:
    before = mover.bench.clock.now()

    answer = mover.client.post("/demo-clock", data={"by": "month"})

    assert answer.status_code == 403
    assert mover.bench.clock.now() - before == timedelta(0)


def test_without_a_control_there_is_no_such_page() -> None:
    paths = {route.path for route in create_app(Workbench.of().ports, SETTINGS).routes}

    assert not [path for path in paths if "clock" in path]
