"""What a setting may be: each parser returns the value, or raises ValueError with the end of a sentence."""

import ipaddress
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from smartapp_domain.pricing import PriceBook
from smartapp_runtime.prices import price_book
from smartapp_workers.addresses import checked_address


def text(given: Any) -> str:
    if not isinstance(given, str):
        raise ValueError("must be a text")  # noqa: TRY004 - a setting's problem, not a defect of ours
    return given


def optional(given: Any) -> str | None:
    return text(given) or None


def url(given: Any) -> str:
    parts = urlsplit(text(given))
    if (
        parts.scheme not in {"http", "https"}
        or not _HOST.fullmatch(parts.hostname or "")
        or not _has_port(parts)
        or parts.query
        or parts.fragment
    ):
        raise ValueError("must be a URL such as https://connect.example.com")
    return parts.geturl().rstrip("/")


#: Not what a host may be called, but what no host is called: blanks, and letters that mean something else in a URL.
_HOST: Final = re.compile(r"[^\s<>\"'`{}|\\^]+")


def _has_port(parts: SplitResult) -> bool:
    """Tell whether the port is a number, or is not named at all."""
    try:
        return parts.port is None or parts.port > 0
    except ValueError:
        return False


def optional_url(given: Any) -> str | None:
    return url(given) if given else None


def broker_address(given: Any) -> str | None:
    return checked_address(text(given)) if given else None


def whole(low: int, high: int) -> Callable[[Any], int]:
    def parse(given: Any) -> int:
        text = str(given)
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return parse


def choice(*known: str) -> Callable[[Any], str]:
    def parse(given: Any) -> str:
        if given not in known:
            raise ValueError(f"must be one of {', '.join(known)}")
        return str(given)

    return parse


def networks(given: Any) -> str:
    listed = text(given).strip()
    if listed == "none":
        return ""
    try:
        return ",".join(str(ipaddress.ip_network(part.strip())) for part in listed.split(","))
    except ValueError:
        raise ValueError("must be addresses or networks such as 10.0.0.7 or 10.0.0.0/24, or none") from None


def yes_or_no(given: Any) -> bool:
    words = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    if str(given).lower() not in words:
        raise ValueError("must be yes or no")
    return words[str(given).lower()]


def prices(given: Any) -> PriceBook:
    if not isinstance(given, dict):
        raise ValueError("is a table [price_book] of the settings file; see docs/operating.md")  # noqa: TRY004
    return price_book(given)
