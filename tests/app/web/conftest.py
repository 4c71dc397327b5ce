from collections.abc import Callable, Iterator
from contextlib import ExitStack

import attrs
import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.app.web.surfer import BASE, SETTINGS, MemoryControl, Surfer, Wire

from smartapp_domain.identity import Environment, Role
from smartapp_domain.ids import PlatformCompanyId, PlatformUserId
from smartapp_domain.ports.storage import OPERATOR, Storage
from smartapp_domain.testing.clock import MemoryClock
from smartapp_domain.testing.workbench import PLATFORM, Workbench
from smartapp_http.app import create_app
from smartapp_http.intake import Intake
from smartapp_http.sessions import Sessions

NAMES = ("TOTTENVILLE HS", "FLUSHING HS", "FLUSHING HS", "P.S. 26")


@pytest.fixture
def bench(storage: Storage) -> Workbench:
    return Workbench.of(storage)


@pytest.fixture
def company(bench: Workbench) -> PlatformCompanyId:
    return bench.company("77", *NAMES)


@pytest.fixture
def dana(bench: Workbench, company: PlatformCompanyId) -> PlatformUserId:
    """The company's first admin: becomes Owner."""
    return bench.employ(company, "dana", admin=True)


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[TestClient[Litestar]]:
    """One running application for a module, because starting one takes longer than most tests; see `WITH_CLOCK`."""
    control = MemoryControl(MemoryClock()) if getattr(request.module, "WITH_CLOCK", False) else None
    app = create_app(Workbench.of().ports, SETTINGS, clock_control=control)
    with TestClient(app, base_url=BASE, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def anybody(bench: Workbench, server: TestClient[Litestar]) -> Iterator[Callable[[], Surfer]]:
    """Makes fresh browsers, each with its own cookies, before the application on this test's own ports."""
    real = MemoryClock()
    site = server.app.state.site
    sessions = Sessions(bench.ports, SETTINGS, real.now)
    intake = Intake(bench.ports, real.now)
    site = attrs.evolve(site, ports=bench.ports, sessions=sessions, intake=intake)
    server.app.state.update(site=site, sessions=sessions)
    with ExitStack() as open_ones:

        def fresh() -> Surfer:
            client = open_ones.enter_context(httpx.Client(transport=Wire(server), base_url=BASE))
            return Surfer(client, bench, real)

        yield fresh


@pytest.fixture
def stranger(anybody: Callable[[], Surfer]) -> Surfer:
    """Nobody has signed in here yet."""
    return anybody()


@pytest.fixture
def owner(anybody: Callable[[], Surfer], dana: PlatformUserId) -> Surfer:
    """Dana, signed in; her four projects are listed."""
    surfer = anybody()
    surfer.sign_in(dana)
    return surfer


@pytest.fixture
def give_role(bench: Workbench) -> Callable[[str, Role], None]:
    """Changes the role of the person with this platform id, as an owner would."""

    def change(user_id: str, role: Role) -> None:
        with bench.ports.reading(OPERATOR) as reading:
            person = reading.people.of_platform_user(PLATFORM, Environment.PRODUCTION, PlatformUserId(user_id))
            assert person is not None
            [(account, member)] = reading.accounts.of_person(person.id)
        with bench.ports.transaction(account.id) as tx:
            tx.members.put(attrs.evolve(member, role=role, version=member.version + 1), replacing=member.version)

    return change
