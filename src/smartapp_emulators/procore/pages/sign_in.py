"""Log-in as one of the world's people, and consent for an app to act for them."""

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from smartapp_emulators.procore import tokens
from smartapp_emulators.procore.pages.render import (
    SESSION_COOKIE,
    Page,
    PageError,
    PageRequest,
    form_of,
    person_of,
    render,
    see_other,
    store_of,
    to_sign_in,
)
from smartapp_emulators.procore.world import App

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"


@get("/login", sync_to_thread=False)
def login_page(request: PageRequest) -> Page:
    store = store_of(request)
    rows = [
        (person, [(store.company(each.company_id), each.admin) for each in person.companies])
        for person in store.state.world.people
    ]
    after = _local(request.query_params.get("next", "/marketplace"))
    return render(request, "login.html", rows=rows, after=after, app=_waiting_app(request, after))


@post("/login")
async def login(request: PageRequest) -> Redirect:
    store = store_of(request)
    form = await form_of(request)
    chosen = str(form.get("person", ""))
    person = store.person(int(chosen)) if chosen.isdigit() else None
    if person is None:
        raise PageError(404, "That person is not in this world any more. Choose somebody from the list.")
    tokens.end_session(store, request.cookies.get(SESSION_COOKIE))
    answer = see_other(_local(str(form.get("next", ""))))
    key = tokens.start_session(store, person.id)
    answer.set_cookie(Cookie(key=SESSION_COOKIE, value=key, httponly=True, samesite="lax", path="/"))
    return answer


@post("/logout")
async def logout(request: PageRequest) -> Redirect:
    await form_of(request)
    tokens.end_session(store_of(request), request.cookies.get(SESSION_COOKIE))
    answer = see_other("/login")
    answer.delete_cookie(SESSION_COOKIE)
    return answer


@get("/oauth/authorize", sync_to_thread=False)
def authorize_page(request: PageRequest) -> Response[str] | Redirect:
    app, sent = _checked(request, dict(request.query_params))
    if sent.get("response_type") != "code":
        return _back(sent, {"error": "unsupported_response_type"})
    if person_of(request) is None:
        return to_sign_in(request)
    return render(
        request,
        "consent.html",
        app=app,
        sent=sent,
        deny=_address(sent, {"error": "access_denied", "error_description": "The person denied the request."}),
    )


@post("/oauth/authorize")
async def allow(request: PageRequest) -> Response[str] | Redirect:
    form = await form_of(request)
    app, sent = _checked(request, {name: str(value) for name, value in form.items()})
    person = person_of(request)
    if person is None:
        return Redirect(f"/oauth/authorize?{urlencode(sent)}", status_code=303)
    code = tokens.issue_code(
        store_of(request), client_id=app.client_id, person_id=person.id, redirect_uri=sent["redirect_uri"]
    )
    if sent["redirect_uri"] == OUT_OF_BAND:
        return render(request, "code.html", app=app, code=code)
    return _back(sent, {"code": code})


@get("/oauth/denied", sync_to_thread=False)
def denied_page(request: PageRequest) -> Page:
    """Tell an out-of-band app's person that nothing was allowed: there is nowhere to redirect to."""
    return render(request, "error.html", title="Access denied", message="The app was not allowed to act for you.")


def _checked(request: PageRequest, sent: Mapping[str, str]) -> tuple[App, dict[str, str]]:
    """Refuse an unknown app or redirect on a page of our own: never redirect to an address nobody registered."""
    store = store_of(request)
    app = store.app(sent.get("client_id"))
    if app is None:
        raise PageError(401, "No app has this client_id.", title="Unknown app")
    uri = sent.get("redirect_uri", "")
    if uri != OUT_OF_BAND and uri not in store.redirect_uris(app):
        raise PageError(
            400,
            f"{app.name} did not register the redirect URI {uri or '(none)'}. It must match exactly, slash included.",
            title="The redirect URI is not registered",
        )
    known = ("response_type", "client_id", "redirect_uri", "state")
    return app, {name: sent[name] for name in known if name in sent}


def _back(sent: Mapping[str, str], result: Mapping[str, str]) -> Redirect:
    return Redirect(_address(sent, result), status_code=302)


def _address(sent: Mapping[str, str], result: Mapping[str, str]) -> str:
    uri = sent["redirect_uri"]
    if uri == OUT_OF_BAND:
        return "/oauth/denied"
    state = {"state": sent["state"]} if "state" in sent else {}
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode({**result, **state})}"


def _local(path: str) -> str:
    """Return a path of this host; anything else becomes the start page."""
    parts = urlsplit(path)
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return path if fine else "/marketplace"


def _waiting_app(request: PageRequest, after: str) -> App | None:
    """Return the app that sent the person here, to be named on the page."""
    if not after.startswith("/oauth/authorize?"):
        return None
    return next((app for app in store_of(request).state.world.apps if f"client_id={app.client_id}" in after), None)


HANDLERS = (login_page, login, logout, authorize_page, allow, denied_page)
