"""The Projects page: platform projects on the left, modules and add-ons on the right."""

import attrs

from smartapp_http.views.chrome import Banner, Chip, Link, Toast
from smartapp_http.views.paging import Pager
from smartapp_http.views.pasting import PasteForm


@attrs.frozen
class Column:
    """Head of a product column; `price` is "$295 a month", "Included" or "Ask us"."""

    code: str
    label: str
    price: str


@attrs.frozen
class Box:
    """One product of one row. `disabled` follows the enablement chain; locked rows ignore it."""

    code: str
    label: str
    checked: bool = False
    disabled: bool = True


@attrs.frozen
class Target:
    """An option of "In Smartapp": value "" is "New project", otherwise a Smartapp project's id."""

    value: str
    label: str
    selected: bool = False


@attrs.frozen(kw_only=True)
class RowView:
    """
    `partials/row.html`.

    Attributes:
        accessible_name: Names the row box and ends the other boxes' names: the project's name, with its number
            where the name repeats ("P.S. 26 (Q026)").
        boxes: Planner, Safety, Planner Board, Safety Badge, in this order.
        targets: Choices of "In Smartapp"; empty for rows that are not ticked, or locked.
        locked: Already licensed. Needs `locked_toast` and `manage_url`.
        chip: State of the license ("Licensed until Sep 27, 2027"), or of an order under way.
        mark: "Not connected" beside the state of the license.
        problem: Why NEXT cannot take this row, or None.

    """

    id: str
    name: str
    accessible_name: str
    boxes: tuple[Box, ...]
    number: str | None = None
    place: str | None = None
    ticked: bool = False
    targets: tuple[Target, ...] = ()
    locked: bool = False
    locked_toast: Toast | None = None
    manage_url: str = ""
    chip: Chip | None = None
    mark: Chip | None = None
    problem: str | None = None


@attrs.frozen(kw_only=True)
class RowsView:
    """One section, LICENSED or NOT LICENSED: the rows of its page, out of `total`."""

    rows: tuple[RowView, ...]
    total: int
    pager: Pager = attrs.field(factory=Pager)

    @property
    def ticked(self) -> int:
        return sum(row.ticked for row in self.rows)


@attrs.frozen
class FilterLink:
    """One way to narrow the list. The accessible name is exactly the label; the count is for the eye."""

    label: str
    url: str
    count: int
    current: bool = False


@attrs.frozen(kw_only=True)
class SearchView:
    """
    The search form, a GET on `action`.

    Attributes:
        sorts: (value, label, selected) of the field `sort`.
        keep: Hidden (name, value) pairs that keep the current filter.
        clear_url: The same list without the search.

    """

    action: str
    query: str = ""
    sorts: tuple[tuple[str, str, bool], ...] = ()
    keep: tuple[tuple[str, str], ...] = ()
    clear_url: str = ""


@attrs.frozen(kw_only=True)
class SummaryView:
    """
    `partials/summary.html`, the live sum of all new ticks on all pages.

    Attributes:
        headline: "3 projects, 2 Planner, 1 Safety".
        add_ons: "2 Planner Board, 1 Safety Badge", or "" when there is none.
        monthly, yearly: "$3,260.00", "$39,120.00"; None hides prices from roles that may not see them.
        left_out: "Planner Board is priced on request and not in the total.", or "".

    """

    headline: str
    add_ons: str = ""
    monthly: str | None = None
    yearly: str | None = None
    left_out: str = ""


@attrs.frozen
class RowProblem:
    """
    A row that NEXT cannot take.

    Attributes:
        link: Leads to the row, here or on another page; None when it is in no list any more.
        project: The id to untick it by, where that is possible; `title` says its name then.

    """

    text: str
    link: Link | None = None
    project: str | None = None
    title: str = ""


@attrs.frozen
class MissingProject:
    """A project the person sees in the platform and Smartapp does not. `reason`: "not permitted", "inactive"."""

    name: str
    number: str | None
    reason: str


@attrs.frozen(kw_only=True)
class MissingView:
    """
    "Don't see your project?".

    Attributes:
        projects: At most some twenty; `more` counts the rest.
        known: False when the platform could not be asked for them; then only the explanation is shown.
        app_names: Apps whose permitted projects matter: ("Smartapp Planner",).
        manage_url: App Management of the platform, or None.

    """

    app_names: tuple[str, ...]
    projects: tuple[MissingProject, ...] = ()
    more: int = 0
    known: bool = True
    manage_url: str | None = None
    open: bool = False


@attrs.frozen(kw_only=True)
class RefreshView:
    """When the list was read from the platform: "8 minutes ago"; `running` shows that it is being read again."""

    read_at: str
    running: bool = False
    problem: str | None = None


@attrs.frozen(kw_only=True)
class ProjectsView:
    """
    `projects.html`.

    Attributes:
        all_filter, not_licensed_filter, licensed_filter: The first three links.
        licensed_parts: Planner, Safety, Both: a partition of Licensed.
        licensed, not_licensed: None when the section is not part of the current filter.
        banners: One-app warning, canceled payment, …
        problems: Why NEXT did not go on. `problems_title` heads them: "2 projects need a module".
        missing: None while the platform does not let us in: what only it told is not shown then.
        cut_off: The platform does not let us in: nothing can be chosen, and NEXT would lead nowhere.
        read_only: Why this role cannot tick (then nothing can be ticked), or None.

    """

    all_filter: FilterLink
    not_licensed_filter: FilterLink
    licensed_filter: FilterLink
    licensed_parts: tuple[FilterLink, ...]
    search: SearchView
    columns: tuple[Column, ...]
    summary: SummaryView
    paste: PasteForm
    missing: MissingView | None
    refresh: RefreshView
    back_url: str
    licensed: RowsView | None = None
    not_licensed: RowsView | None = None
    banners: tuple[Banner, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    problems_title: str = ""
    cut_off: bool = False
    read_only: str | None = None

    @property
    def any_project(self) -> bool:
        return self.all_filter.count > 0

    @property
    def shown(self) -> int:
        return sum(len(section.rows) for section in (self.licensed, self.not_licensed) if section)
