"""Calendar and money: properties rather than examples."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartapp_emulators.stripe.cards import passes_luhn
from smartapp_emulators.stripe.forms import MalformedForm, decode
from smartapp_emulators.stripe.periods import add_intervals, day, money, period_end
from smartapp_emulators.stripe.prorations import share

#: A busy machine is no finding.
unhurried = settings(deadline=None)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: int(at.timestamp())
)
intervals = st.sampled_from(["day", "week", "month", "year"])


@unhurried
@given(moments, intervals, st.integers(1, 60))
def test_periods_grow_and_never_leave_the_anchors_day(anchor: int, interval: str, count: int) -> None:
    start, end = (
        datetime.fromtimestamp(anchor, UTC),
        datetime.fromtimestamp(add_intervals(anchor, interval, count), UTC),
    )

    assert end > start
    assert (end.hour, end.minute, end.second) == (start.hour, start.minute, start.second)
    if interval in {"month", "year"}:
        assert end.day == start.day or (end.day < start.day and (end.month, end.day) in _LAST_DAYS)


_LAST_DAYS = {(2, 28), (2, 29), (4, 30), (6, 30), (9, 30), (11, 30)}


@unhurried
@given(moments, intervals, st.integers(1, 3), st.integers(0, 10**7))
def test_a_period_ends_after_its_start_and_not_later_than_one_interval(
    anchor: int, interval: str, step: int, later: int
) -> None:
    start = anchor + later

    end = period_end(anchor, start, {"interval": interval, "interval_count": step})

    assert start < end <= add_intervals(start, interval, step) + 3 * 24 * 3600


def test_the_thirty_first_comes_back_after_a_short_month() -> None:
    anchor = int(datetime(2035, 1, 31, tzinfo=UTC).timestamp())

    days = [datetime.fromtimestamp(add_intervals(anchor, "month", n), UTC).day for n in range(5)]

    assert days == [31, 28, 31, 30, 31]


@unhurried
@given(st.integers(-(10**9), 10**9), moments, st.integers(1, 400 * 86400), st.integers(-(10**6), 500 * 86400))
def test_a_share_is_never_more_than_the_whole_and_credits_mirror_charges(
    amount: int, start: int, length: int, passed: int
) -> None:
    worth = share(amount, start + passed, start, start + length)

    assert abs(worth) <= abs(amount)
    assert share(-amount, start + passed, start, start + length) == -worth
    assert share(amount, start, start, start + length) == amount
    assert share(amount, start + length, start, start + length) == 0


def test_the_documented_example_of_a_proration() -> None:
    month = 30 * 24 * 3600

    assert share(29_500, month // 3, 0, month) == 19_667


@pytest.mark.parametrize(
    ("cents", "shown"),
    [(178_000, "$1,780.00"), (0, "$0.00"), (-1_250, "-$12.50"), (5, "$0.05"), (10**9, "$10,000,000.00")],
)
def test_money_reads_as_in_the_united_states(cents: int, shown: str) -> None:
    assert money(cents) == shown
    assert money(cents, "eur").endswith(" EUR")


def test_dates_read_as_in_the_united_states() -> None:
    assert day(int(datetime(2035, 4, 1, tzinfo=UTC).timestamp())) == "Apr 1, 2035"


@unhurried
@given(st.integers(10**11, 10**18))
def test_exactly_one_check_digit_in_ten_passes(number: int) -> None:
    assert sum(passes_luhn(f"{number}{digit}") for digit in range(10)) == 1


def test_forms_nest_as_the_client_writes_them() -> None:
    assert decode("a=1&b[c]=2&b[d][0]=x&b[d][1]=y&e[]=p&e[]=q&f=") == {
        "a": "1",
        "b": {"c": "2", "d": {"0": "x", "1": "y"}},
        "e": {"0": "p", "1": "q"},
        "f": "",
    }


@unhurried
@given(st.text(max_size=40))
def test_any_text_is_a_form_or_refused_as_one(text: str) -> None:
    try:
        decoded = decode(text)
    except MalformedForm:
        return
    assert isinstance(decoded, dict)
