"""The fenced blocks of the documents."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs

ROOT: Final = Path(__file__).parents[3]
PAGES: Final = (
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
)
_FENCED: Final = re.compile(
    r"^(?P<indent> *)```(?P<kind>[^\n]*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)


@attrs.frozen
class Block:
    """A block, by its place in a page: the first is number 1."""

    page: str
    number: int
    kind: str
    text: str
    before: str
    """What the page says above it."""

    @property
    def id(self) -> str:
        return f"{self.page}-{self.number}-{self.kind}"


def _blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for number, found in enumerate(_FENCED.finditer(text), start=1):
        name = page.relative_to(ROOT).as_posix()
        yield Block(name, number, found["kind"].strip(), found["text"], text[: found.start()])


BLOCKS: Final = tuple(block for page in PAGES for block in _blocks(page))


def of_kind(*kinds: str) -> list[Block]:
    return [block for block in BLOCKS if block.kind in kinds]
