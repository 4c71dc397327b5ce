"""When Procore wants to hear from us again, as its headers tell it."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

TOO_MANY = 429


def retry_after_s(response: httpx.Response, *, now: datetime) -> float | None:
    """
    Return how long Procore wants us to stay away, None when it does not say.

    Its guide names `X-Rate-Limit-Reset` for 429, its error reference `Retry-After`: where both are given the later
    one holds. Moments are compared with the answer's own `Date`, so our clock may be wrong.
    """
    hints = [_retry_after(response, now)]
    if response.status_code == TOO_MANY:
        hints.append(reset_in_s(response, now=now))
    told = [max(0.0, hint) for hint in hints if hint is not None]
    return max(told) if told else None


def reset_in_s(response: httpx.Response, *, now: datetime) -> float | None:
    """Return the seconds until the rate limit starts anew, None when the answer does not say."""
    reset = _number(response.headers.get("X-Rate-Limit-Reset"))
    return None if reset is None else reset - _sent_at(response, now).timestamp()


def _retry_after(response: httpx.Response, now: datetime) -> float | None:
    value = response.headers.get("Retry-After")
    seconds = _number(value)
    if seconds is not None:
        return seconds
    moment = _http_date(value)
    return None if moment is None else (moment - _sent_at(response, now)).total_seconds()


def _sent_at(response: httpx.Response, now: datetime) -> datetime:
    return _http_date(response.headers.get("Date")) or now


def _number(value: str | None) -> float | None:
    return float(value) if value is not None and value.strip().isdecimal() else None


def _http_date(value: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value) if value else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
