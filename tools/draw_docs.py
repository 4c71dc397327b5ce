"""
Draw into the documents what the code says: life cycles and the matrix role × route into docs/domain.md, settings into
docs/operating.md.

    python tools/draw_docs.py           rewrite the blocks
    python tools/draw_docs.py --check   name the blocks that are out of date, change nothing

A block begins with `<!-- diagram: NAME -->` and ends with `<!-- end diagram -->`.
"""

import enum
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import attrs
from litestar.routes import HTTPRoute

from smartapp_domain.connections import CONNECTION_TRANSITIONS, ConnectionState
from smartapp_domain.identity import RIGHTS, Right, Role
from smartapp_domain.licensing import LICENSE_TRANSITIONS, LicenseState
from smartapp_domain.mapping import MAPPING_TRANSITIONS, MappingState
from smartapp_domain.ordering import ORDER_TRANSITIONS, OrderState
from smartapp_domain.testing.workbench import Workbench
from smartapp_http.access import declared
from smartapp_http.app import create_app
from smartapp_http.settings import SECRET_CHARS, HttpSettings
from smartapp_runtime.settings import Settings, load

DOCS = Path(__file__).parent.parent / "docs"
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


def rights() -> str:
    """Return the matrix role × route: every route that asks for a right, and who has it."""
    app = create_app(Workbench.of().ports, HttpSettings(base_url="http://127.0.0.1:8000", secret="x" * SECRET_CHARS))
    asked = sorted(
        (list(Right).index(needed), route.path_format, method, needed)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method, (handler, _) in route.route_handler_map.items()
        if isinstance(needed := declared(handler.opt), Right)
    )
    rows = [
        f"| `{method} {path}` | {needed.value.replace('_', ' ')} | "
        f"{' | '.join('yes' if needed in RIGHTS[role] else '–' for role in Role)} |"
        for _, path, method, needed in asked
    ]
    heads = " | ".join(role.label for role in Role)
    return "\n".join([f"| Route | Right | {heads} |", "| --- | --- |" + " --- |" * len(Role), *rows])


def settings() -> str:
    """Return the table of all settings."""
    rows = [
        f"| `{row.name}` | {'' if row.value == '(not set)' else f'`{row.value}`'} | {row.meaning} |"
        for row in load({}).shown()
    ]
    assert len(rows) == len(attrs.fields(Settings))
    return "\n".join(["| Variable | Default | Meaning |", "| --- | --- | --- |", *rows])


DRAWN: dict[str, dict[str, Callable[[], str]]] = {
    "domain.md": {
        "mapping": lambda: diagram(MAPPING_TRANSITIONS, MappingState.AVAILABLE),
        "order": lambda: diagram(ORDER_TRANSITIONS, OrderState.OPEN),
        "license": lambda: diagram(LICENSE_TRANSITIONS, LicenseState.PENDING),
        "rights": rights,
        "connection": lambda: diagram(CONNECTION_TRANSITIONS, ConnectionState.READY),
    },
    "operating.md": {"settings": settings},
}


def redrawn(page: str, text: str) -> str:
    """Return the page with every block drawn anew; `KeyError` names a block nobody draws."""
    return BLOCK.sub(lambda m: f"<!-- diagram: {m['name']} -->\n{DRAWN[page][m['name']]()}\n<!-- end diagram -->", text)


def problems(page: str) -> Iterator[str]:
    """Say which drawings are missing from a page or differ from the code."""
    text = (DOCS / page).read_text("utf-8")
    there = {match["name"]: match[0] for match in BLOCK.finditer(text)}
    for name in DRAWN[page]:
        if name not in there:
            yield f"docs/{page} has no block `<!-- diagram: {name} -->`."
    for name, block in there.items():
        if redrawn(page, block) != block:
            yield f"docs/{page}: the drawing `{name}` is not what the code says. Run `make docs`."


def main() -> int:
    if "--check" in sys.argv[1:]:
        found = [problem for page in DRAWN for problem in problems(page)]
        print("\n".join(found) or "The drawings in docs/ are what the code says.")
        return 1 if found else 0
    for page in DRAWN:
        text = (DOCS / page).read_text("utf-8")
        if redrawn(page, text) != text:
            (DOCS / page).write_text(redrawn(page, text), "utf-8")
            print(f"Redrawn: docs/{page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
