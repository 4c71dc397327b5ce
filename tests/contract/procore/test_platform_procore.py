"""The Procore adapter keeps the platform's promises, over real HTTP to the emulator."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import attrs
import httpx
import msgspec
import pytest

from smartapp_adapters.procore import (
    AppCredentials,
    ProcoreEnvironment,
    ProcorePlatform,
    ProcoreSettings,
    ProcoreSignIn,
)
from smartapp_domain.catalog import Module
from smartapp_domain.connections import Connection, ConnectionState, Tokens
from smartapp_domain.ids import PlatformCompanyId, PlatformProjectId, PlatformUserId
from smartapp_domain.ports.platform import PlatformUnavailable, ReconnectNeeded
from smartapp_domain.ports.tokens import TokenVault
from smartapp_domain.project import PlatformProject
from smartapp_domain.testing.contracts.platform import PlatformContract, SignInContract, signed_in
from smartapp_domain.testing.contracts.platform_bench import (
    ACCOUNT,
    ACRE,
    ADA,
    MANY,
    NORDIC,
    TOWER,
    PlatformBench,
    contract_world,
)
from smartapp_domain.testing.memory import MemoryTokenVault
from smartapp_domain.testing.platform import MemoryWorld
from smartapp_emulators.procore.app import create_app
from smartapp_emulators.procore.world import parse_world
from smartapp_emulators.serving import ThreadedServer

REDIRECT = "http://localhost/cb"
APPS = {app: AppCredentials(f"{app.value}-id", f"{app.value}-secret") for app in Module}


@attrs.frozen
class Now:
    def now(self) -> datetime:
        return datetime.now(UTC)


@attrs.frozen
class EmulatorBench:
    """The real adapter, and the people at the emulator's web pages and controls."""

    url: str
    http: httpx.Client
    sign_in: ProcoreSignIn
    platform: ProcorePlatform

    def authorize(self, app: Module, user_id: PlatformUserId, state: str) -> tuple[str, str]:
        address = urlsplit(self.sign_in.address(app, state))
        assert address.geturl().startswith(self.url)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        with httpx.Client(base_url=self.url) as browser:
            browser.post("/login", data={"person": user_id, "next": "/marketplace"})
            back = browser.post("/oauth/authorize", data=asked)
        assert back.status_code == 302, back.text
        brought = parse_qs(urlsplit(back.headers["location"]).query)
        return brought["code"][0], brought["state"][0]

    def install(self, company_id: PlatformCompanyId, app: Module, project_ids: Iterable[PlatformProjectId]) -> None:
        ids = [int(each) for each in project_ids]
        order = {"client_id": APPS[app].client_id, "company_id": int(company_id), "project_ids": ids}
        self._control("POST", "installations", order)

    def uninstall(self, company_id: PlatformCompanyId, app: Module) -> None:
        self._control("DELETE", f"installations?client_id={APPS[app].client_id}&company_id={company_id}")

    def deactivate(self, project_id: PlatformProjectId) -> None:
        self._control("PATCH", f"projects/{project_id}", {"active": False})

    def outage(self) -> None:
        self.fault(count=1000, status=503)

    def fault(self, **fault: object) -> None:
        self._control("POST", "faults", fault)

    def journal(self) -> list[dict[str, object]]:
        entries: list[dict[str, object]] = self._control("GET", "journal").json()["entries"]
        return entries

    def _control(self, method: str, door: str, body: object = None) -> httpx.Response:
        answer = self.http.request(method, f"{self.url}/_emulator/{door}", json=body)
        answer.raise_for_status()
        return answer


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadedServer]:
    with ThreadedServer(create_app(parse_world(msgspec.json.encode(emulator_world(contract_world()))))) as server:
        yield server


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client() as http:
        yield http


@pytest.fixture
def settings(server: ThreadedServer) -> ProcoreSettings:
    return ProcoreSettings(server.url, server.url, ProcoreEnvironment.SANDBOX, APPS, REDIRECT)


@pytest.fixture
def bench(server: ThreadedServer, http: httpx.Client, settings: ProcoreSettings) -> EmulatorBench:
    http.post(f"{server.url}/_emulator/reset").raise_for_status()
    return EmulatorBench(
        server.url,
        http,
        ProcoreSignIn(http, settings, Now(), sleep=_no_nap),
        ProcorePlatform(http, settings, Now(), MemoryTokenVault(), sleep=_no_nap),
    )


class TestProcoreSignIn(SignInContract):
    pass


class TestProcorePlatform(PlatformContract):
    pass


def test_every_call_about_a_company_names_it_in_the_header(bench: EmulatorBench) -> None:
    _walk_through_everything(bench)

    api = [entry for entry in bench.journal() if str(entry["path"]).startswith("/rest/")]
    exempt = {"/rest/v1.0/me", "/rest/v1.0/companies"}
    unnamed = {str(entry["path"]) for entry in api if "company_header" not in entry}
    assert len(api) >= 8
    assert unnamed <= exempt
    assert all("company_header" in entry for entry in api if entry.get("grant") == "client_credentials")


def test_a_long_list_takes_as_many_calls_as_it_has_pages(bench: EmulatorBench) -> None:
    bench.install(ACRE, Module.PLANNER, [PlatformProjectId(str(2**33 + n)) for n in range(MANY)])

    list(bench.platform.projects(ACCOUNT, ACRE, Module.PLANNER))

    assert [entry["path"] for entry in bench.journal() if "/projects" in str(entry["path"])] == [
        "/rest/v1.1/projects",
        "/rest/v1.1/projects",
    ]


def test_passing_trouble_is_not_noticed_by_the_caller(bench: EmulatorBench) -> None:
    bench.install(NORDIC, Module.PLANNER, [TOWER])
    bench.fault(path="/rest/v1.1/projects", status=502)
    bench.fault(path="/rest/v1.1/projects", drop="request")

    assert len(list(bench.platform.projects(ACCOUNT, NORDIC, Module.PLANNER))) == 1


def test_a_used_up_limit_is_an_outage_with_its_end(bench: EmulatorBench) -> None:
    bench.install(NORDIC, Module.PLANNER, [TOWER])
    bench.fault(path="/rest/*", status=429, count=10, headers={"Retry-After": "900"})

    with pytest.raises(PlatformUnavailable) as caught:
        list(bench.platform.projects(ACCOUNT, NORDIC, Module.PLANNER))

    assert caught.value.retry_after_s == 900


def test_a_service_token_that_died_early_is_replaced(bench: EmulatorBench) -> None:
    bench.install(NORDIC, Module.PLANNER, [TOWER])
    list(bench.platform.projects(ACCOUNT, NORDIC, Module.PLANNER))

    bench._control("POST", "tokens/expire", {"client_id": APPS[Module.PLANNER].client_id})

    assert len(list(bench.platform.projects(ACCOUNT, NORDIC, Module.PLANNER))) == 1


class TestStoredSignIn:
    """A connection in a person's name, whose refresh token lives once."""

    def test_the_person_sees_what_the_app_alone_may_not(self, bench: EmulatorBench, settings: ProcoreSettings) -> None:
        bench.install(NORDIC, Module.PLANNER, [TOWER])
        platform, _vault = self._connected(bench, settings)

        seen = list(platform.projects(ACCOUNT, NORDIC, Module.PLANNER))

        assert len(seen) == 4
        assert platform.installed(ACCOUNT, NORDIC) == {Module.PLANNER}

    def test_an_expired_token_is_renewed_and_kept(self, bench: EmulatorBench, settings: ProcoreSettings) -> None:
        bench.install(NORDIC, Module.PLANNER, [TOWER])
        platform, vault = self._connected(bench, settings)
        bench._control("POST", "tokens/expire", {"client_id": APPS[Module.PLANNER].client_id})

        project = self._project(platform)

        assert project.id == TOWER
        assert _stored(vault).tokens.version == 2

    def test_a_lost_answer_to_a_refresh_takes_a_person_and_is_not_asked_again(
        self, bench: EmulatorBench, settings: ProcoreSettings
    ) -> None:
        bench.install(NORDIC, Module.PLANNER, [TOWER])
        platform, vault = self._connected(bench, settings)
        bench._control("POST", "tokens/expire", {"client_id": APPS[Module.PLANNER].client_id})
        bench.fault(path="/oauth/token", drop="answer")

        for _ in range(2):
            with pytest.raises(ReconnectNeeded):
                self._project(platform)

        asked = [entry for entry in bench.journal() if entry["path"] == "/oauth/token"]
        assert len(asked) == 2, "a code, one refresh"
        assert _stored(vault).state is ConnectionState.RECONNECT

    def test_withdrawn_consent_takes_a_person(self, bench: EmulatorBench, settings: ProcoreSettings) -> None:
        bench.install(NORDIC, Module.PLANNER, [TOWER])
        platform, _vault = self._connected(bench, settings)
        bench._control("POST", "tokens/revoke", {"client_id": APPS[Module.PLANNER].client_id})

        with pytest.raises(ReconnectNeeded):
            self._project(platform)

    def _connected(self, bench: EmulatorBench, settings: ProcoreSettings) -> tuple[ProcorePlatform, TokenVault]:
        grant, vault = signed_in(bench, ADA), MemoryTokenVault()
        tokens = Tokens(grant.access_token, grant.expires_at, grant.refresh_token)
        vault.save(ACCOUNT, Module.PLANNER, Connection.by_person(tokens, at=Now().now()), replacing=0)
        return ProcorePlatform(bench.http, settings, Now(), vault, sleep=_no_nap), vault

    def _project(self, platform: ProcorePlatform) -> PlatformProject:
        return platform.project(ACCOUNT, NORDIC, Module.PLANNER, TOWER)


def _stored(vault: TokenVault) -> Connection:
    found = vault.load(ACCOUNT, Module.PLANNER)
    assert found is not None
    return found


def _walk_through_everything(bench: PlatformBench) -> None:
    bench.install(NORDIC, Module.PLANNER, [TOWER])
    grant = signed_in(bench, ADA)
    bench.sign_in.person(grant)
    bench.sign_in.companies(grant)
    bench.sign_in.is_company_admin(grant, NORDIC)
    list(bench.sign_in.projects(grant, NORDIC))
    bench.platform.installed(ACCOUNT, NORDIC)
    list(bench.platform.projects(ACCOUNT, NORDIC, Module.PLANNER))
    bench.platform.project(ACCOUNT, NORDIC, Module.PLANNER, TOWER)
    bench.sign_in.forget(grant)


def _no_nap(_seconds: float) -> None:
    """Pauses are proven elsewhere; here they would only cost time."""


def emulator_world(world: MemoryWorld) -> dict[str, object]:
    """Return the contract's world as the emulator reads it."""
    return {
        "name": "contract",
        "apps": [
            {
                "client_id": keys.client_id,
                "client_secret": keys.client_secret,
                "slug": app.value,
                "name": f"Smartapp {app.label}",
                "redirect_uris": [REDIRECT],
                "grants": ["authorization_code", "client_credentials"],
            }
            for app, keys in APPS.items()
        ],
        "companies": [{"id": int(each.id), "name": each.name} for each in world.companies.values()],
        "people": [
            {
                "id": int(person.id),
                "first_name": person.name.split()[0],
                "last_name": person.name.split()[1],
                "login": person.email,
                "companies": [
                    {"company_id": int(company_id), "admin": place in world.admins, "project_ids": [*map(int, team)]}
                    for place, team in world.teams.items()
                    for user_id, company_id in [place]
                    if user_id == person.id
                ],
            }
            for person in world.people.values()
        ],
        "projects": [
            {
                "id": int(project.id),
                "company_id": int(company_id),
                "name": project.name,
                "project_number": project.number,
                "city": project.city,
                "active": project.active,
                "created_at": project.created_at,
                "updated_at": project.created_at,
            }
            for company_id, projects in world.projects.items()
            for project in projects.values()
        ],
    }
