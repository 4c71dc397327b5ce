"""Members, invitations, sessions and tokens as their pages say them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

import attrs

from smartapp_domain.access_tokens import LIFETIMES, AccessToken
from smartapp_domain.decisions import Reason, Refused
from smartapp_domain.identity import Actor, Member, Right, Role, holding
from smartapp_domain.membership import may_give, with_role
from smartapp_domain.ports.storage import Session
from smartapp_domain.use_cases.invite_people import Pending
from smartapp_http import links
from smartapp_http.present import words
from smartapp_http.views import Chip, InvitationRow, MemberRow, RoleChoice, SessionRow, TokenRow, Tone, in_words

#: What each role may do, in a line (docs/domain.md L-20, L-23).
ROLE_NOTES: Mapping[Role, str] = MappingProxyType(
    {
        Role.OWNER: "Everything, and the only one who makes others Owner.",
        Role.SUPER_ADMIN: "Everything but ownership: members, activity, buying, projects.",
        Role.ADMIN_WITH_BILLING: "Chooses projects and modules, buys, sees invoices.",
        Role.ADMIN: "Chooses projects and modules, adds projects. Sees no invoices.",
        Role.COMPANY_MANAGER: "Looks at projects and licenses. May do the same as a Team Member for now.",
        Role.TEAM_MEMBER: "Looks at projects and licenses.",
    }
)
_SOON: Final = timedelta(days=3)
#: The demo's clock moves by an hour at least; a clock that only runs a little apart is not called moved.
_APART: Final = timedelta(minutes=30)


@attrs.frozen
class RealTime:
    """
    What time it really is, for what ends by it: sessions, invitations and tokens.

    Attributes:
        business: What time it is for everything else; in the demo it may be far ahead.

    """

    now: datetime
    business: datetime

    def day(self, moment: datetime) -> str:
        """Return the date, and that it is one of real time where the reader looks at another clock."""
        apart = abs(self.business - self.now) > _APART
        return f"{words.day(moment)} (real time)" if apart else words.day(moment)


def managers() -> str:
    """Return "Owner and Super Admin"."""
    return in_words([role.label for role in holding(Right.MANAGE_MEMBERS)])


def member_row(member: Member, actor: Actor, now: datetime) -> MemberRow:
    """Return a member; `now` is real time, as their last sign of life is."""
    is_me = member.id == actor.member_id
    may_open = is_me or may_give(actor, member.role)
    return MemberRow(
        name=member.name,
        email=member.email,
        role=member.role.label,
        joined=words.day(member.joined_at),
        seen=since(member.seen_at, now),
        url=links.member(member.id) if may_open else None,
        is_me=is_me,
    )


def since(moment: datetime | None, now: datetime) -> str:
    """Return "Never" or when it was, with a capital: it stands alone in a cell."""
    text = words.ago(moment, now) if moment is not None else "never"
    return text[0].upper() + text[1:]


def invitation_row(pending: Pending, actor: Actor, time: RealTime) -> InvitationRow:
    invitation = pending.invitation
    mine = may_give(actor, invitation.role)
    return InvitationRow(
        email=invitation.email,
        role=invitation.role.label,
        by=pending.inviter.name if pending.inviter else "",
        chip=_invitation_chip(pending, time),
        version=invitation.version,
        renew=links.invitation_action(invitation.id, "renew") if mine else None,
        revoke=links.invitation_action(invitation.id, "revoke") if mine else None,
    )


def _invitation_chip(pending: Pending, time: RealTime) -> Chip:
    expires, now = pending.invitation.expires_at, time.now
    if expires <= now:
        return Chip(f"Expired {time.day(expires)}", Tone.MUTED, "clock")
    if not pending.works:  # whoever sent it may not give the role any more
        return Chip("Not valid, renew it", Tone.WARN, "triangle-alert")
    tone = Tone.WARN if expires - now < _SOON else Tone.INFO
    return Chip(f"Open {words.still(expires, now)}", tone, "clock")


def role_choices(roles: Iterable[Role], chosen: Role | None) -> tuple[RoleChoice, ...]:
    return tuple(
        RoleChoice(value=role.value, label=role.label, note=ROLE_NOTES[role], checked=role is chosen) for role in roles
    )


def grantable(actor: Actor) -> tuple[Role, ...]:
    """Return the roles the actor may give, strongest first."""
    return tuple(role for role in Role if may_give(actor, role))


def why_fixed(actor: Actor, member: Member, members: Iterable[Member]) -> str:
    """Return why this member's role cannot be changed by who looks, "" when it can."""
    decision = with_role(actor, member, Role.TEAM_MEMBER, members)  # whoever gives any role gives the least
    if not isinstance(decision, Refused):
        return ""
    match decision.reason:
        case Reason.LAST_OWNER:
            return "This account needs an Owner. Make somebody else Owner first; then this role can be changed."
        case Reason.ROLE_ABOVE_OWN:
            return f"Only somebody with the role {member.role.label} can change this one."
        case _:
            return f"{managers()} can change roles."


def session_row(session: Session, *, here: bool, company: str, time: RealTime) -> SessionRow:
    return SessionRow(
        device=session.device or "Unknown browser",
        where=company,
        started=time.day(session.started_at) if session.started_at else "",
        seen="This browser" if here else since(session.seen_at, time.now),
        end_url=None if here else links.session_end(handle(session)),
    )


def handle(session: Session) -> str:
    """Return what a page calls a session: enough of its hash to tell a person's own apart."""
    return session.id[:16]


def token_row(token: AccessToken, time: RealTime) -> TokenRow:
    left, end = token.expires_at - time.now, time.day(token.expires_at)
    if left <= timedelta():
        chip = Chip(f"Expired {end}", Tone.MUTED, "clock")
    else:
        chip = Chip(f"Until {end}", Tone.WARN if left < _SOON else Tone.OK, "clock")
    return TokenRow(
        name=token.name,
        hint=token.hint,
        role=token.role.label,
        used=since(token.used_at, time.now),
        chip=chip,
        revoke_url=links.token_revoke(token.id),
    )


def lifetimes(chosen: int) -> tuple[tuple[int, str, bool], ...]:
    return tuple((each.days, f"{each.days} days", each.days == chosen) for each in LIFETIMES)
