"""What becomes of an unfinished payment when somebody else, or nobody any more, is there to finish it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from smartapp_domain.audit import Deed, Entry
from smartapp_domain.billing import CheckoutState
from smartapp_domain.catalog import Module
from smartapp_domain.decisions import Reason, Refused
from smartapp_domain.identity import Actor, Role, Via
from smartapp_domain.ids import PlatformProjectId, ProjectId, SubscriptionId
from smartapp_domain.mapping import NewProject, Tick
from smartapp_domain.ordering import Order, OrderState
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.barriers import Barrier, Crash, Moment
from smartapp_domain.testing.payments_cards import StoredCard
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.add_project import add_project, adopt_name
from smartapp_domain.use_cases.change_renewal import ChangeRenewal, RenewalChanged, stop_renewal
from smartapp_domain.use_cases.check_out import check_out
from smartapp_domain.use_cases.give_up import give_up
from smartapp_domain.use_cases.manage_members import About, change_role, remove_member
from smartapp_domain.use_cases.map_projects import choose_target, tick
from smartapp_domain.use_cases.paste_list import PasteList, apply_paste
from tests.unit.use_cases.journey import (
    FIRST,
    SECOND,
    accepting,
    buy,
    crashing,
    offered,
    pick,
    refused,
    settled,
    started,
)

#: How somebody loses the right to buy.
Loses = Callable[[Workbench, Actor, Actor], object]


def _removed(bench: Workbench, by: Actor, who: Actor) -> object:
    return remove_member(About(by, who.member_id), bench.ports)


def _demoted(bench: Workbench, by: Actor, who: Actor) -> object:
    return change_role(About(by, who.member_id), Role.ADMIN, bench.ports)


def _leaves(bench: Workbench, _: Actor, who: Actor) -> object:
    return remove_member(About(who, who.member_id), bench.ports)


LOSES = pytest.mark.parametrize("loses", [_removed, _demoted, _leaves])


@pytest.fixture
def licensed(bench: Workbench, owner: Actor) -> ProjectId:
    """Planner for the first project, monthly, bought ten days ago."""
    pick(bench, owner, FIRST, Module.PLANNER)
    bench.payments.pay(started(buy(bench, owner)).checkout.id)
    settled(bench)
    bench.work(timedelta(days=10))
    with bench.ports.reading(owner.account_id) as reading:
        return reading.licenses.all()[0].project_id


@pytest.fixture
def declined(bench: Workbench, colleague: Actor, licensed: ProjectId) -> Order:
    """Ed's addition to the subscription, whose card is declined."""
    bench.payments.change_card(
        bench.payments.subscription(_subscription(bench, colleague)).customer_id, StoredCard.DECLINES
    )
    pick(bench, colleague, SECOND, Module.PLANNER)
    order = started(buy(bench, colleague)).order
    assert order.state is OrderState.AWAITING_PAYMENT, licensed
    return order


def _subscription(bench: Workbench, actor: Actor) -> SubscriptionId:
    with bench.ports.reading(actor.account_id) as reading:
        return reading.subscriptions.all()[0].id


def _now(bench: Workbench, order: Order) -> Order:
    with bench.ports.reading(order.account_id) as reading:
        return reading.orders.get(order.id)


def _told(bench: Workbench, actor: Actor, deed: Deed) -> Entry:
    with bench.ports.reading(actor.account_id) as reading:
        return next(each for each in reading.trail.page(limit=99) if each.deed is deed)


def _stopped(bench: Workbench, actor: Actor, project: ProjectId) -> object:
    return stop_renewal(ChangeRenewal(actor, project), bench.ports)


def test_whoever_may_buy_gives_up_the_payment_of_a_colleague_and_the_trail_says_who(
    bench: Workbench, owner: Actor, licensed: ProjectId, declined: Order
) -> None:
    blocked = refused(_stopped(bench, owner, licensed))

    given_up = give_up(owner, declined.id, bench.ports)

    assert blocked.about == declined.id
    assert isinstance(given_up, Order)
    assert given_up.state is OrderState.CLOSED
    told = _told(bench, owner, Deed.ORDER_CLOSED)
    assert (told.subject.id, told.by.name, told.by.via) == (declined.id, "Dana", Via.PAGE)
    assert isinstance(_stopped(bench, owner, licensed), RenewalChanged)


def test_who_may_not_buy_any_more_gives_up_nothing(
    bench: Workbench, owner: Actor, colleague: Actor, declined: Order
) -> None:
    _demoted(bench, owner, colleague)

    assert refused(give_up(colleague, declined.id, bench.ports)).reason is Reason.ROLE_TOO_LOW
    assert _now(bench, declined).state is OrderState.AWAITING_PAYMENT


@pytest.mark.usefixtures("licensed")
def test_a_colleagues_charge_that_may_be_under_way_is_not_given_up_and_is_called_theirs(
    bench: Workbench, owner: Actor, colleague: Actor
) -> None:
    pick(bench, colleague, SECOND, Module.PLANNER)
    with pytest.raises(Crash):
        check_out(
            accepting(colleague, offered(bench, colleague)),
            crashing(bench.ports, Barrier(Moment.BEFORE, "provider extend")),
        )
    with bench.ports.reading(owner.account_id) as reading:
        [order] = reading.orders.open()

    theirs, own = (refused(give_up(actor, order.id, bench.ports)) for actor in (owner, colleague))
    _removed(bench, owner, colleague)
    bench.work()
    at_once = _now(bench, order).state
    bench.work(timedelta(minutes=2))

    assert theirs.message.startswith("Ed's payment is being started")
    assert own.message.startswith("Your last payment is being started")
    assert at_once is OrderState.OPEN
    assert _now(bench, order).state is OrderState.CLOSED


@LOSES
def test_who_may_not_buy_any_more_leaves_no_addition_in_anybodys_way(  # noqa: PLR0917 - fixtures
    bench: Workbench, owner: Actor, colleague: Actor, licensed: ProjectId, declined: Order, loses: Loses
) -> None:
    loses(bench, owner, colleague)
    bench.work()

    assert _now(bench, declined).state is OrderState.CLOSED
    assert _told(bench, owner, Deed.ORDER_CLOSED).by.via is Via.WORKER
    assert isinstance(_stopped(bench, owner, licensed), RenewalChanged)


@LOSES
def test_the_pay_page_of_who_may_not_buy_any_more_cannot_be_paid(
    bench: Workbench, owner: Actor, colleague: Actor, loses: Loses
) -> None:
    pick(bench, colleague, FIRST, Module.PLANNER)
    begun = started(buy(bench, colleague))

    loses(bench, owner, colleague)
    bench.work()

    assert bench.payments.checkout(begun.checkout.id).state is CheckoutState.EXPIRED
    pick(bench, owner, FIRST, Module.PLANNER)
    assert started(buy(bench, owner)).order.state is OrderState.AWAITING_PAYMENT


def test_an_order_that_never_got_its_page_is_closed_with_its_buyer(
    bench: Workbench, owner: Actor, colleague: Actor
) -> None:
    pick(bench, colleague, FIRST, Module.PLANNER)
    with pytest.raises(Crash):
        check_out(
            accepting(colleague, offered(bench, colleague)),
            crashing(bench.ports, Barrier(Moment.BEFORE, "provider start_checkout")),
        )

    _removed(bench, owner, colleague)
    bench.work()

    with bench.ports.reading(owner.account_id) as reading:
        assert reading.orders.open() == ()


def test_a_payment_that_the_bank_confirms_stays_when_its_buyer_goes(
    bench: Workbench, owner: Actor, colleague: Actor
) -> None:
    pick(bench, colleague, FIRST, Module.PLANNER)
    begun = started(buy(bench, colleague))
    bench.payments.pay_by_bank(begun.checkout.id)
    settled(bench)

    _removed(bench, owner, colleague)
    bench.work()
    meanwhile = _now(bench, begun.order).state
    bench.payments.bank_answers(begun.checkout.id, paid=True)
    settled(bench)

    assert meanwhile is OrderState.PROCESSING
    assert _now(bench, begun.order).state is OrderState.FULFILLED


def test_what_was_paid_a_moment_before_its_buyer_went_is_fulfilled(
    bench: Workbench, owner: Actor, colleague: Actor
) -> None:
    pick(bench, colleague, FIRST, Module.PLANNER)
    begun = started(buy(bench, colleague))
    bench.payments.pay(begun.checkout.id)

    _removed(bench, owner, colleague)
    bench.work()

    assert _now(bench, begun.order).state is OrderState.FULFILLED


def test_another_role_that_may_buy_closes_nothing(
    bench: Workbench, owner: Actor, colleague: Actor, declined: Order
) -> None:
    change_role(About(owner, colleague.member_id), Role.ADMIN_WITH_BILLING, bench.ports)
    bench.work()

    assert _now(bench, declined).state is OrderState.AWAITING_PAYMENT


#: What is stored for a member, by name.
COMMANDS: dict[str, Callable[[Workbench, Actor], object]] = {
    "add_project": lambda bench, actor: add_project(actor, "Shed", bench.ports),
    "adopt_name": lambda bench, actor: adopt_name(actor, ProjectId("any"), bench.ports),
    "tick": lambda bench, actor: tick(actor, [Tick(SECOND, None, on=True)], bench.ports),
    "choose_target": lambda bench, actor: choose_target(actor, SECOND, NewProject(), bench.ports),
    "apply_paste": lambda bench, actor: apply_paste(
        actor, PasteList("TOTTENVILLE HS - STATEN ISLAND", (Module.PLANNER,)), bench.ports
    ),
}


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    ("role", "reason"), [(None, Reason.REMOVED), (Role.TEAM_MEMBER, Reason.ROLE_TOO_LOW)], ids=["removed", "demoted"]
)
def test_who_was_removed_or_demoted_while_their_request_was_under_way_changes_nothing(  # noqa: PLR0917 - fixtures
    bench: Workbench, owner: Actor, colleague: Actor, name: str, role: Role | None, reason: Reason
) -> None:
    about = About(owner, colleague.member_id)
    if role is None:
        remove_member(about, bench.ports)
    else:
        change_role(about, role, bench.ports)

    decision = COMMANDS[name](bench, colleague)

    assert isinstance(decision, Refused), decision
    assert decision.reason is reason
    with bench.ports.reading(owner.account_id) as reading:
        assert reading.projects.unlinked() == ()
        assert reading.drafts.get(colleague.member_id).rows == {}


def test_the_trail_names_what_was_granted_and_not_what_a_project_held_already(bench: Workbench, owner: Actor) -> None:
    order = _bought(bench, owner, FIRST, SECOND)
    _hold_already(bench, owner, FIRST)

    settled(bench)

    told = _told(bench, owner, Deed.LICENSES_GRANTED)
    assert told.subject.id == order.id
    assert told.detail("projects") == "FLUSHING HS - QUEENS (Planner)"


def test_an_order_of_which_nothing_could_be_granted_says_so(bench: Workbench, owner: Actor) -> None:
    _bought(bench, owner, FIRST)
    _hold_already(bench, owner, FIRST)

    settled(bench)

    assert _told(bench, owner, Deed.LICENSES_GRANTED).detail("projects") == "none, all of it was licensed already"


def _bought(bench: Workbench, owner: Actor, *projects: PlatformProjectId) -> Order:
    for each in projects:
        pick(bench, owner, each, Module.PLANNER)
    begun = started(buy(bench, owner))
    bench.payments.pay(begun.checkout.id)
    return begun.order


def _hold_already(bench: Workbench, owner: Actor, id: PlatformProjectId) -> None:
    """Let a project hold Planner through another subscription."""
    account = owner.account_id
    with bench.ports.transaction(account) as tx:
        tx.projects.put(some.project(account_id=account), replacing=0)
        tx.mappings.put(some.mapping(id, "tower", account_id=account), replacing=0)
        tx.licenses.put(some.license(account_id=account), replacing=0)
