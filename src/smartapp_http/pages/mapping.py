"""The Projects page: what is listed, ticked and refused."""

from collections.abc import Sequence
from typing import Final

import attrs
from litestar import Response, get, post
from litestar.di import NamedDependency

from smartapp_domain.catalog import product
from smartapp_domain.decisions import Reason, Refused
from smartapp_domain.identity import Right
from smartapp_domain.ids import PlatformProjectId, ProjectId
from smartapp_domain.mapping import ExistingProject, NewProject, Tick
from smartapp_domain.ports.storage import Reading
from smartapp_domain.use_cases.map_projects import choose_target, review, save_rows, tick
from smartapp_domain.use_cases.refresh_projects import look_if_old, look_now
from smartapp_http import links
from smartapp_http.access import RefusedByRule, needs
from smartapp_http.pages.connection import connection_in
from smartapp_http.pages.project_list import ProjectList, rows_of
from smartapp_http.pages.whole_page import ticks_of_page
from smartapp_http.pools import PAGES
from smartapp_http.present import mapping as present
from smartapp_http.problems import status_of
from smartapp_http.refusals import about_row, accepted, accepted_row
from smartapp_http.views import Area, LoadingView, RowsView, Toast, Tone, paths
from smartapp_http.web import NO_CONTENT, BadForm, Html, Web

#: More than one page of boxes in one request is no form of ours.
MOST_TICKS: Final = 500
SLOW_S: Final = 10
#: Refusals of rows that are not shown, so that there is none to put back.
_NOT_SHOWN: Final = frozenset({Reason.UNKNOWN_PROJECT, Reason.CONNECTION_LOST})
TO_PROBLEMS: Final = f"{paths.PROJECTS}?check=1#problems"


@get(paths.PROJECTS, opt=needs(Right.MAP_PROJECTS), include_in_schema=False)
@PAGES
def projects(web: NamedDependency[Web]) -> Html:
    """Show the mapping page, or the progress of the very first listing."""
    wanted = ProjectList.asked_for(web.query)
    reviewed = accepted(review(web.actor, web.ports)) if web.asked("check") else None
    with web.ports.reading(web.actor.account_id) as reading:
        connection = connection_in(reading, web.ports.clock.now())
        if connection.listing.refreshed_at is None:
            return web.go(paths.LOADING)
        view = wanted.view(
            reading, connection, web.actor, web.ports, web.settings, problems=reviewed.problems if reviewed else ()
        )
    listing = look_if_old(connection.listing, web.ports)
    view = attrs.evolve(view, refresh=present.refresh_view(listing, web.ports.clock.now()))
    return web.page("projects.html", view, area=Area.MAPPING)


@get(paths.LOADING, opt=needs(Right.MAP_PROJECTS), include_in_schema=False)
@PAGES
def loading(web: NamedDependency[Web]) -> Html:
    """Show how the first listing goes; the fragment asks again by itself."""
    now = web.ports.clock.now()
    with web.ports.reading(web.actor.account_id) as reading:
        listing = reading.platform_projects.listing()
    if listing.refreshed_at is not None:
        return web.go(paths.PROJECTS)
    account = web.visitor.account
    waiting_s = (now - listing.requested_at).total_seconds() if listing.requested_at else 0
    view = LoadingView(
        company_name=account.name if account else "",
        done=0,
        poll_url=paths.LOADING,
        retry_url=paths.REFRESH,
        problem=listing.problem,
        slow=waiting_s > SLOW_S,
    )
    if web.is_htmx:
        return web.fragment("loading.html", view=view)
    return web.page("loading_projects.html", view, area=Area.MAPPING)


@post(paths.TICKS, opt=needs(Right.MAP_PROJECTS), status_code=200, include_in_schema=False)
@PAGES
def ticks(web: NamedDependency[Web]) -> Html:
    """Write one box of one row."""
    project_id = PlatformProjectId(web.field("project"))
    code = web.field("product")
    wish = Tick(project_id, product(code) if code else None, on=_is_on(web))
    return _row_answer(web, project_id, tick(web.actor, [wish], web.ports))


@post(paths.TARGETS, opt=needs(Right.MAP_PROJECTS), status_code=200, include_in_schema=False)
@PAGES
def targets(web: NamedDependency[Web]) -> Html:
    """Say which Smartapp project a row stands for."""
    project_id = PlatformProjectId(web.field("project"))
    chosen = web.field("target")
    target = ExistingProject(ProjectId(chosen)) if chosen else NewProject()
    return _row_answer(web, project_id, choose_target(web.actor, project_id, target, web.ports))


def _is_on(web: Web) -> bool:
    """Read the absolute state; anything but 1 is refused rather than guessed."""
    said = web.field("on")
    if said not in ("0", "1"):
        raise BadForm("The form does not say whether the box is on or off.")
    return said == "1"


def _row_answer(web: Web, project_id: PlatformProjectId, decision: object) -> Html:
    """Answer with the row as it is now; a refusal also with its words, so that the box goes back."""
    refused = decision if isinstance(decision, Refused) else None
    account_id = web.actor.account_id
    with web.ports.reading(account_id) as reading:
        if refused is not None and (not web.is_htmx or refused.reason in _NOT_SHOWN):
            raise about_row(refused, reading)
        if not web.is_htmx:
            return back_to_list(web, Toast("Your ticks are saved.", tone=Tone.OK))
        row = rows_of(reading, web.actor, [project_id], web.ports)[0]
        summary = present.summary_view(
            reading.drafts.get(web.actor.member_id).selections.values(), web.ports.price_book
        )
        toasts = (_toast(about_row(refused, reading), web),) if refused else ()
    return web.fragment(
        "tick.html", status=status_of(refused) if refused else 200, row=row, summary=summary, toasts=toasts
    )


def _toast(error: RefusedByRule, web: Web) -> Toast:
    link = links.way_out(error.refused, web.settings, error.project_id)
    here = error.refused.reason is not Reason.LICENSED and link is not None and link.url == paths.PROJECTS
    return Toast(error.refused.message, None if here else link, error.strong, Tone.WARN)


def back_to_list(web: Web, toast: Toast | None = None) -> Html:
    """Go back to the page of the list a form was sent from."""
    before = links.own_path(web.request.headers.get("referer"), web.settings)
    return web.go(before if before and before.startswith(paths.PROJECTS) else paths.PROJECTS, toast=toast)


@post(paths.PAGE_TICKS, opt=needs(Right.MAP_PROJECTS), status_code=200, include_in_schema=False)
@PAGES
def page_ticks(web: NamedDependency[Web]) -> Html:
    """Tick or untick every row of a page: all of them, or none."""
    on = _is_on(web)
    ids = tuple(dict.fromkeys(PlatformProjectId(each) for each in web.fields("project")))[:MOST_TICKS]
    decision = tick(web.actor, [Tick(each, None, on=on) for each in ids], web.ports)
    refused = decision if isinstance(decision, Refused) else None
    with web.ports.reading(web.actor.account_id) as reading:
        if refused is not None and (not web.is_htmx or refused.reason in _NOT_SHOWN):
            raise about_row(refused, reading)
        if not web.is_htmx:
            return back_to_list(web, Toast("Your ticks are saved.", tone=Tone.OK))
        answer = _section(web, reading, ids)
        toasts = (_toast(about_row(refused, reading), web),) if refused else ()
    return web.fragment("page_ticks.html", status=status_of(refused) if refused else 200, toasts=toasts, **answer)


def _section(web: Web, reading: Reading, ids: Sequence[PlatformProjectId]) -> dict[str, object]:
    wanted = ProjectList.shown_at(web.request.headers.get("hx-current-url"))
    rows = rows_of(reading, web.actor, ids, web.ports)
    chosen = reading.drafts.get(web.actor.member_id).selections.values()
    return {
        "rows": RowsView(rows=rows, total=wanted.not_licensed_total(reading, web.ports)),
        "summary": present.summary_view(chosen, web.ports.price_book),
    }


@post(paths.SAVE, opt=needs(Right.MAP_PROJECTS), status_code=200, include_in_schema=False)
@PAGES
def save(web: NamedDependency[Web]) -> Html:
    """Without script: write every box of the page at once."""
    _save_page(web)
    return back_to_list(web, Toast("Your ticks are saved.", tone=Tone.OK))


@post(paths.NEXT, opt=needs(Right.MAP_PROJECTS), status_code=200, include_in_schema=False)
@PAGES
def next_step(web: NamedDependency[Web]) -> Html:
    """Go on when everything ticked can be bought; otherwise back to the rows, which say why not."""
    if web.field("whole_page"):
        _save_page(web)
    reviewed = accepted(review(web.actor, web.ports))
    return web.go(TO_PROBLEMS if reviewed.problems else paths.SUBSCRIPTIONS)


def _save_page(web: Web) -> None:
    with web.ports.reading(web.actor.account_id) as reading:
        wishes = ticks_of_page(web.form, reading, web.actor, web.ports)
    if wishes.ticks or wishes.targets:
        accepted_row(save_rows(web.actor, wishes.ticks, wishes.targets, web.ports), web)


@post(paths.REFRESH, opt=needs(Right.MAP_PROJECTS), status_code=200, include_in_schema=False)
@PAGES
def refresh(web: NamedDependency[Web]) -> Html:
    """Ask for a fresh listing; a job fetches it."""
    if look_now(web.actor, web.ports).refreshed_at is None:
        return web.go(paths.LOADING)
    words = f"Reading your projects from {web.settings.platform} again. This page shows what is new by itself."
    return web.go(paths.PROJECTS, toast=Toast(words))


@get(paths.REFRESH, opt=needs(Right.MAP_PROJECTS), include_in_schema=False)
@PAGES
def refreshed(web: NamedDependency[Web]) -> Html:
    """Tell the page that waits for a fresh listing to load itself anew, once there is one or it failed."""
    if not web.is_htmx:
        return web.go(paths.PROJECTS)
    with web.ports.reading(web.actor.account_id) as reading:
        listing = reading.platform_projects.listing()
    running = present.refresh_view(listing, web.ports.clock.now()).running
    return Response("", status_code=NO_CONTENT, headers={} if running else {"HX-Refresh": "true"})


HANDLERS: Final = (projects, loading, ticks, targets, page_ticks, save, next_step, refresh, refreshed)
