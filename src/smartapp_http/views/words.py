"""Counts and lists the way a person says them."""

from collections.abc import Sequence


def counted(number: int, noun: str) -> str:
    """Return "1 project", "3 projects", "0 projects", "1,200 projects"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def in_words(things: Sequence[str]) -> str:
    """Return "A", "A and B" or "A, B and C"."""
    if len(things) < 2:  # noqa: PLR2004 - one thing needs no "and"
        return "".join(things)
    return f"{', '.join(things[:-1])} and {things[-1]}"
