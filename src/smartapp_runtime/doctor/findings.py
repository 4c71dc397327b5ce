"""What the doctor says."""

import enum

import attrs


class Verdict(enum.Enum):
    FINE = "fine"
    WRONG = "wrong"
    SKIPPED = "skipped"
    """Cannot be told while something else is wrong."""


@attrs.frozen
class Finding:
    """
    One thing looked at.

    Attributes:
        check: Its name, always the same, for scripts.
        says: What was found, in one sentence or two.
        fix: What to do about it, in one sentence; "" unless it is wrong.

    """

    check: str
    verdict: Verdict
    says: str
    fix: str = ""


def fine(check: str, says: str) -> Finding:
    return Finding(check, Verdict.FINE, says)


def wrong(check: str, says: str, fix: str) -> Finding:
    return Finding(check, Verdict.WRONG, says, fix)


def skipped(check: str, says: str) -> Finding:
    return Finding(check, Verdict.SKIPPED, says)
