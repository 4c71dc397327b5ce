"""App Management: what is installed in a company, its permitted projects, uninstall and re-install, requests."""

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from smartapp_emulators.procore import installing
from smartapp_emulators.procore.pages.permitting import picked, picker, unknown_projects_are_told
from smartapp_emulators.procore.pages.render import (
    PageError,
    PageRequest,
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
from smartapp_emulators.procore.state import Installation
from smartapp_emulators.procore.world import App, Company

Answer = Response[str] | Redirect


@get("/app-management", sync_to_thread=False)
def management_page(request: PageRequest) -> Answer:
    person = person_of(request)
    if person is None:
        return to_sign_in(request)
    mine = [each for each in companies_of(request, person) if person.administers(each.id)]
    if not mine:
        raise PageError(403, "Only company admins manage apps. Ask an admin of your company.", title="Admins only")
    wanted = request.query_params.get("company")
    company = company_named(request, person, wanted) if wanted is not None else mine[0]
    if company not in mine:
        raise PageError(403, f"You are no admin of {company.name}.", title="Admins only")
    store = store_of(request)
    rows = [(each, store.app(each.client_id)) for each in store.state.installations if each.company_id == company.id]
    asked = [
        (each, store.app(each.client_id), store.person(each.person_id))
        for each in store.state.requests
        if each.company_id == company.id and each.status == "open"
    ]
    return render(request, "app_management.html", company=company, companies=mine, rows=rows, requests=asked)


@get("/app-management/{installation_id:int}", sync_to_thread=False)
def installation_page(request: PageRequest, installation_id: FromPath[int]) -> Answer:
    if person_of(request) is None:
        return to_sign_in(request)
    installation, app, company = _managed(request, installation_id)
    return render(
        request,
        "installation.html",
        installation=installation,
        app=app,
        company=company,
        link=setup_link(request, app),
        saved="saved" in request.query_params,
        updated="updated" in request.query_params,
        **picker(store_of(request).projects_of(company.id), installation.project_ids),
    )


@post("/app-management/{installation_id:int}/projects")
async def save_projects(request: PageRequest, installation_id: FromPath[int]) -> Redirect:
    form = await form_of(request)
    installation, _, _ = _managed(request, installation_id)
    with unknown_projects_are_told():
        installing.permit(store_of(request), installation, picked(form))
    return see_other(f"/app-management/{installation_id}?saved")


@post("/app-management/{installation_id:int}/update")
async def update(request: PageRequest, installation_id: FromPath[int]) -> Redirect:
    """Accept the newest version; then the projects have to be chosen again."""
    await form_of(request)
    installation, _, _ = _managed(request, installation_id)
    installing.update(store_of(request), installation)
    return see_other(f"/app-management/{installation_id}?updated")


@get("/app-management/{installation_id:int}/uninstall", sync_to_thread=False)
def uninstall_page(request: PageRequest, installation_id: FromPath[int]) -> Answer:
    if person_of(request) is None:
        return to_sign_in(request)
    installation, app, company = _managed(request, installation_id)
    return render(request, "uninstall.html", installation=installation, app=app, company=company)


@post("/app-management/{installation_id:int}/uninstall")
async def uninstall(request: PageRequest, installation_id: FromPath[int]) -> Redirect:
    await form_of(request)
    installation, app, company = _managed(request, installation_id)
    installing.uninstall(store_of(request), app.client_id, installation.company_id)
    return see_other(f"/app-management?company={company.id}")


@post("/app-management/requests/{request_id:int}/deny")
async def deny(request: PageRequest, request_id: FromPath[int]) -> Redirect:
    person, company = sender_of(request, await form_of(request))
    if not person.administers(company.id):
        raise PageError(403, f"You are no admin of {company.name}.", title="Admins only")
    installing.deny_request(store_of(request), request_id, company.id)
    return see_other(f"/app-management?company={company.id}")


def _managed(request: PageRequest, installation_id: int) -> tuple[Installation, App, Company]:
    """Return a living installation that the signed-in person administers."""
    store, person = store_of(request), person_of(request)
    found = next((each for each in store.state.installations if each.id == installation_id), None)
    if person is None or found is None or not person.administers(found.company_id):
        raise PageError(404, "There is no such app in a company that you administer.")
    app, company = store.app(found.client_id), store.company(found.company_id)
    if app is None or company is None or found.status != "installed":
        raise PageError(404, "This app is not installed any more. It can be re-installed from App Management.")
    return found, app, company


HANDLERS = (management_page, installation_page, save_projects, update, uninstall_page, uninstall, deny)
