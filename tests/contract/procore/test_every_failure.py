"""Each status with each body it is seen with becomes the right error of the port, held against the emulator."""

from collections.abc import Iterator

import httpx
import pytest
from tests.contract.procore.refresher import ACCOUNT, APPS, COMPANY, PROJECT, REDIRECT, Ahead
from tests.emulators.procore.support import small_world

from smartapp_adapters.procore import ProcoreEnvironment, ProcorePlatform, ProcoreSettings
from smartapp_domain.catalog import Module
from smartapp_domain.ports.platform import (
    AccessDenied,
    AppNotInstalled,
    NotFoundOnPlatform,
    PlatformError,
    PlatformUnavailable,
    RequestRejected,
    SignInRejected,
)
from smartapp_domain.project import PlatformProject
from smartapp_domain.testing.memory import MemoryTokenVault
from smartapp_emulators.procore.app import create_app
from smartapp_emulators.procore.shapes import SEEN, Shape, body_of
from smartapp_emulators.serving import ThreadedServer

pytestmark = pytest.mark.contract
#: What each status means for the caller, whatever its body, except for the sentence below.
MEANING: dict[int, type[PlatformError]] = {
    400: RequestRejected,
    401: SignInRejected,
    403: AccessDenied,
    404: NotFoundOnPlatform,
    406: RequestRejected,
    408: PlatformUnavailable,
    409: RequestRejected,
    413: RequestRejected,
    422: RequestRejected,
    429: PlatformUnavailable,
    500: PlatformUnavailable,
    502: PlatformUnavailable,
    503: PlatformUnavailable,
    504: PlatformUnavailable,
}
PAIRS = [(status, shape) for status, shapes in SEEN.items() for shape in shapes]
PATH = "/rest/v1.0/projects/*"


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadedServer]:
    with ThreadedServer(create_app(small_world(), rate=(100_000, 100_000))) as server:
        yield server


@pytest.fixture(scope="module")
def control(server: ThreadedServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url) as control:
        order = {"client_id": "one", "company_id": int(COMPANY)}
        control.post("/_emulator/installations", json=order).raise_for_status()
        yield control


@pytest.fixture(scope="module")
def platform(server: ThreadedServer) -> Iterator[ProcorePlatform]:
    settings = ProcoreSettings(server.url, server.url, ProcoreEnvironment.SANDBOX, APPS, REDIRECT, timeout_s=1.0)
    with httpx.Client() as http:
        yield ProcorePlatform(http, settings, Ahead(), MemoryTokenVault(), sleep=lambda _: None)


@pytest.fixture(autouse=True)
def _nothing_wrong(control: httpx.Client) -> None:
    control.delete("/_emulator/faults").raise_for_status()


def fault(control: httpx.Client, **what: object) -> None:
    answer = control.post("/_emulator/faults", json={"path": PATH} | what)
    assert answer.status_code == 201, answer.text


def ask(platform: ProcorePlatform) -> PlatformProject:
    return platform.project(ACCOUNT, COMPANY, Module.PLANNER, PROJECT)


def test_the_table_names_every_status_that_is_seen() -> None:
    assert set(MEANING) == set(SEEN)


@pytest.mark.parametrize(("status", "shape"), PAIRS)
def test_every_status_and_shape_becomes_the_right_error(
    control: httpx.Client, platform: ProcorePlatform, status: int, shape: str
) -> None:
    fault(control, status=status, shape=shape, count=None)

    with pytest.raises(PlatformError) as caught:
        ask(platform)

    expected = AppNotInstalled if shape == "not_connected" else MEANING[status]
    assert type(caught.value) is expected
    assert caught.value.request_id is not None
    assert caught.value.request_id.startswith("emu-")
    assert caught.value.remedy.endswith(".")
    assert "<" not in str(caught.value)


@pytest.mark.parametrize(("status", "shape"), [pair for pair in PAIRS if pair[1] not in ("empty", "html")])
def test_what_procore_says_is_passed_on(
    control: httpx.Client, platform: ProcorePlatform, status: int, shape: Shape
) -> None:
    fault(control, status=status, shape=shape, count=None)
    said = "not installed" if shape == "not_connected" else body_of("errors_text", status)[1].decode()[11:-2]

    with pytest.raises(PlatformError) as caught:
        ask(platform)

    assert said.lower() in str(caught.value).lower()


@pytest.mark.parametrize(
    "wrong",
    [
        {"drop": "request"},
        {"drop": "answer"},
        {"drop": "body"},
        {"status": 502, "shape": "html", "after": True},
        {"status": 503, "shape": "empty", "headers": {"Retry-After": "1"}},
    ],
    ids=str,
)
def test_a_read_outlasts_what_passes(
    control: httpx.Client, platform: ProcorePlatform, wrong: dict[str, object]
) -> None:
    fault(control, **wrong)

    assert ask(platform).id == PROJECT


@pytest.mark.parametrize(
    "wrong",
    [
        {"drop": "request"},
        {"drop": "answer"},
        {"drop": "body"},
        {"delay_s": 1.5},
        {"late_s": 1.5},
        {"drip_s": 0.7},  # each wait is short enough, all of them together are not
    ],
    ids=str,
)
def test_what_does_not_pass_is_an_outage_with_a_remedy(
    control: httpx.Client, platform: ProcorePlatform, wrong: dict[str, object]
) -> None:
    fault(control, count=None, **wrong)

    with pytest.raises(PlatformUnavailable) as caught:
        ask(platform)

    assert caught.value.remedy.endswith(".")
