"""Calls stay inside the limits, reads are tried again a few times, and nothing else is ever repeated."""

from email.utils import format_datetime

import httpx
import pytest
from tests.unit.procore_adapter.wire import (
    COMPANY,
    GRANT,
    ME,
    NOON,
    PERMISSIONS,
    REVOKE,
    SETTINGS,
    TOKEN,
    Wire,
    answer,
    me,
    ok,
)

from smartapp_adapters.procore import ProcoreSignIn
from smartapp_adapters.procore.pacing import ATTEMPTS
from smartapp_domain.catalog import Module
from smartapp_domain.ids import PlatformCompanyId
from smartapp_domain.ports.platform import PlatformUnavailable

NOW_UNIX = int(NOON.timestamp())


def rates(remaining: int, *, limit: int = 100, reset_s: int = 10) -> dict[str, str]:
    return {
        "x_rate_limit_limit": str(limit),
        "x_rate_limit_remaining": str(remaining),
        "x_rate_limit_reset": str(NOW_UNIX + reset_s),
    }


def me_with(**headers: str) -> httpx.Response:
    return ok({"id": 1, "login": "a@b.example", "name": None}, **headers)


@pytest.mark.parametrize(
    "trouble",
    [
        answer(500),
        answer(502, b"<html>"),
        answer(503),
        answer(504),
        answer(429),
        httpx.ConnectError("no"),
        httpx.ReadTimeout("no"),
        httpx.RemoteProtocolError("no"),
    ],
)
def test_passing_trouble_is_waited_out_with_growing_jittered_pauses(trouble: httpx.Response | Exception) -> None:
    wire = Wire().on(ME, trouble, trouble, me())

    assert wire.sign_in().person(GRANT).email == "ada@nordic.example"
    assert wire.clock.naps == [0.5, 1.0]


def test_the_jitter_takes_up_to_half_of_a_pause_away() -> None:
    wire = Wire().on(ME, answer(500), me())
    sign_in = ProcoreSignIn(wire.http, SETTINGS, wire.clock, sleep=wire.clock.sleep, jitter=lambda: 0.0)

    sign_in.person(GRANT)

    assert wire.clock.naps == [0.25]


def test_a_read_is_given_up_after_a_few_tries() -> None:
    wire = Wire().on(ME, answer(500))

    with pytest.raises(PlatformUnavailable):
        wire.sign_in().person(GRANT)

    assert len(wire.requests) == ATTEMPTS


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 422, 501])
def test_what_will_not_change_is_not_asked_again(status: int) -> None:
    wire = Wire().on(ME, answer(status))

    with pytest.raises(Exception, match="Procore"):
        wire.sign_in().person(GRANT)

    assert len(wire.requests) == 1
    assert wire.clock.naps == []


@pytest.mark.parametrize(
    "trouble", [answer(500), answer(503, retry_after="1"), answer(429, retry_after="1"), httpx.ReadTimeout("no")]
)
def test_a_post_is_never_sent_twice(trouble: httpx.Response | Exception) -> None:
    wire = Wire().on(TOKEN, trouble).on(REVOKE, trouble)

    with pytest.raises(PlatformUnavailable):
        wire.sign_in().redeem(Module.PLANNER, "code")
    with pytest.raises(PlatformUnavailable):
        wire.sign_in().forget(GRANT)

    assert [request.method for request in wire.requests] == ["POST", "POST"]
    assert wire.clock.naps == []


@pytest.mark.parametrize(
    ("hints", "nap"),
    [
        ({"retry_after": "7"}, 7),
        ({"x_rate_limit_reset": str(NOW_UNIX + 8)}, 8),
        ({"retry_after": "3", "x_rate_limit_reset": str(NOW_UNIX + 9)}, 9),
        ({"retry_after": "9", "x_rate_limit_reset": str(NOW_UNIX + 3)}, 9),
        ({"retry_after": format_datetime(NOON.replace(second=6), usegmt=True)}, 6),
        ({"x_rate_limit_reset": str(NOW_UNIX - 5)}, 0),
    ],
)
def test_a_limit_is_waited_for_as_long_as_procore_says(hints: dict[str, str], nap: float) -> None:
    wire = Wire().on(ME, answer(429, **hints), me())

    wire.sign_in().person(GRANT)

    assert sum(wire.clock.naps) == nap


def test_the_reset_is_measured_on_procores_own_clock() -> None:
    an_hour_ahead = NOON.replace(hour=13)
    reset = str(int(an_hour_ahead.timestamp()) + 4)
    wire = Wire().on(ME, answer(429, x_rate_limit_reset=reset, date=format_datetime(an_hour_ahead, usegmt=True)), me())

    wire.sign_in().person(GRANT)

    assert wire.clock.naps == [4]


@pytest.mark.parametrize("odd", ["soon", "", "-1", "1.5"])
def test_a_hint_nobody_can_read_is_no_hint(odd: str) -> None:
    wire = Wire().on(ME, answer(503, retry_after=odd), me())

    wire.sign_in().person(GRANT)

    assert wire.clock.naps == [0.5]


@pytest.mark.parametrize("status", [429, 503])
def test_a_long_wait_is_handed_to_the_caller(status: int) -> None:
    wire = Wire().on(ME, answer(status, retry_after="1800"))

    with pytest.raises(PlatformUnavailable) as caught:
        wire.sign_in().person(GRANT)

    assert caught.value.retry_after_s == 1800
    assert len(wire.requests) == 1
    assert wire.clock.naps == []


def test_all_waits_of_one_call_together_are_bounded() -> None:
    wire = Wire().on(ME, answer(503, retry_after="7"))

    with pytest.raises(PlatformUnavailable):
        wire.sign_in().person(GRANT)

    assert wire.clock.naps == [7]


def test_a_used_up_limit_is_waited_for_before_asking() -> None:
    wire = Wire().on(ME, me_with(**rates(0)), me())
    sign_in = wire.sign_in()

    sign_in.person(GRANT)
    sign_in.person(GRANT)
    sign_in.person(GRANT)

    assert wire.clock.naps == [10]


def test_a_limit_used_up_for_long_is_not_even_asked() -> None:
    wire = Wire().on(ME, me_with(**rates(0, reset_s=600)))
    sign_in = wire.sign_in()
    sign_in.person(GRANT)

    with pytest.raises(PlatformUnavailable) as caught:
        sign_in.person(GRANT)

    assert caught.value.retry_after_s == 600
    assert len(wire.requests) == 1


def test_near_the_limit_calls_are_spread() -> None:
    wire = Wire().on(ME, me_with(**rates(20, reset_s=5)), me_with(**rates(10, reset_s=5)), me_with())
    sign_in = wire.sign_in()

    for _ in range(5):
        sign_in.person(GRANT)

    assert wire.clock.naps[0] == 0.5, "ten calls for five seconds"
    assert all(0 < nap <= 1 for nap in wire.clock.naps)
    assert len(wire.clock.naps) == 3, "with a fifth of the limit left nothing is held back"


def test_an_answer_without_rate_headers_says_nothing() -> None:
    wire = Wire().on(ME, me_with(x_rate_limit_remaining="0"), me())
    sign_in = wire.sign_in()

    sign_in.person(GRANT)
    sign_in.person(GRANT)

    assert wire.clock.naps == []


def test_one_company_at_its_limit_does_not_hold_back_another() -> None:
    wire = Wire().on(PERMISSIONS, ok({"tools": []}, **rates(0)))
    sign_in = wire.sign_in()

    sign_in.is_company_admin(GRANT, COMPANY)
    sign_in.is_company_admin(GRANT, PlatformCompanyId("78"))

    assert wire.clock.naps == []
