"""Telling the audit trail what was done, from inside the transaction that does it."""

from contextlib import suppress

import attrs

from smartapp_domain.audit import By, Deed, Entry, Subject
from smartapp_domain.identity import Actor
from smartapp_domain.ids import EntryId
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import Taken, Transaction


def note(tx: Transaction, by: Actor | By, deed: Deed, subject: Subject, ports: Ports, **details: str) -> None:
    """
    Add one line to the trail, which commits with the change or not at all (docs/domain.md L-92).

    `details` without words are left out. Behind the operator's door `by` has to bring its name along. A request that is
    repeated gets the ids of the first time, so an entry that is there already is not told again.
    """
    who = By.actor(by) if isinstance(by, Actor) else by
    if who.member_id is not None and not who.name:
        who = attrs.evolve(who, name=tx.members.get(who.member_id).name)
    entry = Entry(
        id=EntryId(ports.ids.fresh()),
        account_id=who.account_id,
        at=ports.clock.now(),
        deed=deed,
        by=who,
        subject=subject,
        details=tuple((name, words) for name, words in details.items() if words),
    )
    with suppress(Taken):
        tx.trail.add(entry)
