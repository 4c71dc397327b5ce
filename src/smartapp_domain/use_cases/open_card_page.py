"""The provider's page for the stored card: what is changed there we are not told, but who opened it is kept."""

from smartapp_domain.audit import Deed, Subject
from smartapp_domain.decisions import Refused
from smartapp_domain.identity import Actor, Right, require
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import NotFound
from smartapp_domain.use_cases.authority import still_may
from smartapp_domain.use_cases.trail import note


def open_card_page(actor: Actor, return_url: str, ports: Ports) -> str | Refused:
    """Return the address of the page, which is in the trail then; raise `NotFound` while there is no customer."""
    if refused := require(actor, Right.BUY):
        return refused
    with ports.reading(actor.account_id) as reading:
        profile = reading.profiles.default()
    if profile is None or profile.customer_id is None:
        raise NotFound("stored card", actor.account_id)
    address = ports.payments.card_page(profile.customer_id, return_url=return_url)
    with ports.transaction(actor.account_id) as tx:
        if refused := still_may(tx, actor, Right.BUY):
            return refused
        note(tx, actor, Deed.CARD_PAGE_OPENED, Subject(profile.id, "the stored card"), ports)
    return address
