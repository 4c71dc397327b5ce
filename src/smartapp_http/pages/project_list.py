"""Which part of the list is asked for, and the view of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import attrs

from smartapp_domain.decisions import Reason, Refused
from smartapp_domain.identity import Actor
from smartapp_domain.ids import PlatformProjectId
from smartapp_domain.installation import ProjectListing
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import NotFound, Reading
from smartapp_domain.ports.views import MappingRow, Page, Part, Sort
from smartapp_domain.project import Project
from smartapp_http import links
from smartapp_http.present import mapping as present
from smartapp_http.present import pasting
from smartapp_http.present.connection import Connection
from smartapp_http.settings import HttpSettings
from smartapp_http.text import whole_number
from smartapp_http.views import (
    FilterLink,
    MissingView,
    Pager,
    ProjectsView,
    RowProblem,
    RowsView,
    RowView,
    SearchView,
    paths,
)

PER_PAGE: Final = 50
SEARCH_LIMIT: Final = 100
ALL: Final = "all"
NOT_LICENSED: Final = "not-licensed"

#: The words of the address, and the part of the list each one means.
PARTS: Final[Mapping[str, Part]] = {
    NOT_LICENSED: Part.NOT_LICENSED,
    "licensed": Part.LICENSED,
    "planner": Part.PLANNER,
    "safety": Part.SAFETY,
    "both": Part.BOTH,
}
_LABELS: Final = {
    ALL: "All",
    NOT_LICENSED: "Not licensed",
    "licensed": "Licensed",
    "planner": "Planner",
    "safety": "Safety",
    "both": "Both",
}
_SORTS: Final = ((Sort.NAME, "Name"), (Sort.NUMBER, "Number"), (Sort.NEWEST, "Newest first"))


@attrs.frozen
class ProjectList:
    """
    What the address asks for. Anything unknown in it means the default.

    Attributes:
        page, licensed_page: The two sections page by themselves.
        missing: The panel about missing projects is open.

    """

    filter: str = ALL
    query: str = ""
    sort: Sort = Sort.NAME
    page: int = 1
    licensed_page: int = 1
    missing: bool = False

    @classmethod
    def asked_for(cls, query: Mapping[str, Any]) -> "ProjectList":
        sort = str(query.get("sort", ""))
        asked = str(query.get("filter", ALL))
        return cls(
            filter=asked if asked in PARTS else ALL,
            query=str(query.get("q", ""))[:SEARCH_LIMIT].strip(),
            sort=next((each for each in Sort if each.value == sort), Sort.NAME),
            page=whole_number(str(query.get("page"))) or 1,
            licensed_page=whole_number(str(query.get("lpage"))) or 1,
            missing=query.get("missing") == "1",
        )

    @classmethod
    def shown_at(cls, url: str | None) -> "ProjectList":
        """Return the list of the page a fragment was asked from."""
        try:
            query = urlsplit(url or "").query
        except ValueError:  # a header may say anything
            query = ""
        return cls.asked_for(dict(parse_qsl(query)))

    def url(self, **changes: Any) -> str:
        now = attrs.evolve(self, **changes)
        return links.with_query(
            paths.PROJECTS,
            filter=now.filter if now.filter != ALL else None,
            q=now.query,
            sort=now.sort.value if now.sort is not Sort.NAME else None,
            page=now.page if now.page > 1 else None,
            lpage=now.licensed_page if now.licensed_page > 1 else None,
        )

    def not_licensed_total(self, reading: Reading, ports: Ports) -> int:
        return reading.views.counts(at=ports.clock.now(), query=self.query)[Part.NOT_LICENSED]

    def view(
        self,
        reading: Reading,
        connection: Connection,
        actor: Actor,
        ports: Ports,
        settings: HttpSettings,
        *,
        problems: Sequence[Refused] = (),
    ) -> ProjectsView:
        now = ports.clock.now()
        looker = _Looker(self, reading, actor, now, {p.about or "": p.message for p in problems})
        counts = reading.views.counts(at=now, query=self.query)
        any_here = counts[Part.LICENSED] + counts[Part.NOT_LICENSED]
        all_counts = counts if any_here or not self.query else reading.views.counts(at=now)
        selections = {str(id): each for id, each in reading.drafts.get(actor.member_id).selections.items()}
        licensed, not_licensed = looker.licensed(counts), looker.not_licensed()
        return ProjectsView(
            all_filter=self._filter(ALL, all_counts[Part.LICENSED] + all_counts[Part.NOT_LICENSED]),
            not_licensed_filter=self._filter(NOT_LICENSED, counts[Part.NOT_LICENSED]),
            licensed_filter=self._filter("licensed", counts[Part.LICENSED]),
            licensed_parts=tuple(self._filter(word, counts[PARTS[word]]) for word in ("planner", "safety", "both")),
            search=self._search(),
            columns=present.columns(ports.price_book),
            summary=present.summary_view(selections.values(), ports.price_book),
            paste=pasting.form(),
            missing=self._missing(reading, connection.listing, settings, any_here=bool(any_here)),
            refresh=present.refresh_view(connection.listing, now),
            back_url=paths.CENTRAL,
            licensed=licensed,
            not_licensed=not_licensed,
            banners=present.app_banners(connection, selections, settings),
            problems=looker.problems(problems, shown=(*_ids(licensed), *_ids(not_licensed))),
            problems_title=_title(problems),
            cut_off=connection.listing.lost is not None,
        )

    def _missing(
        self, reading: Reading, listing: ProjectListing, settings: HttpSettings, *, any_here: bool
    ) -> MissingView | None:
        """Return what is not listed and why; nothing while the platform does not let us in (docs/domain.md L-83)."""
        if listing.lost is not None:
            return None
        found, total = reading.views.not_permitted(present.MISSING_SHOWN)
        return present.missing_view(listing, found, total, settings, is_open=self.missing or not any_here)

    def _filter(self, word: str, count: int) -> FilterLink:
        url = attrs.evolve(self, page=1, licensed_page=1).url(filter=word)
        return FilterLink(_LABELS[word], url, count, current=self.filter == word)

    def _search(self) -> SearchView:
        return SearchView(
            action=paths.PROJECTS,
            query=self.query,
            sorts=tuple((sort.value, label, sort is self.sort) for sort, label in _SORTS),
            keep=(("filter", self.filter),) if self.filter != ALL else (),
            clear_url=attrs.evolve(self, page=1, licensed_page=1).url(query=""),
        )


@attrs.frozen
class _Looker:
    """Reads the sections of one request."""

    wanted: ProjectList
    reading: Reading
    actor: Actor
    now: datetime
    problem_of: Mapping[str, str]

    def _page(self, part: Part, number: int) -> Page[MappingRow]:
        return self.reading.views.mapping_page(
            self.actor.member_id,
            part,
            at=self.now,
            query=self.wanted.query,
            sort=self.wanted.sort,
            number=number,
            per_page=PER_PAGE,
        )

    def licensed(self, counts: Mapping[Part, int]) -> RowsView | None:
        """Return the LICENSED section; under All it is shown once there is something in it."""
        if self.wanted.filter == NOT_LICENSED or (self.wanted.filter == ALL and not counts[Part.LICENSED]):
            return None
        page = self._page(PARTS.get(self.wanted.filter, Part.LICENSED), self.wanted.licensed_page)
        return self._rows(page, "licensed_page", ())

    def not_licensed(self) -> RowsView | None:
        if self.wanted.filter not in (ALL, NOT_LICENSED):
            return None
        page = self._page(Part.NOT_LICENSED, self.wanted.page)
        ticked = any(row.draft is not None for row in page.items)  # only they can choose what to link
        return self._rows(page, "page", self.reading.projects.unlinked() if ticked else ())

    def _rows(self, page: Page[MappingRow], field: str, choices: Sequence[Project]) -> RowsView:
        views = [
            present.row_view(row, choices, at=self.now, problem=self.problem_of.get(row.project.id))
            for row in page.items
        ]
        pager = Pager.of(page.number, page.pages, lambda number: self.wanted.url(**{field: number}))
        return RowsView(rows=tuple(views), total=page.total, pager=pager)

    def problems(self, problems: Sequence[Refused], *, shown: Collection[str]) -> tuple[RowProblem, ...]:
        """Return the problems of rows, with a link to each row that is in the list, on this page or another."""
        known = self.reading.platform_projects.some(PlatformProjectId(p.about) for p in problems if p.about)
        said = []
        for problem in problems:
            project = known.get(PlatformProjectId(problem.about or ""))
            if project is not None:
                said.append(present.row_problem(problem, project, is_shown=project.id in shown))
        return tuple(said)


def _ids(section: RowsView | None) -> tuple[str, ...]:
    return tuple(row.id for row in section.rows) if section else ()


def _title(problems: Sequence[Refused]) -> str:
    if not problems:
        return ""
    if problems[0].about is None:
        return problems[0].message
    return present.problems_title(problems, sum(p.reason is Reason.MODULE_MISSING for p in problems))


def rows_of(reading: Reading, actor: Actor, ids: Sequence[PlatformProjectId], ports: Ports) -> tuple[RowView, ...]:
    """Return these rows as they are now; raise `NotFound` for one that is not in the account."""
    now = ports.clock.now()
    choices = reading.projects.unlinked()
    known = reading.views.mapping_rows(actor.member_id, ids, at=now)
    if missing := [each for each in ids if each not in known]:
        raise NotFound("platform project", missing[0])
    return tuple(present.row_view(known[each], choices, at=now) for each in ids)
