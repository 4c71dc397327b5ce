"""What ends in real time says so where the demo's clock shows another date."""

import re
from datetime import timedelta

import pytest
from tests.app.web.surfer import Surfer, words

MOVED = timedelta(days=100)


def new_token(owner: Surfer) -> str:
    owner.post("/account/tokens", name="CI", role="admin", days="30")
    return words(owner.get("/account"))


def test_dates_of_real_time_are_plain_while_the_clock_is_the_real_one(owner: Surfer) -> None:
    page = words(owner.post("/members/invite", email="zoe@example.com", role="admin"))

    assert "real time" not in new_token(owner)
    assert "real time" not in page


def test_the_end_of_a_token_says_that_it_is_real_time(owner: Surfer) -> None:
    owner.bench.clock.move(MOVED)

    created = words(owner.post("/account/tokens", name="CD", role="admin", days="30"))

    assert re.search(r"30 days, until \w+ \d+, \d+ \(real time\)\.", created)
    assert re.search(r"Until \w+ \d+, \d+ \(real time\)", words(owner.get("/account")))


def test_a_token_that_expired_says_when_in_real_time(owner: Surfer) -> None:
    new_token(owner)
    owner.bench.clock.move(MOVED)
    owner.real.move(timedelta(days=31))
    owner.sign_in(next(iter(owner.bench.world.people)))

    assert re.search(r"Expired \w+ \d+, \d+ \(real time\)", words(owner.get("/account")))


@pytest.mark.parametrize("past", [timedelta(), timedelta(days=15)])
def test_the_end_of_an_invitation_says_that_it_is_real_time(owner: Surfer, past: timedelta) -> None:
    owner.bench.clock.move(MOVED)

    page = words(owner.post("/members/invite", email="zoe@example.com", role="admin"))
    owner.real.move(past)
    owner.sign_in(next(iter(owner.bench.world.people)))

    assert re.search(r"It works until \w+ \d+, \d+ \(real time\), for somebody", page)
    listed = words(owner.get("/members"))
    assert ("Open for 14 more days" in listed) if not past else re.search(r"Expired \w+ \d+, \d+ \(real time\)", listed)
