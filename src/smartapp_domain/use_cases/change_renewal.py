"""
Stopping the renewal of a project's licenses at the end of what is paid, and undoing that until then.

The ledger decides which projects are renewed; the provider is told absolute quantities afterwards by a job, so a crash
between the two is made good by telling again (docs/domain.md L-70 to L-73).
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import attrs

from smartapp_domain.audit import Deed, Subject
from smartapp_domain.billing import Subscription
from smartapp_domain.catalog import REQUIRES, AddOn, Module, Product
from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.identity import Actor, Right
from smartapp_domain.ids import AccountId, OrderId, ProjectId, SubscriptionId
from smartapp_domain.jobs import JobKind
from smartapp_domain.licensing import License, agree, release, renewed, settle, undo_release
from smartapp_domain.ordering import Order, OrderState
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import OPERATOR, Reading, Transaction
from smartapp_domain.renewing import came_too_late, caught_up
from smartapp_domain.use_cases.authority import still_may
from smartapp_domain.use_cases.purchase_trail import note_settled
from smartapp_domain.use_cases.trail import note
from smartapp_domain.use_cases.work import for_people, soon

#: How long to wait before telling the provider while a purchase is changing the same subscription.
AFTER_PURCHASE: Final = timedelta(minutes=1)
#: How long to wait before telling what changed while it was being told.
ONCE_MORE: Final = timedelta(seconds=5)
#: Longer than any bank takes: a paid order this old is not waited for any more.
LONGEST_PURCHASE: Final = timedelta(days=14)


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
    now = ports.clock.now()
    actor = command.actor
    stuck = stuck_orders(actor.account_id, ports)
    with ports.transaction(actor.account_id) as tx:
        if refused := still_may(tx, actor, Right.BUY):
            return refused
        project = tx.projects.get(command.project_id)
        live = [each for each in tx.licenses.of_projects([project.id]) if each.is_live(now)]
        mine = [each for each in live if command.concerns(each.product)]
        if not mine:
            return _nothing_there(project.name)
        changed = _applied(rule, mine, {each.id: each for each in tx.subscriptions.all()}, now)
        if isinstance(changed, Refused):
            return changed
        concerned = tuple(dict.fromkeys(each.subscription_id for each in changed))
        order = next(filter(None, (changing_order(each, tx, stuck) for each in concerned)), None)
        if order is not None:
            return _being_added_to(order, actor, tx)
        for license in changed:
            tx.licenses.put(license, replacing=license.version - 1)
        for subscription_id in concerned:
            soon(tx, JobKind.TELL_RENEWAL, actor.account_id, subscription_id, ports)
        if changed:
            products = ", ".join(each.product.label for each in changed)
            note(tx, actor, deed, Subject(project.id, project.name), ports, products=products)
    return RenewalChanged(changed)


def _applied(
    rule: _Rule, licenses: Iterable[License], subscriptions: Mapping[SubscriptionId, Subscription], at: datetime
) -> tuple[License, ...] | Refused:
    """Return the licenses that the rule changes, or the first refusal: all of them change, or none."""
    changed: list[License] = []
    for license in licenses:
        after = rule(license, subscriptions[license.subscription_id], at)
        if isinstance(after, Refused):
            return after
        if after is not license:
            changed.append(after)
    return tuple(changed)


def _being_added_to(order: Order, actor: Actor, reading: Reading) -> Refused:
    """Return the refusal while an order adds to the subscription: the provider could not be told before it is over."""
    if order.member_id == actor.member_id:
        return Refused(
            Reason.CHANGE_UNDER_WAY,
            "Your last order adds projects to this subscription, and its payment is not finished. Finish it or give it "
            "up, then try again. Nothing was changed.",
            WayOut.PAYMENT,
            about=order.id,
        )
    name = reading.members.get(order.member_id).name
    return Refused(
        Reason.CHANGE_UNDER_WAY,
        f"{name} is adding projects to this subscription right now. Give that payment up, or wait until it is paid, "
        "then try again. Nothing was changed.",
        WayOut.MANAGE_SUBSCRIPTIONS,
        about=order.id,
    )


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
    stuck = stuck_orders(account_id, ports)
    with ports.reading(account_id) as reading:
        heard = reading.subscriptions.get(subscription_id)
    current = ports.payments.subscription(subscription_id)
    with ports.transaction(account_id) as tx:  # right before the write, because it proves that the job is still ours
        if changing_order(subscription_id, tx, stuck) is not None:
            soon(tx, JobKind.TELL_RENEWAL, account_id, subscription_id, ports, after=AFTER_PURCHASE)
            return
        seen = tx.licenses.of_subscription(subscription_id)
    now = ports.clock.now()
    said = renewed(caught_up(seen, current), now)
    if current.is_live:
        current = ports.payments.set_renewal(subscription_id, said)
    _store_told(account_id, caught_up(seen, current), current, heard, ports)
    _tell_again_unless(said, account_id, current, ports)


def changing_order(subscription_id: SubscriptionId, reading: Reading, stuck: Container[OrderId] = ()) -> Order | None:
    """Return the open order that is changing a subscription, if one is; `stuck` ones are not waited for."""
    adding = (each for each in reading.orders.open() if each.adds_to(subscription_id))
    return next((each for each in adding if each.id not in stuck), None)


def stuck_orders(account_id: AccountId, ports: Ports) -> frozenset[OrderId]:
    """Return the paid extensions that no machine goes on with: people have them, or nobody has for long."""
    with ports.reading(account_id) as reading:
        paid = [each for each in reading.orders.open() if each.extends and each.state is OrderState.PAID]
    if not paid:
        return frozenset()
    oldest = ports.clock.now() - LONGEST_PURCHASE
    with ports.reading(OPERATOR) as reading:
        failed = {each.id for each in paid for job in reading.jobs.failed(each.id) if job.kind is JobKind.FULFILL_ORDER}
    return frozenset(failed | {each.id for each in paid if each.tried_at < oldest})


def _store_told(
    account_id: AccountId, told: Iterable[License], current: Subscription, heard: Subscription | None, ports: Ports
) -> None:
    """
    Store what the provider knows now; a license changed meanwhile stays untold.

    So do all when somebody else has stored another answer since `heard`: it may be a later one than `current`.
    """
    with ports.transaction(account_id) as tx:
        if not tx.subscriptions.put(current, replacing=heard):
            soon(tx, JobKind.SYNC_SUBSCRIPTION, account_id, current.id, ports)
            return
        stored = {each.id: each for each in tx.licenses.of_subscription(current.id)}
        same = [(stored[each.id], each) for each in told if stored[each.id].version == each.version]
        pairs = [(was, _put_told(tx, was, license, current, ports)) for was, license in same]
        moved = [(was, now) for was, now in pairs if was.ends_at != now.ends_at]
        note_settled(tx, [was for was, _ in moved], [now for _, now in moved], ports, since=ports.clock.now())
        _report_late_undo(tx, [now for was, now in moved if came_too_late(was, now)], ports)
        soon(tx, JobKind.CHECK_RENEWAL, account_id, current.id, ports)


def _put_told(tx: Transaction, before: License, told: License, current: Subscription, ports: Ports) -> License:
    if told.ends_at != before.ends_at and _is_held_again(tx, before):
        _report_billed_twice(tx, before, ports)
        told = attrs.evolve(told, ends_at=before.ends_at)
    told = attrs.evolve(told, change_sent=True, undone_end=None)
    settled = attrs.evolve(settle(told, current), version=before.version)
    if settled == before:
        return before
    after = attrs.evolve(settled, version=before.version + 1)
    tx.licenses.put(after, replacing=before.version)
    return after


def _is_held_again(tx: Transaction, license: License) -> bool:
    """Tell whether the project holds the product through a later license, bought when this one had ended."""
    others = (each for each in tx.licenses.of_projects([license.project_id]) if each.product is license.product)
    return license.ends_at is not None and any(each.granted_at >= license.ends_at for each in others)


def _report_billed_twice(tx: Transaction, license: License, ports: Ports) -> None:
    for_people(
        tx,
        license.account_id,
        f"billed-twice:{license.id}",
        f"{license.product.label} of {tx.projects.get(license.project_id).name} was stopped at {license.ends_at}, but "
        f"subscription {license.subscription_id} renewed it before it was told, and the project was bought again "
        "meanwhile. Refund the period that nobody uses.",
        ports,
    )


def _report_late_undo(tx: Transaction, ended: Sequence[License], ports: Ports) -> None:
    if not ended:
        return
    first = ended[0]
    names = ", ".join(f"{each.product.label} of {tx.projects.get(each.project_id).name}" for each in ended)
    for_people(
        tx,
        first.account_id,
        f"undo:{first.subscription_id}",
        f"Subscription {first.subscription_id} did not renew {names}: the stop was undone, but the provider heard of "
        f"it too late. They ended at {first.ends_at}, and the customer expects them to go on. Offer to buy them again.",
        ports,
    )


def _tell_again_unless(said: Mapping[Product, int], account_id: AccountId, current: Subscription, ports: Ports) -> None:
    """Tell again when what was said is not the ledger's word any more: somebody changed it meanwhile."""
    with ports.reading(account_id) as reading:
        held = reading.licenses.of_subscription(current.id)
    told = all(each.change_sent for each in held)
    if told and (not current.is_live or renewed(held, ports.clock.now()) == said):
        return
    with ports.transaction(account_id) as tx:
        soon(tx, JobKind.TELL_RENEWAL, account_id, current.id, ports, after=ONCE_MORE)


def check_renewal(account_id: AccountId, subscription_id: SubscriptionId, ports: Ports) -> None:
    """
    Compare what the provider will charge next with what the ledger adds up to, and tell people when they differ.

    Looks away while something is under way: it is asked for again when that is done.
    """
    with ports.reading(account_id) as reading:
        licenses = reading.licenses.of_subscription(subscription_id)
        bought_for = changing_order(subscription_id, reading) is not None
        under_way = bought_for or not all(each.change_sent for each in licenses)
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
