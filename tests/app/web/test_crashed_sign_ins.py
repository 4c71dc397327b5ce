"""A sign-in survives an end at each commit of `smartapp_http.sessions`: whoever tries again gets in, once."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import attrs
import httpx
import pytest
from tests.app.web.surfer import Surfer, words
from tests.unit.use_cases.crash_journey import NOT_PLAYED, SIGN_INS

from smartapp_domain.ids import PlatformCompanyId, PlatformUserId
from smartapp_domain.ports.storage import OPERATOR, Storage
from smartapp_domain.secret import hashed
from smartapp_domain.testing.barriers import Barrier, Moment, with_barriers
from smartapp_domain.testing.workbench import Workbench
from smartapp_http.sessions import SEEN_EVERY, SESSION_COOKIE

PLACES = sorted(place for place, why in NOT_PLAYED.items() if why == SIGN_INS)
ENDS = [Barrier(moment, place) for place in PLACES for moment in Moment]


class Ended(Exception):
    """Stands for a killed process: the request gets no answer of its own, and no cookie."""


@attrs.define
class Fuse:
    """Ends a request at `at`, the first time anybody gets there."""

    at: Barrier | None = None

    def reach(self, barrier: Barrier) -> None:
        if barrier == self.at:
            self.at = None
            raise Ended(str(barrier))


@pytest.fixture
def fuse() -> Fuse:
    return Fuse()


@pytest.fixture
def bench(storage: Storage, fuse: Fuse) -> Workbench:
    calm = Workbench.of(storage)
    return attrs.evolve(calm, ports=with_barriers(calm.ports, fuse.reach))


def again(step: Callable[[], httpx.Response]) -> httpx.Response:
    """Do it, and once more if that ended in the middle."""
    answer = step()
    if answer.status_code == 500:
        answer = step()
    assert answer.status_code < 400, words(answer)
    return answer


def sign_in(surfer: Surfer, person: PlatformUserId) -> httpx.Response:
    sent_on = surfer.get("/sign-in?app=planner")
    if sent_on.status_code != 303:
        return sent_on
    state = parse_qs(urlsplit(sent_on.headers["location"]).query)["state"][0]
    return surfer.follow(surfer.come_back(person, state))


def use_everything(person: PlatformUserId, anybody: Callable[[], Surfer]) -> tuple[str, str]:
    """Sign in, come back later, use a token, and give up a sign-in at another browser; returns both secrets."""
    surfer, other = anybody(), anybody()
    again(lambda: sign_in(surfer, person))
    surfer.real.move(SEEN_EVERY)
    again(lambda: surfer.get("/central"))
    page = surfer.post("/account/tokens", name="Nightly", role="team_member", days="30")
    [secret] = re.findall(r'value="(sac_[\w-]{43})"', page.text)
    again(lambda: anybody().get("/api/v1/me", authorization=f"Bearer {secret}"))
    again(lambda: other.get("/sign-in?app=planner"))
    given_up = other.client.cookies[SESSION_COOKIE]
    again(lambda: other.post("/sign-out"))
    return surfer.client.cookies[SESSION_COOKIE], given_up


@pytest.mark.parametrize("end", ENDS, ids=str)
def test_whoever_tries_again_is_in_as_one_member(
    end: Barrier, fuse: Fuse, bench: Workbench, company: PlatformCompanyId, anybody: Callable[[], Surfer]
) -> None:
    person = bench.employ(company, "dana", admin=True)
    fuse.at = end

    mine, given_up = use_everything(person, anybody)

    assert fuse.at is None
    with bench.ports.reading(OPERATOR) as reading:
        session = reading.sessions.get(hashed(mine))
        assert session is not None
        assert session.account_id is not None
        assert session.person_id is not None
        assert len(reading.accounts.of_person(session.person_id)) == 1
        assert reading.sessions.get(hashed(given_up)) is None
