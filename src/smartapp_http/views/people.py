"""Members, invitations, one's own sessions and tokens, and the trail of what was done."""

import attrs

from smartapp_http.views.chrome import Chip, Link
from smartapp_http.views.paging import Pager


@attrs.frozen(kw_only=True)
class MemberRow:
    """A member in the list; `url` opens their page, for roles that may change them and for oneself."""

    name: str
    email: str
    role: str
    joined: str
    seen: str
    url: str | None = None
    is_me: bool = False


@attrs.frozen(kw_only=True)
class InvitationRow:
    """A pending invitation. `renew` and `revoke` are POST addresses, missing for one above the role of who looks."""

    email: str
    role: str
    by: str
    chip: Chip
    version: int
    renew: str | None = None
    revoke: str | None = None


@attrs.frozen(kw_only=True)
class Shown:
    """A secret that is shown this once: an invitation's link or an access token."""

    title: str
    text: str
    label: str
    value: str


@attrs.frozen(kw_only=True)
class MembersView:
    """
    `members.html`.

    Attributes:
        count: "12 members".
        invitations: None for roles that may not invite; they are not told who is invited.
        invite_url, activity_url: None when the role may not.

    """

    count: str
    rows: tuple[MemberRow, ...]
    pager: Pager = attrs.field(factory=Pager)
    invitations: tuple[InvitationRow, ...] | None = None
    invite_url: str | None = None
    activity_url: str | None = None
    shown: Shown | None = None
    who_manages: str = ""


@attrs.frozen(kw_only=True)
class RoleChoice:
    """One radio of a role: what it may do, in a line."""

    value: str
    label: str
    note: str
    checked: bool = False


@attrs.frozen(kw_only=True)
class InviteView:
    """`invite.html`: POSTs `email` and `role`."""

    roles: tuple[RoleChoice, ...]
    email: str = ""
    problem: str | None = None
    days: int


@attrs.frozen(kw_only=True)
class MemberView:
    """
    `member.html`: one member, and what the one who looks may do about them.

    Attributes:
        roles: Empty when the role cannot be changed; `fixed` then says why.
        role_url, owner_url, remove_url: POST addresses; None when it cannot be done.
        cannot_remove: Why not, when a person might expect it.

    """

    member: MemberRow
    version: int
    company: str
    roles: tuple[RoleChoice, ...] = ()
    fixed: str = ""
    role_url: str | None = None
    owner_url: str | None = None
    remove_url: str | None = None
    leave_url: str | None = None
    cannot_remove: str = ""


@attrs.frozen(kw_only=True)
class InvitationView:
    """`invitation.html`, where the link of an invitation leads."""

    company: str
    inviter: str
    role: str
    role_note: str
    email: str
    expires: str
    sign_in_url: str


@attrs.frozen(kw_only=True)
class SessionRow:
    """A signed-in browser. `end_url` is missing for the one that looks at the list."""

    device: str
    where: str
    started: str
    seen: str
    end_url: str | None = None


@attrs.frozen(kw_only=True)
class TokenRow:
    """An access token, by the last characters of its secret."""

    name: str
    hint: str
    role: str
    used: str
    chip: Chip
    revoke_url: str


@attrs.frozen(kw_only=True)
class AccountView:
    """
    `account.html`: one's own sessions and access tokens.

    Attributes:
        lifetimes: (days, label, checked) of a new token.
        name, problem: What was typed, and why it was refused.

    """

    sessions: tuple[SessionRow, ...]
    tokens: tuple[TokenRow, ...]
    roles: tuple[RoleChoice, ...]
    lifetimes: tuple[tuple[int, str, bool], ...]
    company: str
    api_url: str
    name: str = ""
    problem: str | None = None
    shown: Shown | None = None


@attrs.frozen(kw_only=True)
class EntryRow:
    """One line of the trail: who, did what, when; `via` says which way when it was not a page."""

    when: str
    exact: str
    who: str
    what: str
    icon: str
    via: str = ""
    details: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class ActivityView:
    """
    `activity.html`.

    Attributes:
        people: (value, name, selected) of the field `member`; "" is everybody.
        keep: The kind of deed in force, which the form of people keeps.
        older: The next page, or None at the end.

    """

    rows: tuple[EntryRow, ...]
    kinds: tuple[Link, ...]
    current: str
    people: tuple[tuple[str, str, bool], ...]
    keep: str = ""
    older: str | None = None
    newest: str | None = None
    narrowed: bool = False
