"""Trouble on request: refusals, failures before or after the work, silence, a cut connection."""

import fnmatch
import threading
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import attrs

from smartapp_emulators.stripe.errors import StripeError
from smartapp_emulators.stripe.ids import new_id

Json = dict[str, Any]


class Kind(StrEnum):
    """What happens; the names are the vocabulary of `/_emulator/faults`."""

    CONFLICT = "409"
    RATE_LIMIT = "429"
    ERROR_BEFORE = "500"
    ERROR_AFTER = "500_after_commit"
    TIMEOUT = "timeout"
    TIMEOUT_AFTER = "timeout_after_commit"
    DROP = "drop"
    DROP_AFTER = "drop_after_commit"

    @property
    def after_commit(self) -> bool:
        return self.value.endswith("_after_commit")


@attrs.define
class Fault:
    """One rule: the next `count` requests that match meet `kind`."""

    id: str
    kind: Kind
    path: str = "/v1/*"
    method: str = "*"
    count: int = 1
    delay_s: float = 30.0


class Faults:
    """The rules in force, oldest first; the first one that matches is used up by one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Fault] = []

    def add(self, wanted: Mapping[str, Any]) -> Fault:
        """
        Add a rule.

        Raises:
            ValueError: The description is not one; the message says what is.
        """
        unknown = set(wanted) - {"kind", "path", "method", "count", "delay_s"}
        if unknown:
            raise ValueError(f"Unknown field: {', '.join(sorted(unknown))}.")
        try:
            kind = Kind(str(wanted.get("kind")))
        except ValueError:
            raise ValueError(f"'kind' must be one of {', '.join(Kind)}.") from None
        rule = Fault(
            new_id("fault"),
            kind,
            str(wanted.get("path", "/v1/*")),
            str(wanted.get("method", "*")).upper(),
            int(wanted.get("count", 1)),
            float(wanted.get("delay_s", 30.0)),
        )
        with self._lock:
            self._rules.append(rule)
        return rule

    def take(self, method: str, path: str) -> Fault | None:
        """Use up and return the rule for this request, if there is one."""
        with self._lock:
            for rule in self._rules:
                if rule.count > 0 and rule.method in {"*", method} and fnmatch.fnmatchcase(path, rule.path):
                    rule.count -= 1
                    self._rules = [kept for kept in self._rules if kept.count > 0]
                    return attrs.evolve(rule)
        return None

    def listed(self) -> list[Json]:
        with self._lock:
            return [attrs.asdict(rule) for rule in self._rules]

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()


def refusal(kind: Kind) -> StripeError | None:
    """Return the error a fault answers with, or none when it answers with silence."""
    match kind:
        case Kind.CONFLICT:
            message = "This object cannot be accessed right now because another API request is accessing it."
            return StripeError(message, status=409, code="lock_timeout")
        case Kind.RATE_LIMIT:
            return StripeError("Too many requests in a short time.", status=429, code="rate_limit")
        case Kind.ERROR_BEFORE | Kind.ERROR_AFTER:
            return StripeError("An unknown error occurred.", status=500, kind="api_error")
    return None
