"""Every Python block in the documents runs, and every call of curl."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.app.api.town import Town, built

from smartapp_domain.identity import Role
from smartapp_domain.testing.memory import MemoryStorage
from smartapp_emulators.serving import ThreadedServer
from smartapp_emulators.stripe.app import create_app

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = [
    pytest.param(block, id=f"{page.name}-{number}")
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    for number, block in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")), start=1)
]


@pytest.fixture(scope="module")
def stripe_address() -> Iterator[str]:
    """An emulator for the blocks that talk to the one on its usual port."""
    server = ThreadedServer()
    server.app = create_app(base_url=server.url)
    with server:
        yield server.url


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """The product itself, for the blocks that talk to its API."""
    with built(MemoryStorage()) as town:
        yield town


# A document's example ends with its process and closes nothing.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("block", BLOCKS)
def test_the_code_in_the_documents_runs(
    block: str, stripe_address: str, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMARTAPP_TOKEN", town.token(town.acme, Role.OWNER))
    block = block.replace("http://localhost:8020", stripe_address).replace("http://localhost:8000", town.url)
    exec(compile(block, "document", "exec"), {"__name__": "document"})  # noqa: S102 - our own documents


SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
CALLS = [block for block in SHELL.findall((ROOT / "docs" / "api.md").read_text(encoding="utf-8")) if "curl" in block]


@pytest.mark.parametrize("block", CALLS)
def test_the_calls_of_the_api_page_succeed(block: str, town: Town) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not here.")
    block = re.sub(r"^export .*$", "", block, flags=re.MULTILINE).replace("http://localhost:8000", town.url)
    called = f"set -e\n{block.replace('curl ', 'curl --fail ')}"

    done = subprocess.run(
        ["bash", "-c", called],
        env={**os.environ, "SMARTAPP_TOKEN": town.token(town.acme, Role.OWNER)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert '"' in done.stdout


def test_there_is_code_to_run() -> None:
    assert len(BLOCKS) >= 4
    assert len(CALLS) >= 3
