"""The mapping as JSON: list, tick, link, review."""

from collections.abc import Sequence
from typing import Annotated, Final

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from smartapp_domain.catalog import product
from smartapp_domain.identity import Right
from smartapp_domain.ids import PlatformProjectId, ProjectId
from smartapp_domain.mapping import ExistingProject, NewProject, Tick
from smartapp_domain.ports.views import Part, Sort
from smartapp_domain.use_cases.map_projects import choose_target, review, tick
from smartapp_domain.use_cases.paste_list import PasteList, apply_paste, plan_paste
from smartapp_domain.use_cases.refresh_projects import look_now
from smartapp_http.access import needs
from smartapp_http.api import paging, said
from smartapp_http.api.addresses import BASE
from smartapp_http.api.documented import WRITING, problems
from smartapp_http.api.paging import Cursor, Limit, Search
from smartapp_http.api.schemas import (
    IdInPath,
    PasteIn,
    PasteOut,
    ProjectRow,
    ProjectsOut,
    RefreshOut,
    ReviewOut,
    TargetIn,
    TicksIn,
    TicksOut,
)
from smartapp_http.front import has_no_body
from smartapp_http.idempotency import once
from smartapp_http.looking import look
from smartapp_http.pools import PAGES
from smartapp_http.refusals import accepted, accepted_row
from smartapp_http.web import Web

TAG: Final = ["Mapping"]


@get(f"{BASE}/projects", opt=needs(Right.MAP_PROJECTS), responses=problems(), tags=TAG)
@PAGES
def projects(
    *,
    web: NamedDependency[Web],
    part: Annotated[Part, QueryParameter()] = Part.NOT_LICENSED,
    sort: Annotated[Sort, QueryParameter()] = Sort.NAME,
    search: Search = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[ProjectsOut]:
    """Return the platform's projects, or part of them."""
    listing = look(web)
    now, actor = web.ports.clock.now(), web.actor
    about = ("projects", part.value, sort.value, search)
    with web.ports.reading(actor.account_id) as reading:
        found = reading.views.mapping_stretch(
            actor.member_id,
            part,
            at=now,
            query=search,
            sort=sort,
            after=paging.after(web, cursor, *about),
            limit=limit,
        )
        counts = reading.views.counts(at=now, query=search)
    next_cursor = paging.cursor_of(web, found.anchor, *about)
    answer = ProjectsOut(
        projects=[said.row(each, now) for each in found.items],
        next_cursor=next_cursor,
        total=found.total,
        counts={each.value: counts[each] for each in Part},
        refreshed_at=listing.refreshed_at,
        problem=listing.problem,
    )
    return Response(answer, headers=paging.link(web, next_cursor))


@put(f"{BASE}/ticks", opt=needs(Right.MAP_PROJECTS), responses=problems(404, 409), tags=TAG, security=WRITING)
@once(PAGES)
def ticks(web: NamedDependency[Web], data: JSONBody[TicksIn]) -> TicksOut:
    """Apply absolute ticks, all of them or none."""
    wishes = [
        Tick(PlatformProjectId(each.project), product(each.product) if each.product else None, on=each.on)
        for each in data.ticks
    ]
    decision = tick(web.actor, wishes, web.ports)
    summary = accepted_row(decision, web).summary
    ids = dict.fromkeys(wish.platform_project_id for wish in wishes)
    return TicksOut(_rows(web, tuple(ids)), said.summary(summary))


@post(
    f"{BASE}/projects/paste/preview",
    opt=needs(Right.MAP_PROJECTS),
    status_code=200,
    responses=problems(409, 413),
    tags=TAG,
    security=WRITING,
)
@once(PAGES)
def preview_list(web: NamedDependency[Web], data: JSONBody[PasteIn]) -> PasteOut:
    """Say what each line of a list means and would tick; nothing is written."""
    return said.paste(accepted(plan_paste(web.actor, _wish(data), web.ports)))


@post(
    f"{BASE}/projects/paste",
    opt=needs(Right.MAP_PROJECTS),
    status_code=200,
    responses=problems(404, 409, 413),
    tags=TAG,
    security=WRITING,
)
@once(PAGES)
def paste_list(web: NamedDependency[Web], data: JSONBody[PasteIn]) -> PasteOut:
    """Tick what a list names, all of it or nothing. Lines that cannot be ticked are left out and told."""
    pasted = accepted_row(apply_paste(web.actor, _wish(data), web.ports), web)
    return said.paste(pasted.plan, pasted.ticked.summary)


def _wish(data: PasteIn) -> PasteList:
    choices = {int(line): PlatformProjectId(id) for line, id in data.choices.items()}
    return PasteList(data.text, tuple(dict.fromkeys(map(product, data.products))), choices)


@put(
    f"{BASE}/projects/{{project_id:str}}/target",
    opt=needs(Right.MAP_PROJECTS),
    responses=problems(404, 409),
    tags=TAG,
    security=WRITING,
)
@once(PAGES)
def target(web: NamedDependency[Web], project_id: IdInPath, data: JSONBody[TargetIn]) -> ProjectRow:
    """Say whether buying creates a Smartapp project or links one; ticks the project."""
    id, chosen = PlatformProjectId(project_id), data.smartapp_project
    wish = ExistingProject(ProjectId(chosen)) if chosen else NewProject()
    accepted_row(choose_target(web.actor, id, wish, web.ports), web)
    return _rows(web, [id])[0]


def _rows(web: Web, ids: Sequence[PlatformProjectId]) -> list[ProjectRow]:
    now = web.ports.clock.now()
    with web.ports.reading(web.actor.account_id) as reading:
        known = reading.views.mapping_rows(web.actor.member_id, ids, at=now)
    return [said.row(known[id], now) for id in ids]


@get(f"{BASE}/review", opt=needs(Right.MAP_PROJECTS), responses=problems(), tags=TAG)
@PAGES
def reviewed(web: NamedDependency[Web]) -> ReviewOut:
    """Return what is ticked, why it cannot be bought, if so, and what it costs."""
    look(web)
    return said.review(accepted(review(web.actor, web.ports)), web.ports)


@post(
    f"{BASE}/projects/refresh",
    opt=needs(Right.MAP_PROJECTS),
    status_code=202,
    guards=[has_no_body],
    responses=problems(),
    tags=TAG,
    security=WRITING,
)
@once(PAGES)
def refresh(web: NamedDependency[Web]) -> RefreshOut:
    """Ask, without a body, for a fresh list from the platform; `refreshed_at` of the list tells when it came."""
    return RefreshOut(look_now(web.actor, web.ports).requested_at)


HANDLERS: Final = (projects, ticks, preview_list, paste_list, target, reviewed, refresh)
