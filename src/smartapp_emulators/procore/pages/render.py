"""Turn templates into answers, and know who sits in front of the browser."""

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

import jinja2
from litestar import Request, Response
from litestar.datastructures import FormMultiDict
from litestar.response import Redirect

from smartapp_emulators.procore.store import Store
from smartapp_emulators.procore.world import App, Company, Person

PageRequest = Request[Any, Any, Any]
Page = Response[str]

SESSION_COOKIE = "procore_emulator_session"

#: Pages load nothing from elsewhere and run no inline script. No form-action: consent redirects to the app's own host.
_CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("smartapp_emulators.procore", "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


def _moment(value: datetime) -> str:
    return value.strftime("%b %-d, %Y, %H:%M UTC")


_TEMPLATES.filters["moment"] = _moment


class PageError(Exception):
    """Something the person in front of the page has to be told."""

    def __init__(self, status: int, message: str, *, title: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.title = title or {404: "Not found", 403: "Not allowed"}.get(status, "That did not work")


def store_of(request: PageRequest) -> Store:
    store: Store = request.app.state.store
    return store


def person_of(request: PageRequest) -> Person | None:
    """Return who is signed in here."""
    store = store_of(request)
    return store.person(store.state.sessions.get(request.cookies.get(SESSION_COOKIE, "")))


def render(request: PageRequest, template: str, *, status: int = 200, **context: Any) -> Page:
    store = store_of(request)
    here = request.scope["path"] + (
        f"?{request.scope['query_string'].decode()}" if request.scope["query_string"] else ""
    )
    text = _TEMPLATES.get_template(template).render(
        person=person_of(request), world=store.state.world, here=here, path=request.scope["path"], **context
    )
    return Response(
        text,
        status_code=status,
        media_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": _CSP, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )


def to_sign_in(request: PageRequest) -> Redirect:
    """Send to the log-in and, once signed in, back here."""
    query = request.scope["query_string"].decode()
    here = request.scope["path"] + (f"?{query}" if query else "")
    return Redirect(f"/login?next={quote(here, safe='')}", status_code=302)


def see_other(path: str) -> Redirect:
    """Answer a form so that reloading the next page sends nothing again."""
    return Redirect(path, status_code=303)


async def form_of(request: PageRequest) -> FormMultiDict:
    """Read a form, refusing one that another site made the browser send."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise PageError(403, "This form was sent from another site. Open the page here and try again.")
    return await request.form()


def on_page_error(request: PageRequest, error: PageError) -> Page:
    return render(request, "error.html", status=error.status, title=error.title, message=error.message)


def app_named(request: PageRequest, slug: str) -> App:
    app = store_of(request).app_by_slug(slug)
    if app is None:
        raise PageError(404, "There is no app of this name in the marketplace.")
    return app


def company_named(request: PageRequest, person: Person, text: str) -> Company:
    """Return a company of this person's by the id in a form or query."""
    company = store_of(request).company(int(text)) if text.isdigit() else None
    if company is None or person.membership(company.id) is None:
        raise PageError(404, "You are not a member of that company. Choose another one.")
    return company


def sender_of(request: PageRequest, form: FormMultiDict) -> tuple[Person, Company]:
    """Return who sent a form, and which of their companies it is about."""
    person = person_of(request)
    if person is None:
        raise PageError(401, "You are signed out. Sign in and start again.")
    return person, company_named(request, person, str(form.get("company", "")))


def companies_of(request: PageRequest, person: Person) -> list[Company]:
    companies = store_of(request).state.world.companies
    return [each for each in companies if each.is_active and person.membership(each.id) is not None]


def setup_link(request: PageRequest, app: App) -> str:
    """Return where App Setup Instructions leads for this app."""
    base: str = request.app.state.setup_url
    if not app.instructions_query:
        return base
    return f"{base}{'&' if '?' in base else '?'}{app.instructions_query}"
