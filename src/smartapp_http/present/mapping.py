"""Rows, sections and the footer of the Projects page."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache

from smartapp_domain.catalog import PRODUCTS, REQUIRES, AddOn, Interval, Module
from smartapp_domain.decisions import Reason, Refused
from smartapp_domain.installation import ProjectListing, apps_missing
from smartapp_domain.mapping import ExistingProject, MappingState, Summary, locked, summarize
from smartapp_domain.money import usd
from smartapp_domain.ports.views import MappingRow
from smartapp_domain.pricing import PriceBook, Quote, quote
from smartapp_domain.project import PlatformProject, Project
from smartapp_domain.selection import NOTHING, Selection
from smartapp_http import links
from smartapp_http.present import connection as connected
from smartapp_http.present import words
from smartapp_http.present.connection import Connection
from smartapp_http.settings import HttpSettings
from smartapp_http.views import (
    Banner,
    Box,
    Chip,
    Column,
    Link,
    MissingProject,
    MissingView,
    RefreshView,
    RowProblem,
    RowView,
    SummaryView,
    Target,
    Toast,
    Tone,
    counted,
    in_words,
    paths,
)

#: How many missing projects are named; the rest is counted.
MISSING_SHOWN = 20


def accessible_name(row: MappingRow) -> str:
    """Return the name a listener can tell apart: with the number, or the id, where names repeat."""
    project = row.project
    if not row.name_repeats:
        return project.name
    return f"{project.name} ({project.number or project.id})"


def row_view(row: MappingRow, choices: Sequence[Project], *, at: datetime, problem: str | None = None) -> RowView:
    if row.licenses:
        return _locked_row(row, at)
    draft = row.draft
    selection = draft.selection if draft else NOTHING
    project = row.project
    return RowView(
        id=project.id,
        name=project.name,
        accessible_name=accessible_name(row),
        boxes=_boxes(selection, ticked=draft is not None),
        number=project.number,
        place=project.city,
        ticked=draft is not None,
        targets=_targets(row, choices) if draft else (),
        chip=_open_chip(row),
        problem=problem,
    )


def _locked_row(row: MappingRow, at: datetime) -> RowView:
    project = row.project
    manage_url = links.project_subscription(row.linked.id) if row.linked else ""
    return RowView(
        id=project.id,
        name=project.name,
        accessible_name=accessible_name(row),
        boxes=_boxes(licensed_selection(row), ticked=True),
        number=project.number,
        place=project.city,
        ticked=True,
        locked=True,
        locked_toast=locked_toast(project, manage_url),
        manage_url=manage_url,
        chip=words.license_chip(row.licenses, at),
        mark=_mark(row),
    )


def _mark(row: MappingRow) -> Chip | None:
    return connected.NOT_CONNECTED if row.mapping is not None and row.mapping.is_disconnected else None


def licensed_selection(row: MappingRow) -> Selection:
    """Return what is licensed, as the ticks of the locked row show it."""
    return Selection(
        frozenset(x.product for x in row.licenses if isinstance(x.product, Module)),
        frozenset(
            x.product
            for x in row.licenses
            if isinstance(x.product, AddOn) and any(y.product is REQUIRES[x.product] for y in row.licenses)
        ),
    )


def locked_toast(project: PlatformProject, manage_url: str) -> Toast:
    message = locked(project.name, project.id).message
    return Toast(message, Link("Manage Subscriptions", manage_url), project.name, Tone.WARN)


@cache
def _boxes(selection: Selection, *, ticked: bool) -> tuple[Box, ...]:
    return tuple(
        Box(
            product.value,
            product.label,
            checked=product in selection,
            disabled=not ticked if isinstance(product, Module) else REQUIRES[product] not in selection.modules,
        )
        for product in PRODUCTS
    )


def _targets(row: MappingRow, choices: Sequence[Project]) -> tuple[Target, ...]:
    """Return the choices of "In Smartapp": a project that is linked already keeps its Smartapp project."""
    if row.linked is not None and row.mapping is not None and row.mapping.state is not MappingState.UNLINKED:
        return (Target("", f"{row.linked.name} (linked)", selected=True),)
    target = row.draft.target if row.draft else None
    chosen = target.project_id if isinstance(target, ExistingProject) else ""
    return (
        Target("", "New project", selected=not chosen),
        *(Target(each.id, title(each), selected=each.id == chosen) for each in choices),
    )


def title(project: Project) -> str:
    return f"{project.name} ({project.number})" if project.number else project.name


def _open_chip(row: MappingRow) -> Chip | None:
    if row.claim is not None:
        return Chip("Being paid for" if row.claim.blocks else "In your unpaid order", Tone.INFO, "clock")
    return _mark(row)


def columns(price_book: PriceBook) -> tuple[Column, ...]:
    return tuple(Column(p.value, p.label, words.column_price(p, price_book)) for p in PRODUCTS)


def headline(summary: Summary) -> str:
    """Return "3 projects, 2 Planner, 1 Safety"; zero is said."""
    return f"{counted(summary.projects, 'project')}, {words.product_counts(summary.counts, Module)}"


def summary_view(selections: Iterable[Selection], price_book: PriceBook) -> SummaryView:
    chosen = tuple(selections)
    summary = summarize(chosen)
    monthly, yearly = (quote(chosen, interval, price_book) for interval in (Interval.MONTH, Interval.YEAR))
    add_ons = words.product_counts(summary.counts, AddOn) if any(summary.counts.get(each) for each in AddOn) else ""
    return SummaryView(
        headline=headline(summary),
        add_ons=add_ons,
        monthly=usd(monthly.total_cents),
        yearly=usd(yearly.total_cents),
        left_out=left_out(monthly, yearly),
    )


def left_out(monthly: Quote, yearly: Quote) -> str:
    """Say which add-ons a total does not hold, and why."""
    never = {add_on for add_on, _ in yearly.left_out}
    asked = [each.label for each in AddOn if each in never]
    only_yearly = [add_on.label for add_on, _ in monthly.left_out if add_on not in never]
    said = []
    if asked:
        said.append(f"{in_words(asked)} {_is(asked)} priced on request and not in the total.")
    if only_yearly:
        said.append(f"{in_words(only_yearly)} {_is(only_yearly)} sold with yearly payment only.")
    return " ".join(said)


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def row_problem(refused: Refused, project: PlatformProject, *, is_shown: bool) -> RowProblem:
    """Link to the row where it is: on this page, or found by its number. One in no list can be unticked."""
    row = f"#row-{project.id}"
    if is_shown:
        link = Link("Go to the row", row)
    elif project.active and project.apps:
        found = links.with_query(paths.PROJECTS, check=1, q=project.number or project.name)
        link = Link(f"Find {project.name}", f"{found}{row}")
    else:
        link = None
    lets_go = refused.reason is not Reason.LICENSED
    return RowProblem(refused.message, link, project.id if lets_go else None, project.title)


def problems_title(problems: Sequence[Refused], about_modules: int) -> str:
    if about_modules == len(problems):
        return f"{counted(about_modules, 'project')} {'needs' if about_modules == 1 else 'need'} a module"
    return f"{counted(len(problems), 'thing')} to settle before you go on"


def app_banners(
    connection: Connection, selections: Mapping[str, Selection], settings: HttpSettings
) -> tuple[Banner, ...]:
    """Warn about modules whose app is not installed: they can be bought, their data waits (reading 1)."""
    if lost := connected.banner(connection, settings):
        return (lost,)
    missing = apps_missing(connection.listing.installed, selections)
    return tuple(
        Banner(
            f"The {module.label} app is not installed",
            f"{module.label} can be chosen and bought now; its data flows once Smartapp {module.label} is installed.",
            Tone.WARN,
            connected.marketplace(settings),
            connected.READ_AGAIN,
        )
        for module in Module
        if module in missing
    )


def missing_view(
    listing: ProjectListing,
    found: tuple[PlatformProject, ...],
    total: int,
    settings: HttpSettings,
    *,
    is_open: bool = False,
) -> MissingView:
    apps = [f"Smartapp {module.label}" for module in Module if module in (listing.installed or set(Module))]
    return MissingView(
        app_names=tuple(apps),
        projects=tuple(MissingProject(each.name, each.number, "not permitted") for each in found),
        more=max(0, total - len(found)),
        known=listing.refreshed_at is not None,
        manage_url=settings.app_management_url,
        open=is_open,
    )


def refresh_view(listing: ProjectListing, now: datetime) -> RefreshView:
    read_at = words.ago(listing.refreshed_at, now) if listing.refreshed_at else "not yet"
    return RefreshView(read_at=read_at, running=listing.is_running and not listing.problem, problem=_trouble(listing))


def _trouble(listing: ProjectListing) -> str | None:
    return None if listing.lost else listing.problem  # a lost connection has a banner of its own
