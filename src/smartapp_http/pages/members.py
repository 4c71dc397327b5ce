"""Who is in the account: list, invite, change roles, hand over, remove, leave."""

import functools
from collections.abc import Sequence
from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from smartapp_domain.decisions import Refused
from smartapp_domain.identity import Member, Right, Role
from smartapp_domain.ids import InvitationId, MemberId
from smartapp_domain.invitations import LIFETIME, Invitation
from smartapp_domain.membership import handed_over, without
from smartapp_domain.ports.storage import NotFound
from smartapp_domain.ports.views import Page
from smartapp_domain.use_cases.invite_people import (
    AboutInvitation,
    Invite,
    invite,
    pending_invitations,
    renew_invitation,
    revoke_invitation,
)
from smartapp_domain.use_cases.manage_members import About, change_role, remove_member, transfer_ownership
from smartapp_http import links
from smartapp_http.access import needs
from smartapp_http.pools import PAGES
from smartapp_http.present import people as present
from smartapp_http.problems import status_of
from smartapp_http.refusals import accepted
from smartapp_http.sessions import new_invitation_secret
from smartapp_http.text import whole_number
from smartapp_http.views import (
    Area,
    InvitationRow,
    InviteView,
    MembersView,
    MemberView,
    Pager,
    Shown,
    Toast,
    Tone,
    counted,
    paths,
)
from smartapp_http.web import BadForm, Html, Web

PER_PAGE: Final = 50


@get(paths.MEMBERS, opt=needs(Right.VIEW_MEMBERS), include_in_schema=False)
@PAGES
def members(web: NamedDependency[Web]) -> Html:
    return _list(web)


def _list(web: Web, shown: Shown | None = None) -> Html:
    actor, now = web.actor, web.sessions.now()
    with web.ports.reading(actor.account_id) as reading:
        everybody = reading.members.all()
    page = Page.of(everybody, web.asked_number("page"), PER_PAGE)
    manages = actor.may(Right.MANAGE_MEMBERS)
    view = MembersView(
        count=counted(page.total, "member"),
        rows=tuple(present.member_row(each, actor, now) for each in page.items),
        pager=Pager.of(page.number, page.pages, functools.partial(links.page, paths.MEMBERS)),
        invitations=_invitations(web) if manages else None,
        invite_url=paths.INVITE if manages else None,
        activity_url=paths.ACTIVITY if actor.may(Right.VIEW_ACTIVITY) else None,
        shown=shown,
        who_manages=present.managers(),
    )
    return web.page("members.html", view, area=Area.MEMBERS)


def _invitations(web: Web) -> tuple[InvitationRow, ...]:
    time = _time(web)
    pending = accepted(pending_invitations(web.actor, web.ports, at=time.now))
    return tuple(present.invitation_row(each, web.actor, time) for each in pending)


def _time(web: Web) -> present.RealTime:
    return present.RealTime(web.sessions.now(), web.ports.clock.now())


@get(paths.INVITE, opt=needs(Right.MANAGE_MEMBERS), include_in_schema=False)
@PAGES
def invite_form(web: NamedDependency[Web]) -> Html:
    return _invite_form(web)


def _invite_form(web: Web, email: str = "", role: Role = Role.ADMIN, refused: Refused | None = None) -> Html:
    view = InviteView(
        roles=present.role_choices(present.grantable(web.actor), role),
        email=email,
        problem=refused.message if refused else None,
        days=LIFETIME.days,
    )
    return web.page("invite.html", view, area=Area.MEMBERS, status=status_of(refused) if refused else 200)


@post(paths.INVITE, opt=needs(Right.MANAGE_MEMBERS), status_code=200, include_in_schema=False)
@PAGES
def invite_somebody(web: NamedDependency[Web]) -> Html:
    """Invite, and show the link: it goes into no redirect, so this answer is the only place that ever has it."""
    email, role, secret = web.field("email"), _role(web), new_invitation_secret()
    decision = invite(Invite(web.actor, email, role, secret, web.sessions.now()), web.ports)
    if isinstance(decision, Refused):
        return _invite_form(web, email[:200], role, decision)
    return _list(web, _link(web, decision, secret, "is invited"))


def _role(web: Web) -> Role:
    """Return the role a form names; the pages offer no other."""
    if web.role_field is None:
        raise BadForm("The form names no role.")
    return web.role_field


def _version(web: Web) -> int | None:
    """Return the version the form was made from; a form without one takes whatever there is."""
    return whole_number(web.field("version"))


def _link(web: Web, invitation: Invitation, secret: str, what: str) -> Shown:
    return Shown(
        title=f"{invitation.email} {what}",
        text=(
            "Send them this link; we send no mail, and it is shown only now. It works until "
            f"{_time(web).day(invitation.expires_at)}, for somebody who signs in to {web.settings.platform} "
            f"as {invitation.email}."
        ),
        label="Invitation link",
        value=links.invitation(secret, web.settings),
    )


@post(
    f"{paths.INVITATIONS}/{{invitation_id:str}}/renew",
    opt=needs(Right.MANAGE_MEMBERS),
    status_code=200,
    include_in_schema=False,
)
@PAGES
def renew(web: NamedDependency[Web], invitation_id: FromPath[str]) -> Html:
    """Make a new link, and show it this once; the old one ends."""
    secret = new_invitation_secret()
    wish = AboutInvitation(web.actor, InvitationId(invitation_id), _version(web))
    renewed = accepted(renew_invitation(wish, secret, web.ports, at=web.sessions.now()))
    return _list(web, _link(web, renewed, secret, "has a new link"))


@post(
    f"{paths.INVITATIONS}/{{invitation_id:str}}/revoke",
    opt=needs(Right.MANAGE_MEMBERS),
    status_code=200,
    include_in_schema=False,
)
@PAGES
def revoke(web: NamedDependency[Web], invitation_id: FromPath[str]) -> Html:
    wish = AboutInvitation(web.actor, InvitationId(invitation_id), _version(web))
    revoked = accepted(revoke_invitation(wish, web.ports))
    return web.go(paths.MEMBERS, toast=_done(f"The invitation of {revoked.email} is revoked.", revoked.email))


def _done(message: str, strong: str) -> Toast:
    return Toast(message, strong=strong, tone=Tone.OK)


@get(f"{paths.MEMBERS}/{{member_id:str}}", opt=needs(Right.VIEW_MEMBERS), include_in_schema=False)
@PAGES
def member(web: NamedDependency[Web], member_id: FromPath[str]) -> Html:
    """Show one member, and what may be done about them."""
    with web.ports.reading(web.actor.account_id) as reading:
        found, everybody = reading.members.get(MemberId(member_id)), reading.members.all()
    if found.removed_at is not None:
        raise NotFound("member", member_id)
    return web.page("member.html", _member_view(web, found, everybody), area=Area.MEMBERS)


def _member_view(web: Web, member: Member, everybody: Sequence[Member]) -> MemberView:
    actor, account, me = web.actor, web.visitor.account, web.visitor.member
    assert account is not None
    assert me is not None
    is_me, fixed = member.id == actor.member_id, present.why_fixed(actor, member, everybody)
    may_hand_over = not is_me and not isinstance(handed_over(actor, me, member), Refused)
    may_go = not isinstance(without(actor, member, everybody, at=web.ports.clock.now()), Refused)
    return MemberView(
        member=present.member_row(member, actor, web.sessions.now()),
        version=member.version,
        company=account.name,
        roles=() if fixed else present.role_choices(present.grantable(actor), member.role),
        fixed=fixed,
        role_url=None if fixed else links.member(member.id, "role"),
        owner_url=links.member(member.id, "owner") if may_hand_over else None,
        remove_url=links.member(member.id, "remove") if may_go and not is_me else None,
        leave_url=paths.LEAVE if may_go and is_me else None,
        cannot_remove="The last Owner cannot leave. Make somebody else Owner first." if is_me and not may_go else "",
    )


@post(
    f"{paths.MEMBERS}/{{member_id:str}}/role", opt=needs(Right.MANAGE_MEMBERS), status_code=200, include_in_schema=False
)
@PAGES
def give_role(web: NamedDependency[Web], member_id: FromPath[str]) -> Html:
    changed = accepted(change_role(_about(web, member_id), _role(web), web.ports)).after
    return web.go(paths.MEMBERS, toast=_done(f"{changed.name} is {changed.role.label} now.", changed.name))


def _about(web: Web, member_id: str) -> About:
    return About(web.actor, MemberId(member_id), _version(web))


@post(
    f"{paths.MEMBERS}/{{member_id:str}}/owner", opt=needs(Right.MANAGE_OWNERS), status_code=200, include_in_schema=False
)
@PAGES
def hand_over(web: NamedDependency[Web], member_id: FromPath[str]) -> Html:
    to = accepted(transfer_ownership(_about(web, member_id), web.ports)).to
    return web.go(paths.MEMBERS, toast=_done(f"{to.name} is Owner now, and you are Super Admin.", to.name))


@post(
    f"{paths.MEMBERS}/{{member_id:str}}/remove",
    opt=needs(Right.MANAGE_MEMBERS),
    status_code=200,
    include_in_schema=False,
)
@PAGES
def remove(web: NamedDependency[Web], member_id: FromPath[str]) -> Html:
    gone = accepted(remove_member(_about(web, member_id), web.ports)).after
    message = f"{gone.name} is removed. Their sessions and tokens have ended."
    return web.go(paths.MEMBERS, toast=_done(message, gone.name))


@post(paths.LEAVE, opt=needs(Right.MANAGE_OWN_ACCESS), status_code=200, include_in_schema=False)
@PAGES
def leave(web: NamedDependency[Web]) -> Html:
    """Remove oneself; what is left is a person without this account, who is signed out."""
    accepted(remove_member(About(web.actor, web.actor.member_id), web.ports))
    web.cookies.append(web.sessions.no_cookie())
    return web.go(paths.SIGNED_OUT)


HANDLERS: Final = (
    members,
    invite_form,
    invite_somebody,
    renew,
    revoke,
    member,
    give_role,
    hand_over,
    remove,
    leave,
)
