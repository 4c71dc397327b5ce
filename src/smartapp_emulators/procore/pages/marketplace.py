"""The marketplace: search, listings."""

from litestar import get
from litestar.params import FromPath
from litestar.response import Redirect

from smartapp_emulators.procore.pages.render import Page, PageRequest, app_named, person_of, render, store_of
from smartapp_emulators.procore.world import App


@get("/", sync_to_thread=False)
def start() -> Redirect:
    return Redirect("/marketplace", status_code=302)


@get("/marketplace", sync_to_thread=False)
def marketplace_page(request: PageRequest) -> Page:
    store = store_of(request)
    query = request.query_params.get("q", "").strip()
    found = [app for app in store.state.world.apps if _fits(app, query)]
    return render(request, "marketplace.html", query=query, apps=found, installed=_installed(request))


@get("/marketplace/{slug:str}", sync_to_thread=False)
def listing_page(request: PageRequest, slug: FromPath[str]) -> Page:
    app = app_named(request, slug)
    return render(request, "listing.html", app=app, installed=app.client_id in _installed(request))


def _fits(app: App, query: str) -> bool:
    """Tell whether every word of the query is somewhere in the listing."""
    text = " ".join((app.name, app.subtitle, app.tagline, app.description, app.publisher, *app.categories)).casefold()
    return all(word in text for word in query.casefold().split())


def _installed(request: PageRequest) -> set[str]:
    """Return the apps installed in every company of the signed-in person."""
    person = person_of(request)
    if person is None or not person.companies:
        return set()
    store = store_of(request)
    return {
        app.client_id
        for app in store.state.world.apps
        if all(store.installation(app.client_id, each.company_id) for each in person.companies)
    }


HANDLERS = (start, marketplace_page, listing_page)
