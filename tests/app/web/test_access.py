"""Who may use what: read from the route table, so that a new route cannot be forgotten."""

import re
from collections.abc import Callable, Iterator

import attrs
import pytest
from litestar import get
from litestar.routes import ASGIRoute, HTTPRoute
from litestar.testing import create_test_client
from tests.app.web.surfer import SETTINGS, MemoryControl, Surfer, words

from smartapp_domain.ids import PlatformCompanyId
from smartapp_domain.testing.clock import MemoryClock
from smartapp_domain.testing.workbench import Workbench
from smartapp_http.access import Access, Needed, declared, guard
from smartapp_http.answers import HANDLERS
from smartapp_http.app import create_app

#: These tests need the application as a demo has it, with a clock that pages can move.
WITH_CLOCK = True
#: Routes for anybody at all. A new one is added here on purpose, or the test fails.
OPEN = {"/healthz", "/webhooks/stripe", "/schema", "/static"}
FOR_VISITORS = {"/", "/setup", "/sign-in", "/sign-in/callback", "/sign-out", "/signed-out", "/help"} | {
    "/invitation/{secret:str}"
}


@attrs.frozen
class Door:
    method: str
    path: str
    needed: Needed | None

    @property
    def url(self) -> str:
        return re.sub(r"\{(\w+):str\}", r"some-\1", self.path)


def _doors() -> Iterator[Door]:
    app = create_app(Workbench.of().ports, SETTINGS, clock_control=MemoryControl(MemoryClock()))
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for method, (handler, _) in sorted(route.route_handler_map.items()):  # workers agree on the order
                if method != "OPTIONS":
                    yield Door(method, route.path, declared(handler.opt))
        elif isinstance(route, ASGIRoute):
            yield Door("GET", route.path, declared(route.route_handler.opt))


DOORS = tuple(_doors())


@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door.method} {door.path}")
def test_every_route_declares_who_may_use_it(door: Door) -> None:
    assert door.needed is not None, f"{door.method} {door.path} declares no access."
    if door.needed is Access.OPEN:
        assert any(door.path == path or door.path.startswith(f"{path}/") for path in OPEN)
    if door.needed is Access.VISITOR:
        assert door.path in FOR_VISITORS


def test_a_route_that_declares_nothing_is_refused_to_everybody() -> None:
    @get("/forgotten", sync_to_thread=False)
    def forgotten() -> str:
        return "secret"

    bench = Workbench.of()
    state = create_app(bench.ports, SETTINGS).state
    with create_test_client(
        [forgotten], guards=[guard], exception_handlers=HANDLERS, state=state, raise_server_exceptions=False
    ) as client:
        answer = client.get("/forgotten")

    assert answer.status_code == 500
    assert "secret" not in answer.text


@pytest.mark.parametrize("door", [d for d in DOORS if not isinstance(d.needed, Access) or d.needed is Access.PERSON])
def test_nobody_gets_anywhere_without_signing_in(stranger: Surfer, door: Door) -> None:
    headers = {"x-csrftoken": stranger.token()}

    answer = stranger.client.request(door.method, door.url, headers=headers)

    if door.path.startswith("/api/"):
        assert answer.status_code == 401
    else:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/setup")


@pytest.mark.parametrize("door", [d for d in DOORS if d.method != "GET" and d.needed is not Access.OPEN])
def test_nothing_is_written_without_the_form_token(owner: Surfer, door: Door) -> None:
    answer = owner.client.request(door.method, door.url, data={"name": "x"}, follow_redirects=False)

    assert answer.status_code == 403
    if not door.path.startswith("/api/"):
        assert "The form's safety token is missing or old. Nothing was changed." in words(answer)


def test_a_token_of_another_browser_does_not_count(owner: Surfer, anybody: Callable[[], Surfer]) -> None:
    answer = owner.client.post("/central/add", data={"name": "x", "_csrf_token": anybody().token()})

    assert answer.status_code == 403


def test_a_team_member_sees_project_central_and_is_told_who_may_more(
    owner: Surfer, anybody: Callable[[], Surfer], bench: Workbench, company: PlatformCompanyId
) -> None:
    luis = anybody()
    luis.sign_in(bench.employ(company, "luis"))

    page = luis.get("/projects")

    assert page.status_code == 403
    assert "Your role, Team Member, cannot choose projects and modules." in words(page)
    assert "Owner, Super Admin, Admin with Billing, Admin" in words(page)
    assert luis.get("/central").status_code == 200
    assert "/projects" not in luis.get("/central").text
    assert owner.get("/projects").status_code == 200


def test_somebody_without_a_company_is_sent_to_the_chooser(stranger: Surfer, bench: Workbench) -> None:
    morgan = bench.employ(bench.company("1", "A"), "morgan")
    bench.world.join(morgan, bench.company("2", "B"))
    stranger.come_back(morgan, stranger.start_sign_in())

    assert stranger.get("/central").headers["location"] == "/companies"
    assert stranger.api("GET", "/me").json()["account"] is None
    assert stranger.api("GET", "/projects").status_code == 401
