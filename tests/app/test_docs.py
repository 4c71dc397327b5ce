"""Every Python block in the documents runs."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

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


# A document's example ends with its process and closes nothing.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("block", BLOCKS)
def test_the_code_in_the_documents_runs(block: str, stripe_address: str) -> None:
    block = block.replace("http://localhost:8020", stripe_address)
    exec(compile(block, "document", "exec"), {"__name__": "document"})  # noqa: S102 - our own documents


def test_there_is_code_to_run() -> None:
    assert len(BLOCKS) >= 4
