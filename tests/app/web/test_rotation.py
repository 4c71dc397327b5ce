"""While the encryption key is changed process by process, each takes what another one signed."""

import base64
from collections.abc import Callable
from itertools import pairwise

import attrs
import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.app.web.surfer import BASE, SETTINGS, Surfer, Wire, words

from smartapp_domain.ids import PlatformUserId
from smartapp_domain.testing.clock import MemoryClock
from smartapp_domain.testing.workbench import Workbench
from smartapp_http.app import create_app
from smartapp_http.settings import HttpSettings
from smartapp_runtime.settings import load
from smartapp_runtime.wiring import build

OLD, NEW, STRANGE = (f"{id}:{base64.b64encode(id.encode() * 32).decode()}" for id in "ons")
#: The steps of docs/operating.md; processes are restarted one after the other, so each meets the one before it.
STEPS = (OLD, f"{OLD},{NEW}", f"{NEW},{OLD}", NEW)
MEETINGS = [each for two in pairwise(STEPS) for each in (two, two[::-1])]
NAMES = ["old, old+new", "old+new, old", "old+new, new+old", "new+old, old+new", "new+old, new", "new, new+old"]
REST = {
    "SMARTAPP_PROCORE_PLANNER_CLIENT_ID": "planner",
    "SMARTAPP_PROCORE_PLANNER_CLIENT_SECRET": "secret-planner",
    "SMARTAPP_PROCORE_SAFETY_CLIENT_ID": "safety",
    "SMARTAPP_PROCORE_SAFETY_CLIENT_SECRET": "secret-safety",
    "SMARTAPP_STRIPE_API_KEY": "sk_test_nothing",
}


def settings(keys: str, database: str) -> HttpSettings:
    """Return what a process with these keys signs and checks with."""
    wired = build(load({**REST, "SMARTAPP_ENCRYPTION_KEYS": keys, "SMARTAPP_DATABASE_URL": database}).settings)
    wired.close()
    return attrs.evolve(SETTINGS, secret=wired.http.secret, other_secrets=wired.http.other_secrets)


@attrs.define
class Balancer(httpx.BaseTransport):
    """Leads a browser to one process, until it is told of another one."""

    process: Wire

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self.process.handle_request(request)


@attrs.frozen
class Two:
    surfer: Surfer
    balancer: Balancer
    other: Wire

    def meet_the_other(self) -> None:
        self.balancer.process = self.other


Meet = Callable[[str, str], Two]


@pytest.fixture
def meet(bench: Workbench, dana: PlatformUserId, tmp_path_factory: pytest.TempPathFactory) -> Meet:
    """Return what starts two processes with these keys; Dana signs in at the first."""

    def process(keys: str) -> Wire:
        database = f"sqlite:///{tmp_path_factory.mktemp('unused') / 'smartapp.db'}"
        server: TestClient[Litestar] = TestClient(create_app(bench.ports, settings(keys, database)), base_url=BASE)
        return Wire(server)

    def start(one: str, other: str) -> Two:
        balancer = Balancer(process(one))
        surfer = Surfer(httpx.Client(transport=balancer, base_url=BASE), bench, MemoryClock())
        surfer.sign_in(dana)
        return Two(surfer, balancer, process(other))

    return start


@pytest.mark.parametrize(("one", "other"), MEETINGS, ids=NAMES)
def test_a_form_and_a_cursor_of_one_process_are_good_at_the_other(meet: Meet, one: str, other: str) -> None:
    two = meet(one, other)
    cursor = two.surfer.api("GET", "/activity?limit=1").json()["next_cursor"]
    two.surfer.get("/central/add")

    two.meet_the_other()
    saved = two.surfer.post("/central/add", name="Old Harbor")
    listed = two.surfer.api("GET", f"/activity?limit=1&cursor={cursor}")

    assert saved.status_code == 303
    assert listed.status_code == 200


@pytest.mark.parametrize(("one", "other"), MEETINGS, ids=NAMES)
def test_a_message_signed_by_one_process_is_shown_by_the_other(meet: Meet, one: str, other: str) -> None:
    two = meet(one, other)
    saved = two.surfer.post("/projects/paste/apply", text="P.S. 26", product="planner")

    two.meet_the_other()

    assert "1 project of your list is ticked." in words(two.surfer.follow(saved))


def test_a_key_that_is_not_given_signs_nothing(meet: Meet) -> None:
    two = meet(OLD, f"{NEW},{STRANGE}")
    cursor = two.surfer.api("GET", "/activity?limit=1").json()["next_cursor"]

    two.meet_the_other()

    assert two.surfer.post("/central/add", name="Old Harbor").status_code == 403
    assert two.surfer.api("GET", f"/activity?limit=1&cursor={cursor}").status_code == 400
