"""One's own access: signed-in browsers, and access tokens for programs."""

from datetime import timedelta
from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from smartapp_domain.access_tokens import LIFETIMES, AccessToken
from smartapp_domain.decisions import Refused
from smartapp_domain.identity import Person, Right, Role, within
from smartapp_domain.ids import TokenId
from smartapp_domain.ports.storage import OPERATOR, NotFound, Session
from smartapp_domain.use_cases.own_access import (
    CreateToken,
    SignedOut,
    create_token,
    end_session,
    revoke_token,
    sign_out_everywhere,
)
from smartapp_http.access import needs
from smartapp_http.api.addresses import BASE
from smartapp_http.pools import PAGES
from smartapp_http.present import people as present
from smartapp_http.problems import status_of
from smartapp_http.refusals import accepted
from smartapp_http.sessions import new_token_secret
from smartapp_http.views import AccountView, SessionRow, Shown, Toast, Tone, counted, paths
from smartapp_http.web import BadForm, Html, Web

#: What a new token is offered for first.
USUAL: Final = LIFETIMES[1]


@get(paths.ACCOUNT, opt=needs(Right.MANAGE_OWN_ACCESS), include_in_schema=False)
@PAGES
def own_access(web: NamedDependency[Web]) -> Html:
    return _page(web)


def _page(
    web: Web, *, name: str = "", refused: Refused | None = None, shown: Shown | None = None, days: int = USUAL.days
) -> Html:
    actor, time, account = web.actor, _time(web), web.visitor.account
    assert account is not None
    with web.ports.reading(actor.account_id) as reading:
        tokens = reading.access_tokens.of_member(actor.member_id)
    able = [role for role in Role if within(role, actor.role)]
    view = AccountView(
        sessions=_sessions(web),
        tokens=tuple(present.token_row(token, time) for token in tokens),
        roles=present.role_choices(able, web.role_field or able[-1]),
        lifetimes=present.lifetimes(days),
        company=account.name,
        api_url=f"{web.settings.base_url}{BASE}",
        name=name,
        problem=refused.message if refused else None,
        shown=shown,
    )
    return web.page("account.html", view, status=status_of(refused) if refused else 200)


def _time(web: Web) -> present.RealTime:
    return present.RealTime(web.sessions.now(), web.ports.clock.now())


def _sessions(web: Web) -> tuple[SessionRow, ...]:
    """Return the sessions that are still good, this one first."""
    person, here = _me(web)
    time = _time(web)
    with web.ports.reading(OPERATOR) as reading:
        mine = [each for each in reading.sessions.of_person(person.id) if each.expires_at > time.now]
        names = {account.id: account.name for account, _ in reading.accounts.of_person(person.id)}
    mine.sort(key=lambda each: each.id != here.id)
    return tuple(
        present.session_row(
            each,
            here=each.id == here.id,
            company=names.get(each.account_id, "") if each.account_id else "",
            time=time,
        )
        for each in mine
    )


def _me(web: Web) -> tuple[Person, Session]:
    person, session = web.visitor.person, web.visitor.session
    assert person is not None
    assert session is not None  # a token is no way to a page
    return person, session


@post(paths.TOKENS, opt=needs(Right.MANAGE_OWN_ACCESS), status_code=200, include_in_schema=False)
@PAGES
def create(web: NamedDependency[Web]) -> Html:
    """Create a token, and show its secret: it goes into no redirect, so this answer is the only one that has it."""
    role = web.role_field
    lifetime = next((each for each in LIFETIMES if str(each.days) == web.field("days")), None)
    if role is None or lifetime is None:
        raise BadForm("The form names no role or no lifetime.")
    secret = new_token_secret()
    wish = CreateToken(web.actor, web.field("name")[:500], role, lifetime, secret, web.sessions.now())
    decision = create_token(wish, web.ports)
    if isinstance(decision, Refused):
        return _page(web, name=web.field("name")[:200], refused=decision, days=lifetime.days)
    return _page(web, shown=_secret(decision, secret, lifetime, _time(web)))


def _secret(token: AccessToken, secret: str, lifetime: timedelta, time: present.RealTime) -> Shown:
    return Shown(
        title=f"The token “{token.name}” is created",
        text=(
            "Copy it now: it is shown only this once, and we keep nothing it could be read from. It works for "
            f"{lifetime.days} days, until {time.day(token.expires_at)}."
        ),
        label="Access token",
        value=secret,
    )


@post(
    f"{paths.TOKENS}/{{token_id:str}}/revoke",
    opt=needs(Right.MANAGE_OWN_ACCESS),
    status_code=200,
    include_in_schema=False,
)
@PAGES
def revoke(web: NamedDependency[Web], token_id: FromPath[str]) -> Html:
    token = accepted(revoke_token(web.actor, TokenId(token_id), web.ports))
    toast = Toast(
        f"The token {token.name} is revoked. Whatever uses it stops at once.", strong=token.name, tone=Tone.OK
    )
    return web.go(paths.ACCOUNT, toast=toast)


@post(
    f"{paths.SESSIONS}/{{handle:str}}/end",
    opt=needs(Right.MANAGE_OWN_ACCESS),
    status_code=200,
    include_in_schema=False,
)
@PAGES
def end(web: NamedDependency[Web], handle: FromPath[str]) -> Html:
    person, _ = _me(web)
    with web.ports.reading(OPERATOR) as reading:
        mine = {present.handle(each): each for each in reading.sessions.of_person(person.id)}
    if handle not in mine:
        raise NotFound("session", handle)
    end_session(person, mine[handle], web.ports)
    return web.go(paths.ACCOUNT, toast=Toast("That browser is signed out.", tone=Tone.OK))


@post(paths.SIGN_OUT_EVERYWHERE, opt=needs(Right.MANAGE_OWN_ACCESS), status_code=200, include_in_schema=False)
@PAGES
def everywhere(web: NamedDependency[Web]) -> Html:
    """End every other session; this browser stays, so that one sees what happened."""
    person, here = _me(web)
    tokens = web.field("tokens") == "1"
    done = sign_out_everywhere(person, here.id, web.ports, tokens=tokens, at=web.sessions.now())
    return web.go(paths.ACCOUNT, toast=Toast(_said(done, tokens=tokens), tone=Tone.OK))


def _said(done: SignedOut, *, tokens: bool) -> str:
    browsers = counted(done.sessions, "other browser")
    out = (
        f"{browsers} {'is' if done.sessions == 1 else 'are'} signed out"
        if done.sessions
        else "No other browser was signed in"
    )
    return f"{out}, {counted(done.tokens, 'token')} revoked." if tokens else f"{out}."


HANDLERS: Final = (own_access, create, revoke, end, everywhere)
