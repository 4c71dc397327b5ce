"""Who is signed in and in which accounts; the members of one, and its invitations."""

from typing import Final

from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from smartapp_domain.identity import RIGHTS, Member, Right
from smartapp_domain.ids import InvitationId, MemberId
from smartapp_domain.invitations import Invitation
from smartapp_domain.ports.storage import OPERATOR
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
from smartapp_http.access import Access, needs
from smartapp_http.api import said
from smartapp_http.api.addresses import BASE
from smartapp_http.api.documented import WRITING, problems
from smartapp_http.api.schemas import (
    AccountsOut,
    IdInPath,
    InvitationIn,
    InvitationOut,
    InvitationsOut,
    InvitedOut,
    MemberOut,
    MembersOut,
    MeOut,
    RoleIn,
)
from smartapp_http.front import has_no_body
from smartapp_http.idempotency import once
from smartapp_http.pools import PAGES
from smartapp_http.refusals import accepted
from smartapp_http.sessions import new_invitation_secret
from smartapp_http.web import Web

TAG: Final = ["People"]


@get(f"{BASE}/me", opt=needs(Access.PERSON), responses=problems(), tags=TAG)
@PAGES
def me(web: NamedDependency[Web]) -> MeOut:
    """Return who is signed in."""
    visitor = web.visitor
    assert visitor.person is not None
    account, member = visitor.account, visitor.member
    return MeOut(
        name=visitor.person.name,
        email=visitor.person.email,
        account=said.account(account, visitor.actor.role, current=True) if account and member else None,
        rights=sorted(right.value for right in RIGHTS[visitor.actor.role]) if member else [],
        token=visitor.token.name if visitor.token else None,
    )


@get(f"{BASE}/accounts", opt=needs(Access.PERSON), responses=problems(), tags=TAG)
@PAGES
def accounts(web: NamedDependency[Web]) -> AccountsOut:
    """Return the accounts the person is a member of; an access token knows its own alone."""
    visitor = web.visitor
    assert visitor.person is not None
    if visitor.token is not None:
        assert visitor.account is not None
        return AccountsOut([said.account(visitor.account, visitor.actor.role, current=True)])
    with web.ports.reading(OPERATOR) as reading:
        mine = reading.accounts.of_person(visitor.person.id)
    current = visitor.account.id if visitor.account else None
    return AccountsOut([said.account(account, member.role, current=account.id == current) for account, member in mine])


@get(f"{BASE}/members", opt=needs(Right.VIEW_MEMBERS), responses=problems(), tags=TAG)
@PAGES
def members(web: NamedDependency[Web]) -> MembersOut:
    """Return who is a member now, by name."""
    with web.ports.reading(web.actor.account_id) as reading:
        return MembersOut([_member(each) for each in reading.members.all()])


def _member(of: Member) -> MemberOut:
    return MemberOut(of.id, of.name, of.email, of.role, of.joined_at, of.seen_at, of.version)


@put(
    f"{BASE}/members/{{member_id:str}}/role",
    opt=needs(Right.MANAGE_MEMBERS),
    responses=problems(404, 409),
    tags=TAG,
    security=WRITING,
)
@once(PAGES)
def member_role(web: NamedDependency[Web], member_id: IdInPath, data: JSONBody[RoleIn]) -> MemberOut:
    """Give a member a role that goes no further than one's own."""
    wish = About(web.actor, MemberId(member_id), data.version)
    return _member(accepted(change_role(wish, data.role, web.ports)).after)


@post(
    f"{BASE}/members/{{member_id:str}}/ownership",
    opt=needs(Right.MANAGE_OWNERS),
    status_code=200,
    guards=[has_no_body],
    responses=problems(404, 409),
    tags=TAG,
    security=WRITING,
)
@once(PAGES)
def member_ownership(web: NamedDependency[Web], member_id: IdInPath) -> MemberOut:
    """Make another member Owner in one's own place; one stays as Super Admin. Send no body."""
    return _member(accepted(transfer_ownership(About(web.actor, MemberId(member_id)), web.ports)).to)


@delete(
    f"{BASE}/members/{{member_id:str}}",
    opt=needs(Right.MANAGE_MEMBERS),
    responses=problems(404, 409),
    tags=TAG,
    security=WRITING,
)
@once(PAGES)
def removed_member(web: NamedDependency[Web], member_id: IdInPath) -> None:
    """Remove a member; their sessions and tokens end at once, and only an invitation brings them back."""
    accepted(remove_member(About(web.actor, MemberId(member_id)), web.ports))


@get(f"{BASE}/invitations", opt=needs(Right.MANAGE_MEMBERS), responses=problems(), tags=TAG)
@PAGES
def invitations(web: NamedDependency[Web]) -> InvitationsOut:
    """Return the pending invitations, by e-mail."""
    pending = accepted(pending_invitations(web.actor, web.ports, at=web.sessions.now()))
    return InvitationsOut([_invitation(each.invitation, works=each.works) for each in pending])


def _invitation(of: Invitation, *, works: bool) -> InvitationOut:
    return InvitationOut(of.id, of.email, of.role, of.invited_by, of.expires_at, works, of.version)


@post(
    f"{BASE}/invitations",
    opt=needs(Right.MANAGE_MEMBERS),
    responses=problems(409, 422),
    tags=TAG,
    security=WRITING,
)
@once(PAGES)
def new_invitation(web: NamedDependency[Web], data: JSONBody[InvitationIn]) -> InvitedOut:
    """Invite somebody. The answer has the link to send them; no mail is sent."""
    secret = new_invitation_secret()
    wish = Invite(web.actor, data.email, data.role, secret, web.sessions.now())
    return _invited(web, accepted(invite(wish, web.ports)), secret)


def _invited(web: Web, invitation: Invitation, secret: str) -> InvitedOut:
    return InvitedOut(_invitation(invitation, works=True), links.invitation(secret, web.settings))


@post(
    f"{BASE}/invitations/{{invitation_id:str}}/renewal",
    opt=needs(Right.MANAGE_MEMBERS),
    status_code=200,
    guards=[has_no_body],
    responses=problems(404, 409),
    tags=TAG,
    security=WRITING,
)
@once(PAGES)
def renewed_invitation(web: NamedDependency[Web], invitation_id: IdInPath) -> InvitedOut:
    """Make a new link, good for two weeks, in one's own name; the old one ends. Send no body."""
    secret, at = new_invitation_secret(), web.sessions.now()
    wish = AboutInvitation(web.actor, InvitationId(invitation_id))
    return _invited(web, accepted(renew_invitation(wish, secret, web.ports, at=at)), secret)


@delete(
    f"{BASE}/invitations/{{invitation_id:str}}",
    opt=needs(Right.MANAGE_MEMBERS),
    responses=problems(404, 409),
    tags=TAG,
    security=WRITING,
)
@once(PAGES)
def revoked_invitation(web: NamedDependency[Web], invitation_id: IdInPath) -> None:
    """Take an invitation back."""
    accepted(revoke_invitation(AboutInvitation(web.actor, InvitationId(invitation_id)), web.ports))


HANDLERS: Final = (
    me,
    accounts,
    members,
    member_role,
    member_ownership,
    removed_member,
    invitations,
    new_invitation,
    renewed_invitation,
    revoked_invitation,
)
