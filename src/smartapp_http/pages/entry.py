"""From the landing page to an account: sign in at the platform, choose a company, enter."""

from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from smartapp_domain.catalog import Module
from smartapp_domain.decisions import Refused
from smartapp_domain.identity import RIGHTS, Member, Person, Right
from smartapp_domain.ids import PlatformCompanyId
from smartapp_domain.invitations import Followed
from smartapp_domain.ports.platform import (
    PlatformCompany,
    PlatformUnavailable,
    ReconnectNeeded,
    SignInRejected,
)
from smartapp_domain.ports.storage import Session
from smartapp_domain.use_cases.enter_account import NotInstalled, OtherApp, enter_company, identify
from smartapp_domain.use_cases.invite_people import Invited, invitation_behind
from smartapp_domain.use_cases.join_account import Entered
from smartapp_http import links
from smartapp_http.access import Access, needs
from smartapp_http.devices import device_words
from smartapp_http.pools import PAGES, VENDORS
from smartapp_http.present import words
from smartapp_http.present.people import ROLE_NOTES
from smartapp_http.problems import status_of
from smartapp_http.refusals import accepted
from smartapp_http.remembered import forget, note_back, note_left
from smartapp_http.views import (
    CompaniesView,
    CompanyChoice,
    InvitationView,
    LandingView,
    Link,
    NotInstalledView,
    SignedOutView,
    Toast,
    Tone,
    paths,
)
from smartapp_http.web import Html, Web

CALLBACK: Final = f"{paths.SIGN_IN}/callback"
SWITCH_COMPANY: Final = "/switch-company"

_NOTES: Final = {
    "ended": "Your sign-in has ended. Continue with {platform} to go on where you were; your ticks are saved.",
    "left": "You signed out. Continue with {platform} to go on where you were; your ticks are saved.",
}


@get("/", opt=needs(Access.VISITOR), include_in_schema=False)
@PAGES
def start(web: NamedDependency[Web]) -> Html:
    return web.go(paths.CENTRAL if web.visitor.member else paths.SETUP)


@get(paths.SETUP, opt=needs(Access.VISITOR), include_in_schema=False)
@PAGES
def setup(web: NamedDependency[Web]) -> Html:
    """Show the page behind "App Setup Instructions"."""
    return _landing(web)


def _landing(web: Web, problem: str = "", *, status: int = 200) -> Html:
    app, next_path = _app(web.asked("app")), web.asked_path("next")
    member = web.visitor.member
    on = next_path or _home(member) if member else ""
    view = LandingView(
        sign_in_url=on if member else links.with_query(paths.SIGN_IN, app=app and app.value, next=next_path),
        app_name=f"Smartapp {app.label}" if app else None,
        signed_in_name=member.name if member else None,
        problem=problem or None,
        note=_NOTES.get(web.asked("note"), "").format(platform=web.settings.platform) or None,
    )
    return web.page("landing.html", view, status=status)


def _home(member: Member) -> str:
    """Return where work starts for this role."""
    return paths.PROJECTS if Right.MAP_PROJECTS in RIGHTS[member.role] else paths.CENTRAL


def _app(code: str | None) -> Module | None:
    return next((module for module in Module if module.value == code), None)


@get(paths.SIGN_IN, opt=needs(Access.VISITOR), include_in_schema=False)
@PAGES
def sign_in(web: NamedDependency[Web]) -> Html:
    """Send the browser to the platform with a state that only this browser can bring back."""
    before = web.visitor.session
    app = _app(web.asked("app")) or _app(before.app if before else None) or Module.PLANNER
    next_path = web.asked_path("next") or (before.next_path if before else None)
    invited = _invited(web)
    if invited is None:
        return _to_platform(web, app, next_path=next_path)
    company = PlatformCompany(invited.account.company.company_id, invited.account.name)
    return _to_platform(web, app, next_path=None, company=company, invitation=invited.invitation.secret_hash)


def _invited(web: Web) -> Invited | None:
    """Return the invitation whose link led here, if there is one that holds."""
    secret = web.asked("invitation")
    found = invitation_behind(secret, web.ports, at=web.sessions.now()) if secret else None
    return found if isinstance(found, Invited) else None


@get(f"{paths.INVITATION}/{{secret:str}}", opt=needs(Access.VISITOR), include_in_schema=False)
@PAGES
def invitation(web: NamedDependency[Web], secret: FromPath[str]) -> Html:
    """Show where an invitation leads, before anybody signs in."""
    found = accepted(invitation_behind(secret, web.ports, at=web.sessions.now()))
    role = found.invitation.role
    view = InvitationView(
        company=found.account.name,
        inviter=found.inviter.name,
        role=role.label,
        role_note=ROLE_NOTES[role],
        email=found.invitation.email,
        expires=words.still(found.invitation.expires_at, web.sessions.now()),
        sign_in_url=links.with_query(paths.SIGN_IN, invitation=secret),
    )
    return web.page("invitation.html", view)


def _to_platform(
    web: Web,
    app: Module,
    *,
    next_path: str | None,
    company: PlatformCompany | None = None,
    invitation: str | None = None,
) -> Html:
    started = web.sessions.begin(
        web.visitor, web.secret, app, next_path=next_path, company=company, invitation=invitation
    )
    web.carry(started.secret)
    return web.go(web.ports.sign_in.address(app, started.state))


@get(CALLBACK, opt=needs(Access.VISITOR), include_in_schema=False)
@VENDORS
def callback(web: NamedDependency[Web]) -> Html:
    """Take what the platform brings back: a code, or a no."""
    session = web.visitor.session
    if session is None or not web.sessions.take_state(session, str(web.query.get("state", ""))):
        return _landing(
            web,
            "This sign-in was started elsewhere, took too long or was used already. Nothing happened. Start again.",
            status=400,
        )
    if web.query.get("error"):
        return _landing(web, _said_no(str(web.query["error"]), web.settings.platform), status=403)
    try:
        return _identified(web, session, str(web.query.get("code", "")))
    except SignInRejected as error:
        return _landing(web, f"{error} {error.remedy} Nothing was changed.", status=400)


def _said_no(error: str, platform: str) -> str:
    if error == "access_denied":
        return f"You chose Deny in {platform}, so we know nothing about you. To go on, continue and choose Allow."
    return f"{platform} ended the sign-in without letting you in. Nothing happened. Start again."


def _identified(web: Web, session: Session, code: str) -> Html:
    settings = web.settings
    identified = identify(
        platform=settings.platform_key,
        environment=settings.environment,
        app=_app(session.app) or Module.PLANNER,
        code=code,
        ports=web.ports,
    )
    chosen_before = session.wanted
    device = device_words(web.request.headers.get("user-agent", ""))
    secret, session = web.sessions.signed_in(session, identified, device)
    web.become(secret)
    wanted = session.companies
    if chosen_before is not None:
        # By id: an account keeps the name its company had when it was opened.
        wanted = tuple(each for each in session.companies if each[0] == chosen_before[0]) or session.companies
        if session.invitation is not None and chosen_before[0] not in dict(session.companies):
            return _chooser(web, session, problem=_not_there(web, identified.person, chosen_before[1]), status=403)
    if len(wanted) == 1:
        return _enter(web, session, identified.person, wanted[0][0])
    return web.go(paths.COMPANIES)


def _not_there(web: Web, person: Person, company: str) -> str:
    return (
        f"You were invited to {company}, but in {web.settings.platform} {person.email} does not belong to it. "
        "Ask them to add you there first, then follow the link again."
    )


@get(paths.COMPANIES, opt=needs(Access.PERSON), include_in_schema=False)
@VENDORS
def companies(web: NamedDependency[Web]) -> Html:
    session, _ = _person(web)
    return web.go(paths.SIGN_IN) if session.grant is None else _chooser(web, session)


@post(paths.COMPANIES, opt=needs(Access.PERSON), status_code=200, include_in_schema=False)
@VENDORS
def choose_company(web: NamedDependency[Web]) -> Html:
    """Enter a company, or look again whether an app is installed there by now."""
    session, person = _person(web)
    if session.grant is None:
        return web.go(paths.SIGN_IN)
    return _enter(web, session, person, web.field("company"))


@get(SWITCH_COMPANY, opt=needs(Access.PERSON), include_in_schema=False)
@PAGES
def switch_company(web: NamedDependency[Web]) -> Html:
    """Another company needs a fresh yes of the platform: what acted for the person was dropped on entering."""
    return web.go(paths.COMPANIES)


def _person(web: Web) -> tuple[Session, Person]:
    session, person = web.visitor.session, web.visitor.person
    assert session is not None
    assert person is not None
    return session, person


def _chooser(
    web: Web, session: Session, *, problem: str | None = None, status: int = 200, closed: str | None = None
) -> Html:
    """Show the companies to choose from; `closed` is one that has just refused the person."""
    if not session.companies:
        problem = problem or f"You belong to no company in {web.settings.platform}. Ask your company to invite you."
    choices = tuple(CompanyChoice(id, name) for id, name in session.companies if id != closed)
    return web.page("companies.html", CompaniesView(choices=choices, problem=problem), status=status)


def _enter(web: Web, session: Session, person: Person, company_id: str) -> Html:
    """Enter a company of the person's own list; any other id is as good as none."""
    name = next((name for id, name in session.companies if id == company_id), None)
    if name is None or session.grant is None:
        return _chooser(web, session, problem="Choose one of your companies.", status=422)
    company = PlatformCompany(PlatformCompanyId(company_id), name)
    try:
        decision = enter_company(
            person=person, company=company, grant=session.grant, ports=web.ports, followed=_followed(web, session)
        )
    except (SignInRejected, ReconnectNeeded):
        return web.go(paths.SIGN_IN)
    except PlatformUnavailable as error:
        return _chooser(web, session, problem=f"{error} {error.remedy}", status=503)
    return _entered(web, session, company, decision)


def _followed(web: Web, session: Session) -> Followed | None:
    return Followed(session.invitation, web.sessions.now()) if session.invitation else None


def _entered(
    web: Web, session: Session, company: PlatformCompany, decision: Entered | NotInstalled | OtherApp | Refused
) -> Html:
    match decision:
        case Entered(member=member, not_invited=not_invited):
            web.sessions.entered(session, member)
            note_back(web)
            toast = Toast(not_invited.message, tone=Tone.WARN) if not_invited else None
            return web.go(links.safe_next(session.next_path) or _home(member), toast=toast)
        case Refused(message=message):
            return _chooser(web, session, problem=message, status=status_of(decision), closed=company.id)
        case OtherApp(app=app):
            return _to_platform(web, app, next_path=session.next_path, company=company, invitation=session.invitation)
        case NotInstalled():
            return _not_installed(web, session, company)


def _not_installed(web: Web, session: Session, company: PlatformCompany) -> Html:
    view = NotInstalledView(
        company_name=company.name,
        listings=tuple(Link(f"Smartapp {m.label}", web.settings.marketplace_url) for m in Module),
        company_id=company.id,
        # The platform tells nothing about a company without our app, so we speak to everybody as to one who may act.
        is_company_admin=True,
        can_change_company=len(session.companies) > 1,
    )
    return web.page("not_installed.html", view, status=409)


@post(paths.SIGN_OUT, opt=needs(Access.VISITOR), status_code=200, include_in_schema=False)
@PAGES
def sign_out(web: NamedDependency[Web]) -> Html:
    web.sessions.end(web.visitor)
    web.cookies.append(web.sessions.no_cookie())
    forget(web)
    note_left(web)
    return web.go(paths.SIGNED_OUT)


@get(paths.SIGNED_OUT, opt=needs(Access.VISITOR), include_in_schema=False)
@PAGES
def signed_out(web: NamedDependency[Web]) -> Html:
    return web.page("signed_out.html", SignedOutView(sign_in_url=paths.SIGN_IN))


HANDLERS: Final = (
    start,
    setup,
    sign_in,
    invitation,
    callback,
    companies,
    choose_company,
    switch_company,
    sign_out,
    signed_out,
)
