"""Going through a list page by page."""

from collections.abc import Callable

import attrs


@attrs.frozen(kw_only=True)
class Pager:
    """Links, so that pages can be bookmarked and work without script. A missing URL is an end."""

    page: int = 1
    pages: int = 1
    previous_url: str | None = None
    next_url: str | None = None

    @classmethod
    def of(cls, number: int, pages: int, url: Callable[[int], str]) -> "Pager":
        """Return the way from page `number`, which is one there is; `url` is the address of each."""
        return cls(
            page=number,
            pages=pages,
            previous_url=url(number - 1) if number > 1 else None,
            next_url=url(number + 1) if number < pages else None,
        )
