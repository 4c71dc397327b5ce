"""
Lists that are complete, or an error.

A list that ends early looks like projects that were deleted, so every way a page can lie is looked for: a `next` that
is missing although more is promised, a `Total` that changes or does not match, a row that comes twice.
"""

from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

import httpx

from smartapp_adapters.procore.errors import Subject, unusable
from smartapp_adapters.procore.payloads import decode
from smartapp_domain.ports.platform import AnswerUnusable


class Row(Protocol):
    @property
    def id(self) -> int: ...


R = TypeVar("R", bound=Row)
Get = Callable[[httpx.URL], httpx.Response]


def rows(get: Get, first: httpx.URL, row_type: type[R], subject: Subject) -> Iterator[R]:
    """
    Yield all rows of a list; a page is checked before its first row is yielded.

    Raises:
        AnswerUnusable: The list is not complete or contradicts itself; rows yielded before must be thrown away.

    """
    listing = _Listing(first, row_type, subject)
    url: httpx.URL | None = first
    while url is not None:
        response = get(url)
        page = listing.take(response)
        url = listing.after(response, page)
        yield from page


class _Listing(Generic[R]):
    """What has been seen of one list."""

    def __init__(self, first: httpx.URL, row_type: type[R], subject: Subject) -> None:
        self._first = first
        self._row_type = row_type
        self._subject = subject
        self._seen: set[int] = set()
        self._total: int | None = None
        self._page = 1

    def take(self, response: httpx.Response) -> list[R]:
        """Return the rows of a page whose `Total` and ids agree with the pages before."""
        page: list[R] = decode(response, list[self._row_type], self._subject)  # type: ignore[name-defined]  # runtime type
        total = _count(response, "Total")
        if self._page > 1 and total != self._total:
            raise self._bad(response, f"its total changed from {self._total} to {total} while it was read")
        self._total = total
        for row in page:
            if row.id in self._seen:
                raise self._bad(response, f"row {row.id} came twice")
            self._seen.add(row.id)
        return page

    def after(self, response: httpx.Response, page: list[R]) -> httpx.URL | None:
        """Return where the next page is, None at a proven end."""
        self._page += 1
        link = response.links.get("next", {}).get("url")
        if link is not None and page:
            return self._trusted(response, link)
        if self._total is not None and self._total != len(self._seen):
            raise self._bad(response, f"it has {len(self._seen)} rows although its total is {self._total}")
        if self._total is None and page and len(page) >= self._size(response):
            # No `next` and no `Total`: a full page proves nothing, so the end must be seen as an empty or short page.
            return self._first.copy_merge_params({"page": self._page})
        return None

    def _trusted(self, response: httpx.Response, link: str) -> httpx.URL:
        """Our token goes only where settings say: neither another host nor another list."""
        url = self._first.join(link)
        if (url.scheme, url.netloc, url.path) != (self._first.scheme, self._first.netloc, self._first.path):
            raise self._bad(response, "its next page is somewhere else")
        return url

    def _size(self, response: httpx.Response) -> int:
        size = _count(response, "Per-Page") or int(self._first.params["per_page"])
        return max(1, size)

    def _bad(self, response: httpx.Response, why: str) -> AnswerUnusable:
        return unusable(self._subject, why, response)


def _count(response: httpx.Response, header: str) -> int | None:
    value = response.headers.get(header, "").strip()
    return int(value) if value.isdecimal() else None
