"""Becoming a member of an account on entering its company: for the first time, again, or by invitation."""

import attrs

from smartapp_domain.audit import By, Deed, Subject
from smartapp_domain.decisions import Reason, Refused
from smartapp_domain.identity import Account, Member, Person, Role, Via, role_on_joining, weaker
from smartapp_domain.ids import MemberId
from smartapp_domain.invitations import Followed, Invitation, role_by
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import Transaction
from smartapp_domain.project import PlatformProject
from smartapp_domain.use_cases.refresh_projects import request_refresh
from smartapp_domain.use_cases.trail import note


@attrs.frozen
class Entered:
    """
    A member of an account.

    Attributes:
        not_invited: Why the invitation that was followed gave nothing; they came in without it.

    """

    account: Account
    member: Member
    not_invited: Refused | None = None


@attrs.frozen
class Joining:
    """Who enters what, and what speaks for them."""

    account: Account
    person: Person
    is_company_admin: bool
    followed: Followed | None
    founds: bool


def join_account(joining: Joining, visible: tuple[PlatformProject, ...], ports: Ports) -> Entered | Refused:
    """Make somebody a member, or renew one; refused is only who was removed and comes without an invitation."""
    account, person = joining.account, joining.person
    with ports.transaction(account.id) as tx:
        known = tx.members.of_person(person.id)
        invited, not_invited = _invited(tx, joining)
        if known is not None and known.removed_at is not None and invited is None:
            return not_invited or _removed(account)
        if known is None or known.removed_at is not None:
            member = _new_member(tx, joining, known, invited, ports)
        else:
            member = _known_member(tx, joining, known, invited, ports)
        if invited is not None:
            tx.invitations.drop(invited)
        tx.platform_projects.note(visible)
        request_refresh(tx, account.id, ports)
    return Entered(account, member, not_invited)


def _invited(tx: Transaction, joining: Joining) -> tuple[Invitation | None, Refused | None]:
    """Return the invitation that was followed, if it is this account's and is for this person, or why it is not."""
    followed = joining.followed
    invitation = tx.invitations.of_secret(followed.secret_hash) if followed else None
    if followed is None or invitation is None:
        return None, None
    role = role_by(invitation, joining.person, tx.members.get(invitation.invited_by), at=followed.at)
    return (None, role) if isinstance(role, Refused) else (invitation, None)


def _removed(account: Account) -> Refused:
    return Refused(
        Reason.REMOVED,
        f"Your access was taken away: you are not a member of {account.name} in Smartapp any more. To come back, ask "
        "one of its Owners or Super Admins for an invitation.",
    )


def _new_member(
    tx: Transaction, joining: Joining, known: Member | None, invited: Invitation | None, ports: Ports
) -> Member:
    """Store somebody who comes for the first time, or back by invitation."""
    account, person = joining.account, joining.person
    role = invited.role if invited else role_on_joining(tx.members.all(), is_company_admin=joining.is_company_admin)
    member = Member(
        id=known.id if known else MemberId(ports.ids.fresh()),
        account_id=account.id,
        person_id=person.id,
        name=person.name,
        email=person.email,
        role=role,
        joined_at=ports.clock.now(),
        version=known.version + 1 if known else 1,
    )
    tx.members.put(member, replacing=member.version - 1)
    how = "the first one here" if joining.founds else "by invitation" if invited else ""
    note(tx, _by(member), Deed.MEMBER_JOINED, _subject(member), ports, role=role.label, how=how)
    return member


def _known_member(
    tx: Transaction, joining: Joining, member: Member, invited: Invitation | None, ports: Ports
) -> Member:
    """
    Return a member as they are now.

    Name and e-mail follow the platform, an account without Owner gets one, and an invitation never makes a role weaker.
    """
    role = member.role
    if role_on_joining(tx.members.all(), is_company_admin=joining.is_company_admin) is Role.OWNER:
        role = Role.OWNER
    risen = role is not member.role
    if invited is not None and weaker(role, invited.role) is role:
        role = invited.role
    now = attrs.evolve(member, name=joining.person.name, email=joining.person.email, role=role)
    if now != member:
        now = attrs.evolve(now, version=member.version + 1)
        tx.members.put(now, replacing=member.version)
    if risen:
        moved = {"from": member.role.label, "to": Role.OWNER.label}
        note(tx, _by(now), Deed.ROLE_CHANGED, _subject(now), ports, **moved)
    if invited is not None:
        note(tx, _by(now), Deed.INVITATION_ACCEPTED, _subject(now), ports, role=role.label)
    else:
        note(tx, _by(now), Deed.SIGNED_IN, _subject(now), ports)
    return now


def _by(member: Member) -> By:
    return By(member.account_id, Via.PAGE, member.id, member.name)


def _subject(member: Member) -> Subject:
    return Subject(member.id, member.name)
