"""Personal access tokens: a program acts for a member, with a role no stronger than theirs. See docs/domain.md L-90."""

from datetime import datetime, timedelta
from typing import Final

import attrs

from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.identity import Account, Actor, Member, Person, Role, within
from smartapp_domain.ids import AccountId, MemberId, TokenId

#: What each secret begins with, so that people and scanners recognize one that lies around.
PREFIX: Final = "sac_"
#: How long a token may be good for.
LIFETIMES: Final = (timedelta(days=30), timedelta(days=90), timedelta(days=365))
MOST_PER_MEMBER: Final = 20
NAME_LIMIT: Final = 80
HINT_CHARS: Final = 4


@attrs.frozen
class AccessToken:
    """
    What is known about a token; the secret itself is stored nowhere. Times are real time.

    Attributes:
        role: The strongest it may act as; a member who is weaker by now makes it weaker too.
        hint: The last characters of the secret, to tell tokens apart.
        expires_at: Exclusive.
        used_at: To some minutes; None before the first use.

    """

    id: TokenId
    account_id: AccountId
    member_id: MemberId
    name: str
    role: Role
    hint: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = attrs.field(default=None, eq=False)


@attrs.frozen
class Bearer:
    """Who a token stands for, found by its secret."""

    token: AccessToken
    account: Account
    member: Member
    person: Person


def naming(name: str) -> str | Refused:
    """Return the name of a new token without outer blanks, or why it cannot be one."""
    clean = " ".join(name.split())
    if not clean:
        return Refused(Reason.NAME_MISSING, "The token needs a name that says what uses it. Type one.")
    if len(clean) > NAME_LIMIT:
        return Refused(
            Reason.NAME_TOO_LONG, f"The name has {len(clean)} characters; {NAME_LIMIT} is the limit. Shorten it."
        )
    return clean


def creating(actor: Actor, role: Role, have: int) -> Refused | None:
    """Return why the actor cannot have another token with this role, or None; `have` counts those there are."""
    if not within(role, actor.role):
        return Refused(
            Reason.ROLE_ABOVE_OWN,
            f"A token cannot do more than you: {role.label} is above your role, {actor.role.label}. Choose another.",
            WayOut.ACCOUNT,
        )
    if have >= MOST_PER_MEMBER:
        return Refused(
            Reason.TOO_MANY_TOKENS,
            f"You have {have} tokens, which is the limit. Revoke one that nothing uses any more.",
            WayOut.ACCOUNT,
        )
    return None
