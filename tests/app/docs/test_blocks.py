"""Every block of code in the documents runs, or is compared with what the program says."""

import configparser
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import httpx
import pytest
from tests.app.api.town import Town, built
from tests.app.docs.blocks import BLOCKS, PAGES, ROOT, Block, of_kind
from tests.app.docs.desk import Desk
from tests.app.doctor.conftest import Vendors, environment

from smartapp_domain.identity import Role
from smartapp_domain.testing.memory import MemoryStorage
from smartapp_emulators.clock import MovableClock
from smartapp_emulators.clock_file import ClockFile
from smartapp_emulators.procore.app import create_app as create_procore
from smartapp_emulators.procore.world import parse_world
from smartapp_emulators.serving import ThreadedServer
from smartapp_emulators.stripe.app import create_app as create_stripe
from smartapp_runtime.cli import COMMANDS
from smartapp_runtime.settings import Settings, SettingsError, load

#: Blocks nothing can be compared with, each with the reason.
DRAWINGS: Final[Mapping[str, str]] = {
    "docs/architecture.md-1-text": "A drawing of the imports; import-linter holds the imports themselves.",
}
#: Kinds that have a test below.
KINDS: Final = {"python", "sh", "sql", "toml", "json", "ini", "text", "mermaid"}


def named(blocks: list[Block]) -> list[object]:
    return [pytest.param(block, id=block.id) for block in blocks]


def test_every_block_is_of_a_kind_that_is_tried() -> None:
    assert {block.kind for block in BLOCKS} <= KINDS
    assert {block.id for block in BLOCKS} >= set(DRAWINGS)


def test_every_fence_is_seen() -> None:
    fences = sum(line.lstrip().startswith("```") for page in PAGES for line in page.read_text("utf-8").splitlines())

    assert fences == 2 * len(BLOCKS) > 60


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """The product itself, for the blocks that talk to its API."""
    with built(MemoryStorage()) as town:
        yield town


@pytest.fixture(scope="module")
def vendors() -> Iterator[Vendors]:
    """Both emulators; Procore's has the small world of its page, with its app installed."""
    [world] = [block.text for block in of_kind("json") if block.page == "docs/emulators.md"]
    stripe = ThreadedServer(host_name="127.0.0.1")
    stripe.app = create_stripe(base_url=stripe.url)
    with stripe, ThreadedServer(create_procore(parse_world(world.encode()))) as procore:
        app, company = json.loads(world)["apps"][0], json.loads(world)["companies"][0]
        order = {"client_id": app["client_id"], "company_id": company["id"], "project_ids": "all"}
        httpx.post(f"{procore.url}/_emulator/installations", json=order).raise_for_status()
        yield Vendors(procore.url, stripe.url, MovableClock())


@pytest.fixture
def addresses(town: Town, vendors: Vendors) -> dict[str, str]:
    """Where each usual address of the documents is in this test."""
    usual = {"127.0.0.1:8000": town.url, "localhost:8010": vendors.procore, "localhost:8020": vendors.stripe}
    return {said: here.removeprefix("http://") for said, here in usual.items()}


# A document's example ends with its process and closes nothing.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("block", named(of_kind("python")))
def test_python_runs(block: Block, addresses: dict[str, str], town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMARTAPP_TOKEN", town.token(town.acme, Role.OWNER))
    code = block.text
    for said, here in addresses.items():
        code = code.replace(said, here)

    exec(compile(code, block.id, "exec"), {"__name__": "document"})  # noqa: S102 - our own documents


@pytest.mark.parametrize("document", sorted({block.page for block in of_kind("sh", "sql")}))
def test_what_a_document_tells_to_type_works_from_top_to_bottom(
    document: str, addresses: dict[str, str], vendors: Vendors, town: Town, tmp_path: Path
) -> None:
    blocks = [block for block in of_kind("sh", "sql") if block.page == document]
    if shutil.which("curl") is None and any("curl " in block.text for block in blocks):
        pytest.skip("curl is not installed.")
    # A document that means PostgreSQL names it. Typing the rest on both would show nothing new: tests/app/doctor and
    # tests/contract/brokers run the commands that open a database on each, tests/app/api what is asked of the API.
    database = {"SMARTAPP_DATABASE_URL": f"sqlite:///{tmp_path / 'smartapp.db'}", "SMARTAPP_PORT": "0"}
    own = {"SMARTAPP_TOKEN": town.token(town.acme, Role.OWNER)} if document == "docs/api.md" else {}
    desk = Desk(tmp_path, addresses, environment(database, vendors) | own)

    try:
        for block in blocks:
            desk.type(block)
    finally:
        desk.close()


@pytest.mark.parametrize("block", named(of_kind("toml")))
def test_a_settings_file_sets_what_it_names(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "smartapp.toml"
    file.write_text(block.text, "utf-8")

    loaded = load({"SMARTAPP_CONFIG": str(file)})

    from_file = {name for name, source in loaded.sources.items() if source == str(file)}
    assert from_file == set(tomllib.loads(block.text))
    assert all(getattr(loaded.settings, name) != getattr(Settings(), name) for name in from_file)


def is_clock(text: str, folder: Path) -> bool:
    file = folder / "clock.json"
    file.write_text(text, "utf-8")
    return ClockFile(file).read() == 86400


#: What reads the JSON of a page.
READERS: Final[Mapping[str, Callable[[str, Path], object]]] = {
    "docs/emulators-stripe.md": is_clock,
    "docs/emulators.md": lambda text, _: parse_world(text.encode()).projects,
}


@pytest.mark.parametrize("block", named(of_kind("json")))
def test_json_is_what_the_program_reads(block: Block, tmp_path: Path) -> None:
    assert block.page in READERS, "Say in READERS which program reads this."
    assert READERS[block.page](block.text, tmp_path)


@pytest.mark.parametrize("block", named(of_kind("ini")))
def test_a_unit_runs_a_command_there_is_and_stays_down_for_settings_that_are_wrong(block: Block) -> None:
    unit = configparser.ConfigParser()
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd tells upper from lower case
    unit.read_string(block.text)
    program, command = unit["Service"]["ExecStart"].split()

    with pytest.raises(SettingsError) as refused:
        load({"SMARTAPP_PORT": "x"})

    assert (Path(program).name, command in COMMANDS) == ("smartapp", True)
    assert unit["Service"]["RestartPreventExitStatus"] == str(refused.value.status)
    assert int(unit["Service"]["TimeoutStopSec"]) > Settings().stop_within_s


@pytest.mark.parametrize("block", named([block for block in of_kind("text") if block.id not in DRAWINGS]))
def test_headers_look_as_they_are_sent(block: Block, town: Town) -> None:
    token = town.token(town.acme, Role.OWNER)
    answer = httpx.get(f"{town.url}/api/v1/me", headers={"Authorization": f"Bearer {token}"})

    for line in block.text.splitlines():
        name, _, value = line.partition(": ")
        assert re.sub(r"\d+", "N", answer.headers[name]) == re.sub(r"\d+", "N", value)


@pytest.mark.parametrize("block", named(of_kind("mermaid")))
def test_a_diagram_is_one_that_is_drawn_from_the_code(block: Block) -> None:
    assert re.search(r"<!-- diagram: \w+ -->\n$", block.before)


def test_what_is_drawn_is_what_the_code_says() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "draw_docs.py", "--check"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout
