"""
Draw the life cycles of the domain into docs/domain.md from the tables the code runs on.

    python tools/draw_docs.py           rewrite the blocks
    python tools/draw_docs.py --check   name the blocks that are out of date, change nothing

A block begins with `<!-- diagram: NAME -->` and ends with `<!-- end diagram -->`.
"""

import enum
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from smartapp_domain.licensing import LICENSE_TRANSITIONS, LicenseState
from smartapp_domain.mapping import MAPPING_TRANSITIONS, MappingState
from smartapp_domain.ordering import ORDER_TRANSITIONS, OrderState

DOCUMENT = Path(__file__).parent.parent / "docs" / "domain.md"
BLOCK = re.compile(r"<!-- diagram: (?P<name>\w+) -->\n.*?<!-- end diagram -->", re.DOTALL)

Table = Mapping[tuple[enum.Enum, enum.Enum], enum.Enum]


def diagram(table: Table, first: enum.Enum) -> str:
    """Return a Mermaid state diagram; moves between the same two states share one arrow."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for (state, event), after in table.items():
        arrows.setdefault((state.value, after.value), []).append(event.value.replace("_", " "))
    moves = [f"    {one} --> {other}: {', '.join(events)}" for (one, other), events in arrows.items()]
    left = {state for state, _ in table}
    ends = [f"    {state.value} --> [*]" for state in type(first) if state not in left]
    return "\n".join(["```mermaid", "stateDiagram-v2", f"    [*] --> {first.value}", *moves, *ends, "```"])


DRAWN = {
    "mapping": lambda: diagram(MAPPING_TRANSITIONS, MappingState.AVAILABLE),
    "order": lambda: diagram(ORDER_TRANSITIONS, OrderState.OPEN),
    "license": lambda: diagram(LICENSE_TRANSITIONS, LicenseState.PENDING),
}


def redrawn(text: str) -> str:
    """Return the document with every block drawn anew; `KeyError` names a block nobody draws."""
    return BLOCK.sub(lambda m: f"<!-- diagram: {m['name']} -->\n{DRAWN[m['name']]()}\n<!-- end diagram -->", text)


def problems(text: str) -> list[str]:
    """Say which drawings are missing from the document or differ from the tables."""
    there = {match["name"]: match[0] for match in BLOCK.finditer(text)}
    missing = [f"docs/domain.md has no block `<!-- diagram: {name} -->`." for name in DRAWN if name not in there]
    stale = [
        f"docs/domain.md: the drawing `{name}` is not what the code says. Run `make docs`."
        for name, block in there.items()
        if redrawn(block) != block
    ]
    return missing + stale


def main() -> int:
    text = DOCUMENT.read_text("utf-8")
    if "--check" in sys.argv[1:]:
        found = problems(text)
        print("\n".join(found) or "The drawings in docs/domain.md are what the code says.")
        return 1 if found else 0
    if redrawn(text) != text:
        DOCUMENT.write_text(redrawn(text), "utf-8")
        print("Redrawn: docs/domain.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
