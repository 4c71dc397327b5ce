"""Changing what members may do, handing ownership over, and letting somebody go."""

from contextlib import suppress

import attrs

from smartapp_domain.audit import Deed, Subject
from smartapp_domain.decisions import Refused
from smartapp_domain.identity import Actor, Member, Right, Role
from smartapp_domain.ids import MemberId
from smartapp_domain.jobs import JobKind
from smartapp_domain.membership import (
    MemberRemoved,
    OwnershipTransferred,
    RoleChanged,
    handed_over,
    with_role,
    without,
)
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import OPERATOR, NotFound, Stale, StorageUnavailable, Transaction
from smartapp_domain.use_cases.authority import acting
from smartapp_domain.use_cases.trail import note
from smartapp_domain.use_cases.work import soon


@attrs.frozen
class About:
    """
    A wish about one member.

    Attributes:
        version: Of the member the actor saw; a later one raises `Stale`. None takes whatever there is.

    """

    actor: Actor
    member_id: MemberId
    version: int | None = None


def change_role(wish: About, role: Role, ports: Ports) -> RoleChanged | Refused:
    """Give a member another role; raise `NotFound` for nobody, `Stale` when somebody was faster."""
    with ports.transaction(wish.actor.account_id) as tx:
        actor, member = acting(tx, wish.actor), _present(tx, wish)
        decision = actor if isinstance(actor, Refused) else with_role(actor, member, role, tx.members.all())
        if isinstance(decision, RoleChanged) and decision.after is not member:
            tx.members.put(decision.after, replacing=member.version)
            note(
                tx, wish.actor, Deed.ROLE_CHANGED, _subject(member), ports,
                **{"from": member.role.label, "to": role.label},
            )  # fmt: skip
            _let_go_of_orders(tx, decision.after, ports)
    return decision


def transfer_ownership(wish: About, ports: Ports) -> OwnershipTransferred | Refused:
    """Make another member Owner in place of the actor, who stays as Super Admin."""
    with ports.transaction(wish.actor.account_id) as tx:
        actor, to = acting(tx, wish.actor), _present(tx, wish)
        if isinstance(actor, Refused):
            return actor
        owner = tx.members.get(actor.member_id)
        if owner.id == to.id:
            raise NotFound("other member", to.id)
        decision = handed_over(actor, owner, to)
        if isinstance(decision, OwnershipTransferred):
            tx.members.put(decision.to, replacing=to.version)
            tx.members.put(decision.by, replacing=owner.version)
            note(tx, wish.actor, Deed.OWNERSHIP_TRANSFERRED, _subject(to), ports, **{"from": owner.name})
    return decision


def remove_member(wish: About, ports: Ports) -> MemberRemoved | Refused:
    """
    Let a member go, or leave oneself. Their tokens end in the same commit.

    Their sessions lead nowhere from that commit on, because membership is read anew on each request. The rows are swept
    right after it, if the storage lets us: what is done is not told as failed for that. Whoever comes back enters with
    none of those that are left (`enter_account`).
    """
    with ports.transaction(wish.actor.account_id) as tx:
        actor, member = acting(tx, wish.actor), _present(tx, wish)
        if isinstance(actor, Refused):
            return actor
        decision = without(actor, member, tx.members.all(), at=ports.clock.now())
        if isinstance(decision, Refused):
            return decision
        deed = Deed.MEMBER_LEFT if decision.left else Deed.MEMBER_REMOVED
        note(tx, wish.actor, deed, _subject(member), ports, role=member.role.label)
        tx.members.put(decision.after, replacing=member.version)
        tx.access_tokens.drop_of_member(member.id)
        _let_go_of_orders(tx, decision.after, ports)
    with suppress(StorageUnavailable), ports.transaction(OPERATOR) as tx:
        tx.sessions.drop_of_person(member.person_id, account_id=member.account_id)
    return decision


def _let_go_of_orders(tx: Transaction, member: Member, ports: Ports) -> None:
    """Have the unfinished orders of who may not buy any more closed, so that they keep nobody from buying (L-31)."""
    if member.may(Right.BUY):
        return
    for order in tx.orders.open():
        if order.member_id == member.id:
            soon(tx, JobKind.CHECK_ORDER, order.account_id, order.id, ports)


def _present(tx: Transaction, wish: About) -> Member:
    member = tx.members.get(wish.member_id)
    if member.removed_at is not None:
        raise NotFound("member", wish.member_id)
    if wish.version not in (None, member.version):
        raise Stale("member", member.id)
    return member


def _subject(member: Member) -> Subject:
    return Subject(member.id, member.name)
