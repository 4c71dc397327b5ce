"""What an actor may do at the moment their command is carried out, not when their request came in."""

import attrs

from smartapp_domain.decisions import Reason, Refused
from smartapp_domain.identity import Actor, Right, require, weaker
from smartapp_domain.ports.storage import Reading


def acting(tx: Reading, actor: Actor) -> Actor | Refused:
    """
    Return the actor with what their member may do now; refused is who was removed meanwhile (docs/domain.md L-26).

    Inside the transaction nobody else can change a role of the account, so what is judged by this still holds when it
    is stored. A role that was raised meanwhile counts from the next request.
    """
    member = tx.members.get(actor.member_id)
    if member.removed_at is not None:
        return Refused(Reason.REMOVED, "You are not a member of this account any more. Nothing was changed.")
    return attrs.evolve(actor, role=weaker(member.role, actor.role))


def still_may(tx: Reading, actor: Actor, right: Right) -> Refused | None:
    """Refuse who was removed meanwhile, or lost the right; judged where it is stored, as `acting` says."""
    now = acting(tx, actor)
    return now if isinstance(now, Refused) else require(now, right)
