"""Inviting somebody by e-mail to join an account with a role. Numbers: docs/domain.md L-28 and L-29."""

from datetime import datetime, timedelta
from typing import Final

import attrs

from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.identity import Actor, Member, Person, Role
from smartapp_domain.ids import AccountId, InvitationId, MemberId
from smartapp_domain.membership import may_give
from smartapp_domain.secret import hashed

LIFETIME: Final = timedelta(days=14)
EMAIL_LIMIT: Final = 254
"""Characters an address may have (RFC 5321, 4.5.3.1.3)."""


@attrs.frozen
class Invitation:
    """
    A pending invitation. What became of it, accepted or revoked, is in the audit trail.

    Attributes:
        email: Of the person's platform login, in lower case: `email_of`.
        expires_at: Real time, exclusive.
        invited_by: Whose right to give the role counts, when it is given and again when it is accepted.

    """

    id: InvitationId
    account_id: AccountId
    email: str
    role: Role
    invited_by: MemberId
    expires_at: datetime
    secret_hash: str = attrs.field(repr=False)
    version: int = 1

    def renewed(self, by: MemberId, secret: str, *, at: datetime) -> "Invitation":
        """Return it with a new link and all its time again; the old link is worth nothing from then on."""
        return attrs.evolve(
            self, invited_by=by, secret_hash=hashed(secret), expires_at=at + LIFETIME, version=self.version + 1
        )


@attrs.frozen
class Followed:
    """Somebody who signs in has followed the link of an invitation; `at` is real time."""

    secret_hash: str = attrs.field(repr=False)
    at: datetime


def compared(email: str) -> str:
    """
    Return an address as it is compared: outer blanks off, lower case.

    Nothing else is evened out: folding "straße" into "strasse", say, would make two mailboxes one.
    """
    return email.strip().lower()


def email_of(text: str) -> str | Refused:
    """Return an address as it can be invited, or why it is none."""
    email = compared(text)
    name, at, host = email.partition("@")
    odd = any(c.isspace() or not c.isprintable() for c in email) or "@" in host or len(email) > EMAIL_LIMIT
    if odd or not (name and at and host):
        return Refused(Reason.EMAIL_INVALID, "This is not an e-mail address. Type one such as sam@example.com.")
    if not all(host.split(".")) or "." not in host:
        return Refused(
            Reason.EMAIL_INVALID,
            f"{host} is not a whole domain, so nobody signs in with this address. Type one such as sam@example.com.",
        )
    return email


def role_by(invitation: Invitation, person: Person, inviter: Member | None, *, at: datetime) -> Role | Refused:
    """Return the role an invitation gives this person now, or why it gives none; `at` is real time."""
    if invitation.email != compared(person.email):
        return Refused(
            Reason.INVITATION_FOR_ANOTHER,
            f"The invitation is for {invitation.email}, but you signed in as {person.email}. "
            "Sign in with that address, or ask for an invitation to this one.",
            WayOut.MEMBERS,
        )
    if at >= invitation.expires_at:
        return Refused(Reason.INVITATION_OVER, "The invitation has expired. Ask for a new link.", WayOut.MEMBERS)
    if not holds(invitation, inviter):
        return Refused(
            Reason.INVITATION_OVER,
            "Whoever invited you may not give this role any more. Ask an Owner for a new link.",
            WayOut.MEMBERS,
        )
    return invitation.role


def holds(invitation: Invitation, inviter: Member | None) -> bool:
    """Tell whether who invited is still a member and may still give the role."""
    if inviter is None or inviter.removed_at is not None:
        return False
    return may_give(Actor(inviter.account_id, inviter.id, inviter.role), invitation.role)
