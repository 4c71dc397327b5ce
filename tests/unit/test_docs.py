"""Every Python block in the documents runs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = [
    pytest.param(block, id=f"{page.name}-{number}")
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    for number, block in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")), start=1)
]


@pytest.mark.parametrize("block", BLOCKS)
def test_the_code_in_the_documents_runs(block: str) -> None:
    exec(compile(block, "document", "exec"), {"__name__": "document"})  # noqa: S102 - our own documents


def test_there_is_code_to_run() -> None:
    assert len(BLOCKS) >= 4
