"""Entering a company through the real adapter and the emulator, before and after the app is uninstalled."""

from collections.abc import Iterator

import attrs
import httpx
import msgspec
import pytest
from tests.contract.procore.test_platform_procore import APPS, REDIRECT, EmulatorBench, Now, emulator_world

from smartapp_adapters.procore import ProcoreEnvironment, ProcorePlatform, ProcoreSettings, ProcoreSignIn
from smartapp_domain.catalog import Module
from smartapp_domain.decisions import Refused
from smartapp_domain.identity import Environment, Role
from smartapp_domain.ids import PlatformUserId
from smartapp_domain.ports import Ports
from smartapp_domain.ports.tokens import TokenVault
from smartapp_domain.testing.contracts.platform_bench import ADA, BEN, NORDIC, TOWER, contract_world
from smartapp_domain.testing.memory import MemoryTokenVault
from smartapp_domain.testing.workbench import PLATFORM, Workbench
from smartapp_domain.use_cases.enter_account import NotInstalled, OtherApp, enter_company, identify
from smartapp_domain.use_cases.join_account import Entered
from smartapp_emulators.procore.app import create_app
from smartapp_emulators.procore.world import parse_world
from smartapp_emulators.serving import ThreadedServer


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadedServer]:
    with ThreadedServer(create_app(parse_world(msgspec.json.encode(emulator_world(contract_world()))))) as server:
        yield server


@pytest.fixture
def platform(server: ThreadedServer) -> Iterator[EmulatorBench]:
    settings = ProcoreSettings(server.url, server.url, ProcoreEnvironment.SANDBOX, APPS, REDIRECT)
    with httpx.Client() as http:
        http.post(f"{server.url}/_emulator/reset").raise_for_status()
        yield EmulatorBench(
            server.url,
            http,
            ProcoreSignIn(http, settings, Now()),
            ProcorePlatform(http, settings, Now(), MemoryTokenVault()),
        )


@pytest.fixture(params=[None, MemoryTokenVault()], ids=["service account", "in an admin's name"])
def ports(request: pytest.FixtureRequest, platform: EmulatorBench) -> Ports:
    connections: TokenVault | None = request.param
    return attrs.evolve(
        Workbench.of().ports, sign_in=platform.sign_in, platform=platform.platform, connections=connections
    )


def arrive(
    platform: EmulatorBench, ports: Ports, user_id: PlatformUserId
) -> Entered | NotInstalled | OtherApp | Refused:
    code, _state = platform.authorize(Module.PLANNER, user_id, "state")
    who = identify(platform=PLATFORM, environment=Environment.SANDBOX, app=Module.PLANNER, code=code, ports=ports)
    [company] = [each for each in who.companies if each.id == NORDIC]
    return enter_company(person=who.person, company=company, grant=who.grant, ports=ports)


def test_after_the_uninstall_a_member_gets_in_and_nobody_else(platform: EmulatorBench, ports: Ports) -> None:
    platform.install(NORDIC, Module.PLANNER, [TOWER])
    before = arrive(platform, ports, ADA)
    platform.uninstall(NORDIC, Module.PLANNER)

    after, stranger = arrive(platform, ports, ADA), arrive(platform, ports, BEN)

    assert isinstance(before, Entered)
    assert isinstance(after, Entered)
    assert (after.member.id, after.member.name, after.member.role) == (before.member.id, "Ada Holm", Role.OWNER)
    assert isinstance(stranger, NotInstalled)
