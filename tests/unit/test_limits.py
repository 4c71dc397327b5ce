"""The rate limit keeps what its headers say, at any sequence of requests."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartapp_http.limits import Limiter, Limiters, Limits, Policy, network

policies = st.builds(Policy, st.just("p"), st.integers(1, 20), st.integers(1, 120))
pauses = st.lists(st.one_of(st.just(0.0), st.floats(0, 30)), max_size=80)


class Seconds:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def _passed(policy: Policy, pauses: list[float]) -> list[float]:
    seconds = Seconds()
    limiter = Limiter(policy, seconds=seconds)
    passed = []
    for pause in pauses:
        seconds.now += pause
        if limiter.count("client").passed:
            passed.append(seconds.now)
    return passed


@given(policies, pauses)
def test_no_span_of_time_sees_more_than_the_quota_and_what_was_refilled(policy: Policy, pauses: list[float]) -> None:
    passed = _passed(policy, pauses)

    for first, start in enumerate(passed):
        for last in range(first, len(passed)):
            refilled = (passed[last] - start) * policy.quota / policy.window_s
            assert last - first + 1 <= policy.quota + refilled + 1e-3


@given(policies, pauses)
def test_what_remains_passes_at_once_and_no_more(policy: Policy, pauses: list[float]) -> None:
    seconds = Seconds()
    limiter = Limiter(policy, seconds=seconds)
    standing = limiter.count("client")
    for pause in pauses:
        seconds.now += pause
        standing = limiter.count("client")

    assert [limiter.count("client").passed for _ in range(standing.remaining)] == [True] * standing.remaining
    assert not limiter.count("client").passed


@given(policies, pauses)
def test_whoever_waits_as_told_passes(policy: Policy, pauses: list[float]) -> None:
    seconds = Seconds()
    limiter = Limiter(policy, seconds=seconds)
    for pause in pauses:
        seconds.now += pause
        limiter.count("client")
    while (standing := limiter.count("client")).passed:
        pass

    seconds.now += standing.retry_after_s
    assert limiter.count("client").passed
    seconds.now += limiter.count("client").full_in_s
    assert limiter.count("client").remaining == policy.quota - 1


@given(policies, st.lists(st.sampled_from("ab"), max_size=60))
def test_one_client_never_pays_for_another(policy: Policy, order: list[str]) -> None:
    limiter = Limiter(policy, seconds=Seconds())

    passed = [client for client in order if limiter.count(client).passed]

    assert all(passed.count(client) == min(policy.quota, order.count(client)) for client in "ab")


def test_the_client_that_was_quiet_longest_is_forgotten_first() -> None:
    limiter = Limiter(Policy("p", 1), seconds=Seconds(), most_clients=2)

    told = [limiter.count(client).passed for client in ("a", "b", "c", "c", "b", "a")]

    assert told == [True, True, True, False, False, True]


def test_the_headers_are_structured_fields_of_the_draft() -> None:
    limiter = Limiter(Policy("session", 2, 60), seconds=Seconds())

    first, second, third = (limiter.count("client").headers() for _ in range(3))

    assert first == {"RateLimit-Policy": '"session";q=2;w=60', "RateLimit": '"session";r=1;t=30'}
    assert second["RateLimit"] == '"session";r=0;t=60'
    assert third == {**second, "Retry-After": "30"}
    assert all(re.fullmatch(r'"[a-z-]+"(;[a-z]=\d+)+', value) for value in first.values())


@pytest.mark.parametrize(("quota", "window_s"), [(0, 60), (1, 0), (-1, 60)])
def test_a_policy_that_lets_nothing_through_is_refused(quota: int, window_s: int) -> None:
    with pytest.raises(ValueError, match="Give whole numbers above 0"):
        Policy("p", quota, window_s)


def test_each_request_is_counted_under_one_policy() -> None:
    limits = Limits(*(Policy(name, 5) for name in ("session", "address", "sign-in")))
    limiters = Limiters(limits, seconds=Seconds())

    counted = [
        limiters.count(address="192.0.2.1", session="s", signing_in=False),
        limiters.count(address="192.0.2.1", session=None, signing_in=False),
        limiters.count(address="192.0.2.1", session="s", signing_in=True),
    ]

    assert [standing.policy.name if standing else None for standing in counted] == ["session", "address", "sign-in"]
    assert all(standing.remaining == 4 for standing in counted if standing)
    assert Limiters(Limits()).count(address="192.0.2.1", session=None, signing_in=True) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("testclient", "testclient", True),
    ],
)
def test_one_customer_of_a_network_is_one_client(one: str, other: str, same: bool) -> None:  # noqa: FBT001
    assert (network(one) == network(other)) is same


def test_waiting_times_only_grow_while_one_keeps_asking() -> None:
    limiter = Limiter(Policy("p", 3, 30), seconds=Seconds())

    waits = [limiter.count("client").retry_after_s for _ in range(10)]

    assert all(later >= earlier for earlier, later in pairwise(waits))
    assert max(waits) == 10
