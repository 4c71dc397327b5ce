"""What a list pasted from a spreadsheet says, line by line; which projects it means is another question."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Final

import attrs

from smartapp_domain.catalog import LABELS, PRODUCTS, Module, Product
from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.folding import folded

MOST_LINES: Final = 2_000
MOST_BYTES: Final = 200_000

_BY_LABEL: Final = {folded(label): frozenset({product}) for product, label in LABELS.items()}
#: What people write into a cell to name products.
_WORDS: Final[Mapping[str, frozenset[Product]]] = MappingProxyType(
    {**_BY_LABEL, **{product.value: frozenset({product}) for product in PRODUCTS}, "both": frozenset(Module)}
)
_BETWEEN_WORDS: Final = re.compile(r"[,;/&+]| and ")
_YES: Final = frozenset({"x", "y", "yes", "true", "1", "on", "✓", "✔", "☑", "☒"})
_NO: Final = frozenset({"n", "no", "false", "0", "off", "-", "–", "—", "☐"})
_NUMBER_HEADS: Final = frozenset(
    {"number", "no", "no.", "#", "project number", "project no", "project no.", "project #"}
)
_NAME_HEADS: Final = frozenset({"name", "project", "project name", "projects", "job", "job name", "site", "jobsite"})
_WORDS_HEADS: Final = frozenset(
    {"module", "modules", "product", "products", "add-on", "add-ons", "add on", "add ons", "edition", "editions"}
)
#: Without a heading, a number and a name are looked for in this many cells; what follows may be anything.
_KEY_CELLS: Final = 2


@attrs.frozen
class Line:
    """
    One line that is not blank.

    Attributes:
        number: Counted from 1, blank lines included, as a text editor counts.
        text: As it was pasted.
        keys: What may be the project's number or name, in groups; an earlier group decides before a later one.
        products: What it asks for; None where it does not say.
        unclear: The word that should name a product and names none.

    """

    number: int
    text: str
    keys: tuple[tuple[str, ...], ...] = ()
    products: frozenset[Product] | None = None
    unclear: str = ""
    is_heading: bool = False


def read_list(text: str) -> tuple[Line, ...] | Refused:
    """Return the lines that are not blank, or why there are none or too many."""
    size, lines = len(text.encode("utf-8", "replace")), text.splitlines()
    if size > MOST_BYTES or len(lines) > MOST_LINES:
        return Refused(
            Reason.LIST_TOO_LONG,
            f"The list has {len(lines):,} lines and {size:,} bytes; {MOST_LINES:,} lines and {MOST_BYTES:,} bytes are "
            "the limit. Paste it in parts.",
            WayOut.PROJECTS,
        )
    rows = [(number, line) for number, line in enumerate(lines, 1) if line.strip("\t ;,")]
    if not rows:
        return Refused(Reason.NOTHING_SELECTED, "The list is empty. Paste project numbers or names.", WayOut.PROJECTS)
    mark = _separator(line for _, line in rows)
    head = _Heading.of(_cells(rows[0][1], mark))
    if head is None:
        return tuple(_plain(number, line, mark) for number, line in rows)
    first = Line(rows[0][0], rows[0][1], is_heading=True)
    return (first, *(head.read(number, line, _cells(line, mark)) for number, line in rows[1:]))


def _separator(lines: Iterable[str]) -> str:
    """Return what parts the columns: spreadsheets copy tabs; a comma is as likely to be part of a name."""
    text = "\n".join(lines)
    return next((mark for mark in "\t;" if mark in text), ",")


def _cells(line: str, mark: str) -> tuple[str, ...]:
    return tuple(cell.strip().strip('"').strip() for cell in line.split(mark))


def _named(cell: str) -> frozenset[Product] | None:
    """Return the products a cell names, as in "Planner" or "Planner & Safety Badge"; None when it is something else."""
    words = [word.strip() for word in _BETWEEN_WORDS.split(folded(cell)) if word.strip()]
    found = [_WORDS.get(word) for word in words]
    return frozenset(chain.from_iterable(each or () for each in found)) if found and all(found) else None


def _plain(number: int, line: str, mark: str) -> Line:
    """Read a line of a list without heading: products may follow a number, a name, or both."""
    cells = _cells(line, mark)
    said = [(cell, _named(cell)) for cell in cells[1:]]
    products = frozenset(chain.from_iterable(named for _, named in said if named))
    keys = tuple(filter(None, (cells[0], *(cell for cell, named in said if named is None))))[:_KEY_CELLS]
    groups: tuple[tuple[str, ...], ...] = (keys,)
    if mark == ",":  # a name may hold a comma: all of it counts before its parts do
        whole = ", ".join(filter(None, (cells[0], *(cell for cell, named in said if named is None))))
        groups = tuple(dict.fromkeys(((line.strip(),), (whole,), keys)))
    return Line(number, line, groups, products or None)


@attrs.frozen
class _Heading:
    """Which column says what."""

    numbers: tuple[int, ...]
    names: tuple[int, ...]
    words: tuple[int, ...]
    marks: Mapping[int, frozenset[Product]]

    @classmethod
    def of(cls, cells: Sequence[str]) -> "_Heading | None":
        """Return the heading a first line is, if it is one: it says which column holds number or name."""
        words = [folded(cell) for cell in cells]
        marks = {i: named for i, cell in enumerate(cells) if (named := _named(cell))}
        numbers, names, said = (
            tuple(i for i, word in enumerate(words) if word in heads)
            for heads in (_NUMBER_HEADS, _NAME_HEADS, _WORDS_HEADS)
        )
        if not names and not numbers and marks and 0 not in marks and not words[0]:
            names = (0,)  # a table whose first column has no title
        return cls(numbers, names, said, marks) if numbers or names else None

    def read(self, number: int, line: str, cells: Sequence[str]) -> Line:
        cell = dict(enumerate(cells))
        keys = tuple(filter(None, (cell.get(i, "") for i in (*self.numbers, *self.names))))
        products: set[Product] = set()
        said, unclear = False, ""
        for i in (*self.words, *self.marks):
            text = cell.get(i, "")
            found = _marked(text, self.marks.get(i)) if text else None
            said, unclear = said or bool(text), unclear or (text if text and found is None else "")
            products |= found or set()
        return Line(number, line, (keys,), frozenset(products) if said else None, unclear)


def _marked(text: str, column: frozenset[Product] | None) -> frozenset[Product] | None:
    """Return what a cell asks for: a mark means its column's products, a word itself; None is not understood."""
    word = folded(text)
    if word in _NO:
        return frozenset()
    if column is not None and word in _YES:
        return column
    return _named(text)
