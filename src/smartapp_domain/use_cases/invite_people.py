"""Inviting people by e-mail: there is no mail server, so who invites hands the link over."""

from datetime import datetime

import attrs

from smartapp_domain.audit import Deed, Subject
from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.identity import Account, Actor, Member, Right, Role, require
from smartapp_domain.ids import InvitationId
from smartapp_domain.invitations import LIFETIME, Invitation, compared, email_of, holds
from smartapp_domain.membership import giving
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import OPERATOR, Reading, Stale, Transaction
from smartapp_domain.secret import hashed
from smartapp_domain.use_cases.authority import acting
from smartapp_domain.use_cases.trail import note


@attrs.frozen
class Invite:
    """
    A wish to invite somebody.

    Attributes:
        email: As typed.
        secret: 256 random bits as text, shown once in the link; only its hash is stored.
        at: Real time: links expire for people, not for the demo's clock.

    """

    actor: Actor
    email: str
    role: Role
    secret: str = attrs.field(repr=False)
    at: datetime


@attrs.frozen
class AboutInvitation:
    """A wish about a pending invitation; `version` as in `manage_members.About`, `secret` and `at` as in `Invite`."""

    actor: Actor
    invitation_id: InvitationId
    version: int | None = None


def invite(wish: Invite, ports: Ports) -> Invitation | Refused:
    """Store an invitation that gives no more than the actor may give."""
    email = email_of(wish.email)
    if isinstance(email, Refused):
        return email
    with ports.transaction(wish.actor.account_id) as tx:
        if refused := _giving(tx, wish.actor, wish.role) or _known_already(tx, email):
            return refused
        invitation = Invitation(
            id=InvitationId(ports.ids.fresh()),
            account_id=wish.actor.account_id,
            email=email,
            role=wish.role,
            invited_by=wish.actor.member_id,
            expires_at=wish.at + LIFETIME,
            secret_hash=hashed(wish.secret),
        )
        tx.invitations.put(invitation, replacing=0)
        note(tx, wish.actor, Deed.MEMBER_INVITED, _subject(invitation), ports, role=wish.role.label)
    return invitation


def _giving(tx: Transaction, actor: Actor, role: Role) -> Refused | None:
    """Return why the actor cannot give this role now, or take back an invitation with it, or None."""
    now = acting(tx, actor)
    return now if isinstance(now, Refused) else giving(now, role)


def _known_already(tx: Transaction, email: str) -> Refused | None:
    member = next((each for each in tx.members.all() if compared(each.email) == email), None)
    if member is not None:
        return Refused(
            Reason.MEMBER_ALREADY,
            f"{member.name} is a member already, as {member.role.label}. Change the role instead.",
            WayOut.MEMBERS,
            about=member.id,
        )
    if (pending := tx.invitations.of_email(email)) is not None:
        return Refused(
            Reason.INVITED_ALREADY,
            f"{email} is invited already. Renew that invitation to get a new link, or revoke it first.",
            WayOut.MEMBERS,
            about=pending.id,
        )
    return None


def renew_invitation(wish: AboutInvitation, secret: str, ports: Ports, *, at: datetime) -> Invitation | Refused:
    """Make a new link, good for another two weeks, in the actor's name; the old link is worth nothing any more."""
    with ports.transaction(wish.actor.account_id) as tx:
        invitation = _pending(tx, wish)
        if refused := _giving(tx, wish.actor, invitation.role):
            return refused
        renewed = invitation.renewed(wish.actor.member_id, secret, at=at)
        tx.invitations.put(renewed, replacing=invitation.version)
        note(tx, wish.actor, Deed.INVITATION_RENEWED, _subject(renewed), ports, role=renewed.role.label)
    return renewed


def revoke_invitation(wish: AboutInvitation, ports: Ports) -> Invitation | Refused:
    """Take an invitation back; whoever may invite may take back any that is not above them."""
    with ports.transaction(wish.actor.account_id) as tx:
        invitation = _pending(tx, wish)
        if refused := _giving(tx, wish.actor, invitation.role):
            return refused
        tx.invitations.drop(invitation)
        note(tx, wish.actor, Deed.INVITATION_REVOKED, _subject(invitation), ports, role=invitation.role.label)
    return invitation


def _pending(tx: Transaction, wish: AboutInvitation) -> Invitation:
    invitation = tx.invitations.get(wish.invitation_id)
    if wish.version not in (None, invitation.version):
        raise Stale("invitation", invitation.id)
    return invitation


def _subject(invitation: Invitation) -> Subject:
    return Subject(invitation.id, invitation.email)


@attrs.frozen
class Pending:
    """An invitation on the list: who sent it, if they are still here, and whether its link works now."""

    invitation: Invitation
    inviter: Member | None
    works: bool


def pending_invitations(actor: Actor, ports: Ports, *, at: datetime) -> tuple[Pending, ...] | Refused:
    """Return the pending invitations by e-mail; `at` is real time."""
    if refused := require(actor, Right.MANAGE_MEMBERS):
        return refused
    with ports.reading(actor.account_id) as reading:
        return tuple(_seen(each, reading, at) for each in reading.invitations.all())


def _seen(invitation: Invitation, reading: Reading, at: datetime) -> Pending:
    inviter = reading.members.get(invitation.invited_by)
    return Pending(invitation, inviter, works=at < invitation.expires_at and holds(invitation, inviter))


@attrs.frozen
class Invited:
    """What the link of an invitation says to whoever follows it."""

    account: Account
    invitation: Invitation
    inviter: Member


def invitation_behind(secret: str, ports: Ports, *, at: datetime) -> Invited | Refused:
    """Return what a link leads to; `at` is real time. An unknown link is told like one that is over."""
    with ports.reading(OPERATOR) as operator:
        account_id = operator.accounts.of_invitation(hashed(secret))
    if account_id is None:
        return _over()
    with ports.reading(account_id) as reading:
        invitation = reading.invitations.of_secret(hashed(secret))
        if invitation is None:
            return _over()
        seen = _seen(invitation, reading, at)
        if not seen.works or seen.inviter is None:
            return _over()
        return Invited(reading.accounts.get(account_id), invitation, seen.inviter)


def _over() -> Refused:
    return Refused(
        Reason.INVITATION_OVER,
        "This invitation link is not good any more: it was used, renewed, revoked, or is older than two weeks. "
        "Ask whoever sent it for a new one.",
    )
