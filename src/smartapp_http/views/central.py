"""Project Central: one tile per Smartapp project."""

import attrs

from smartapp_http.views.buying import WaitingOrder
from smartapp_http.views.chrome import Banner, Chip, Link
from smartapp_http.views.mapping import FilterLink, SearchView
from smartapp_http.views.paging import Pager


@attrs.frozen(kw_only=True)
class TileView:
    """
    One Smartapp project.

    Attributes:
        url: Where the name leads (the project's subscription until it has pages of its own), or None.
        number: The platform's project number: tells projects of one name apart.
        modules: Codes of what is licensed, out of "planner" and "safety"; decides the strip and its words.
        paused: The strip turns gray (payment pending).
        lines: Small print: ("Linked to Procore", "Renamed in Procore: …").
        mark: "Not connected" beside the state of the license.
        new: Licensed just now; outlined, and first on the page.

    """

    id: str
    name: str
    chip: Chip
    number: str | None = None
    url: str | None = None
    modules: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    mark: Chip | None = None
    manage_url: str | None = None
    paused: bool = False
    new: bool = False

    @property
    def strip(self) -> str:
        """Return the words of the strip; "Planner & Safety" for both."""
        words = [label for code, label in (("planner", "Planner"), ("safety", "Safety")) if code in self.modules]
        return " & ".join(words) or "No license"

    @property
    def strip_style(self) -> str:
        if self.paused or not self.modules:
            return "none"
        return "both" if len(self.modules) > 1 else self.modules[0]


@attrs.frozen(kw_only=True)
class CentralView:
    """
    `project_central.html`.

    Attributes:
        counts: "8 projects, 7 licensed".
        total: How many projects there are without search and filter; 0 shows the first-run page.
        waiting: Orders that wait for their payment, for who may pay them or give them up.
        success: The first-time banner after a purchase ("3 projects are licensed"), or None.
        map_url, add_url: None hides the button from roles that may not.

    """

    counts: str
    tiles: tuple[TileView, ...]
    total: int
    search: SearchView
    filters: tuple[FilterLink, ...] = ()
    pager: Pager = attrs.field(factory=Pager)
    success: Banner | None = None
    banners: tuple[Banner, ...] = ()
    waiting: tuple[WaitingOrder, ...] = ()
    map_url: str | None = None
    add_url: str | None = None


@attrs.frozen(kw_only=True)
class AddProjectView:
    """`add_project.html`: POSTs the field `name`. `problem` says what is wrong with it and how to fix it."""

    name: str = ""
    problem: str | None = None
    back_url: str = "/central"
    map_link: Link | None = None
