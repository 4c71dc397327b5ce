"""
Installing an app, step by step: company, permissions, permitted projects, notes.

Every step can be submitted untouched. Nothing is stored before the last one.
"""

from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath
from litestar.response import Redirect

from smartapp_emulators.procore import installing
from smartapp_emulators.procore.pages.permitting import picked, picker, unknown_projects_are_told
from smartapp_emulators.procore.pages.render import (
    Page,
    PageError,
    PageRequest,
    app_named,
    companies_of,
    company_named,
    form_of,
    person_of,
    render,
    see_other,
    sender_of,
    setup_link,
    store_of,
    to_sign_in,
)
from smartapp_emulators.procore.world import App, Company, Person

Answer = Response[str] | Redirect


@get("/marketplace/{slug:str}/install", sync_to_thread=False)
def install_page(request: PageRequest, slug: FromPath[str]) -> Answer:
    app, person = app_named(request, slug), person_of(request)
    if person is None:
        return to_sign_in(request)
    mine = companies_of(request, person)
    wanted = request.query_params.get("company")
    if not mine:
        raise PageError(403, "You belong to no company yet. Ask an admin to add you to theirs.")
    if wanted is None and len(mine) > 1:
        return _choose_company(request, app, person, mine)
    company = company_named(request, person, wanted) if wanted is not None else mine[0]
    if not person.administers(company.id):
        return render(request, "request.html", app=app, company=company)
    if store_of(request).installation(app.client_id, company.id) is not None:
        return _installed(request, app, company, fresh=False)
    if request.query_params.get("step") == "projects":
        projects = store_of(request).projects_of(company.id)
        return render(
            request, "pick_projects.html", app=app, company=company, several=len(mine) > 1, **picker(projects)
        )
    return render(request, "permissions.html", app=app, company=company, several=len(mine) > 1)


@post("/marketplace/{slug:str}/install")
async def install(request: PageRequest, slug: FromPath[str]) -> Redirect:
    app, person, company, form = await _sent(request, slug)
    if not person.administers(company.id):
        raise PageError(403, f"Only an admin of {company.name} can install apps. Send a request instead.")
    with unknown_projects_are_told():
        installing.install(store_of(request), app, company.id, picked(form), by=person.id)
    return see_other(f"/marketplace/{slug}/installed?company={company.id}")


@get("/marketplace/{slug:str}/installed", sync_to_thread=False)
def installed_page(request: PageRequest, slug: FromPath[str]) -> Answer:
    app, person = app_named(request, slug), person_of(request)
    if person is None:
        return to_sign_in(request)
    company = company_named(request, person, request.query_params.get("company", ""))
    if store_of(request).installation(app.client_id, company.id) is None:
        return see_other(f"/marketplace/{slug}/install?company={company.id}")
    return _installed(request, app, company, fresh=True)


@post("/marketplace/{slug:str}/request")
async def request_app(request: PageRequest, slug: FromPath[str]) -> Redirect:
    app, person, company, form = await _sent(request, slug)
    installing.request_app(store_of(request), app, company.id, person.id, str(form.get("note", "")))
    return see_other(f"/marketplace/{slug}/requested?company={company.id}")


@get("/marketplace/{slug:str}/requested", sync_to_thread=False)
def requested_page(request: PageRequest, slug: FromPath[str]) -> Answer:
    app, person = app_named(request, slug), person_of(request)
    if person is None:
        return to_sign_in(request)
    company = company_named(request, person, request.query_params.get("company", ""))
    admins = [each.name for each in store_of(request).state.world.people if each.administers(company.id)]
    return render(request, "requested.html", app=app, company=company, admins=admins)


def _choose_company(request: PageRequest, app: App, person: Person, mine: list[Company]) -> Page:
    """Offer the companies, the first one that can still be installed chosen already."""
    store = store_of(request)
    rows = [
        (company, person.administers(company.id), store.installation(app.client_id, company.id) is not None)
        for company in mine
    ]
    best = next((row[0].id for row in rows if row[1] and not row[2]), mine[0].id)
    return render(request, "choose_company.html", app=app, rows=rows, best=best)


def _installed(request: PageRequest, app: App, company: Company, *, fresh: bool) -> Page:
    installation = store_of(request).installation(app.client_id, company.id)
    return render(
        request,
        "installed.html",
        app=app,
        company=company,
        installation=installation,
        link=setup_link(request, app),
        fresh=fresh,
    )


async def _sent(request: PageRequest, slug: str) -> tuple[App, Person, Company, FormMultiDict]:
    app, form = app_named(request, slug), await form_of(request)
    person, company = sender_of(request, form)
    return app, person, company, form


HANDLERS = (install_page, install, installed_page, request_app, requested_page)
