"""What is text, and what a number, in whatever a client sends: addresses, forms, JSON."""

import re
from collections.abc import Mapping
from typing import Final

#: NUL, which PostgreSQL does not store, and halves of surrogate pairs, which UTF-8 cannot write.
_NO_TEXT: Final = re.compile("[\\x00\\ud800-\\udfff]")


#: Unix seconds of any year up to 2286 have no more digits.
UNIX_DIGITS: Final = 10


class NotText(ValueError):
    """Raised for input that could be neither stored nor shown; the words say where it is."""


def only_text(value: object, where: str) -> None:
    """Raise `NotText` unless all strings in the value are text; `where` names it to whoever sent it."""
    if isinstance(value, str):
        if found := _NO_TEXT.search(value):
            raise NotText(f"{where} contains a character that cannot be stored (U+{ord(found[0]):04X}).")
    elif isinstance(value, Mapping):
        for name, each in value.items():
            inside = where.removesuffix(",")
            only_text(name, f"{inside}, the name of a field,")
            only_text(each, f"{inside}, {name},")
    elif isinstance(value, list):
        for each in value:
            only_text(each, where)


def whole_number(text: str, *, digits: int = 9) -> int | None:
    """Return the number that at most so many digits write, and nothing else with them; None for other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None
