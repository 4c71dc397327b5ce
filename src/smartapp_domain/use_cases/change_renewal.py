"""
Stopping the renewal of a project's licenses at the end of what is paid, and undoing that until then.

The ledger decides which projects are renewed; the provider is told absolute quantities afterwards by a job, so a crash
between the two is made good by telling again (docs/domain.md L-70 to L-73).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

import attrs

from smartapp_domain.audit import Deed, Subject
from smartapp_domain.billing import Subscription
from smartapp_domain.catalog import REQUIRES, AddOn, Module, Product
from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.identity import Actor, Right, require
from smartapp_domain.ids import AccountId, ProjectId, SubscriptionId
from smartapp_domain.jobs import JobKind
from smartapp_domain.licensing import License, agree, release, renewed, settle, undo_release
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import Reading, Transaction
from smartapp_domain.use_cases.purchase_trail import note_settled
from smartapp_domain.use_cases.trail import note
from smartapp_domain.use_cases.work import for_people, soon

#: How long to wait before telling the provider while a purchase is changing the same subscription.
AFTER_PURCHASE: Final = timedelta(minutes=1)


@attrs.frozen
class ChangeRenewal:
    """A wish about some modules of a project, each with its add-ons; None means all it holds."""

    actor: Actor
    project_id: ProjectId
    modules: frozenset[Module] | None = None

    def concerns(self, product: Product) -> bool:
        module = REQUIRES[product] if isinstance(product, AddOn) else product
        return self.modules is None or module in self.modules


@attrs.frozen
class RenewalChanged:
    """The licenses that changed; none when everything was as wished already."""

    licenses: tuple[License, ...]


def stop_renewal(command: ChangeRenewal, ports: Ports) -> RenewalChanged | Refused:
    """Let the licenses run to the end of the period and no further; raise `NotFound` for an unknown project."""
    return _change(command, ports, release, Deed.RENEWAL_STOPPED)


def resume_renewal(command: ChangeRenewal, ports: Ports) -> RenewalChanged | Refused:
    """Undo `stop_renewal` while the licenses still run."""
    return _change(command, ports, lambda held, _subscription, at: undo_release(held, at), Deed.RENEWAL_RESUMED)


_Rule = Callable[[License, Subscription, datetime], License | Refused]


def _change(command: ChangeRenewal, ports: Ports, rule: _Rule, deed: Deed) -> RenewalChanged | Refused:
    if refused := require(command.actor, Right.BUY):
        return refused
    now = ports.clock.now()
    with ports.transaction(command.actor.account_id) as tx:
        project = tx.projects.get(command.project_id)
        live = [each for each in tx.licenses.of_projects([project.id]) if each.is_live(now)]
        mine = [each for each in live if command.concerns(each.product)]
        if not mine:
            return _nothing_there(project.name)
        subscriptions = {each.id: each for each in tx.subscriptions.all()}
        changed: list[License] = []
        for license in mine:
            after = rule(license, subscriptions[license.subscription_id], now)
            if isinstance(after, Refused):
                return after
            if after is not license:
                changed.append(after)
        for license in changed:
            tx.licenses.put(license, replacing=license.version - 1)
        for subscription_id in dict.fromkeys(each.subscription_id for each in changed):
            soon(tx, JobKind.TELL_RENEWAL, command.actor.account_id, subscription_id, ports)
        if changed:
            products = ", ".join(each.product.label for each in changed)
            note(tx, command.actor, deed, Subject(project.id, project.name), ports, products=products)
    return RenewalChanged(tuple(changed))


def _nothing_there(name: str) -> Refused:
    return Refused(
        Reason.NOT_LICENSED,
        f"{name} holds no such license any more. Choose it again under Projects to license it.",
        WayOut.PROJECTS,
    )


def tell_renewal(account_id: AccountId, subscription_id: SubscriptionId, ports: Ports) -> None:
    """
    Tell the provider what the ledger wants renewed.

    While a purchase is changing the subscription this waits: that change names absolute quantities too.
    """
    with ports.transaction(account_id) as tx:
        if _is_bought_for(subscription_id, tx):
            soon(tx, JobKind.TELL_RENEWAL, account_id, subscription_id, ports, after=AFTER_PURCHASE)
            return
        seen = tx.licenses.of_subscription(subscription_id)
    now = ports.clock.now()
    current = ports.payments.subscription(subscription_id)
    if current.is_live:
        seen = _moved_on(seen, current)
        current = ports.payments.set_renewal(subscription_id, renewed(seen, now))
    _store_told(account_id, seen, current, ports)


def _is_bought_for(subscription_id: SubscriptionId, reading: Reading) -> bool:
    return any(order.extends and order.extends.subscription_id == subscription_id for order in reading.orders.open())


def _moved_on(licenses: Iterable[License], current: Subscription) -> tuple[License, ...]:
    """
    Return the licenses with releases that came too late moved to the end of the period that has begun meanwhile.

    The provider has billed them for it, and what is paid can be used.
    """

    def moved(license: License) -> License:
        item = next((each for each in current.items if each.product is license.product), None)
        if item is None or license.change_sent or license.ends_at is None or license.ended_at is not None:
            return license
        return attrs.evolve(license, ends_at=item.period_end) if license.ends_at <= item.period_start else license

    return tuple(moved(license) for license in licenses)


def _store_told(account_id: AccountId, told: Iterable[License], current: Subscription, ports: Ports) -> None:
    """Store what the provider knows now; a license changed meanwhile stays untold, and its own job is waiting."""
    with ports.transaction(account_id) as tx:
        tx.subscriptions.put(current)
        stored = {each.id: each for each in tx.licenses.of_subscription(current.id)}
        pairs = [(stored[license.id], license) for license in told]
        same = [(now, license) for now, license in pairs if now.version == license.version]
        after = [_put_told(tx, now, license, current) for now, license in same]
        moved = [(was, now) for (was, _), now in zip(same, after, strict=True) if was.ends_at != now.ends_at]
        note_settled(tx, [was for was, _ in moved], [now for _, now in moved], ports)
        soon(tx, JobKind.CHECK_RENEWAL, account_id, current.id, ports)


def _put_told(tx: Transaction, before: License, told: License, current: Subscription) -> License:
    settled = attrs.evolve(settle(attrs.evolve(told, change_sent=True), current), version=before.version)
    if settled == before:
        return before
    after = attrs.evolve(settled, version=before.version + 1)
    tx.licenses.put(after, replacing=before.version)
    return after


def check_renewal(account_id: AccountId, subscription_id: SubscriptionId, ports: Ports) -> None:
    """
    Compare what the provider will charge next with what the ledger adds up to, and tell people when they differ.

    Looks away while something is under way: it is asked for again when that is done.
    """
    with ports.reading(account_id) as reading:
        licenses = reading.licenses.of_subscription(subscription_id)
        under_way = _is_bought_for(subscription_id, reading) or not all(each.change_sent for each in licenses)
    if under_way:
        return
    current = ports.payments.subscription(subscription_id)
    if not current.is_live:
        return
    units = {item.product: item.unit_cents for item in current.items}
    wanted = renewed(licenses, ports.clock.now())
    ours = sum(count * units.get(product, 0) for product, count in wanted.items()) if wanted else None
    theirs = ports.payments.renewal_cents(subscription_id)
    if ours == theirs and agree(current, licenses, ports.clock.now()):
        return
    with ports.transaction(account_id) as tx:
        for_people(
            tx,
            account_id,
            f"renewal:{subscription_id}",
            f"Subscription {subscription_id} will renew for {theirs} cents, but the ledger adds up to {ours}: "
            f"{_counted(wanted)}. Correct the side that is wrong before {current.period_end}.",
            ports,
        )


def _counted(wanted: Mapping[Product, int]) -> str:
    return ", ".join(f"{count} × {product.label}" for product, count in wanted.items()) or "nothing is renewed"
