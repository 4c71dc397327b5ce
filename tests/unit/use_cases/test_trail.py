"""
Every command that changes an account leaves exactly one entry, and a refused one leaves none (L-92).

The listing is generated from the use cases: a new one fails here until it has a case, or a reason to have none.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import timedelta

import attrs
import pytest

import smartapp_domain.use_cases
from smartapp_domain.access_tokens import LIFETIMES
from smartapp_domain.audit import Deed, Entry
from smartapp_domain.catalog import Module
from smartapp_domain.decisions import Refused
from smartapp_domain.identity import Actor, Member, Person, Role, Via
from smartapp_domain.ids import PlatformCompanyId, PlatformUserId, ProjectId, SubscriptionId
from smartapp_domain.invitations import Followed, Invitation
from smartapp_domain.ordering import Order
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.secret import hashed
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.add_project import add_project, adopt_name
from smartapp_domain.use_cases.apply_subscription import apply_subscription
from smartapp_domain.use_cases.change_renewal import ChangeRenewal, resume_renewal, stop_renewal
from smartapp_domain.use_cases.fulfill_order import fulfill_order
from smartapp_domain.use_cases.give_up import check_order, give_up
from smartapp_domain.use_cases.invite_people import (
    AboutInvitation,
    Invite,
    invite,
    renew_invitation,
    revoke_invitation,
)
from smartapp_domain.use_cases.manage_members import About, change_role, remove_member, transfer_ownership
from smartapp_domain.use_cases.open_card_page import open_card_page
from smartapp_domain.use_cases.own_access import (
    CreateToken,
    create_token,
    end_session,
    revoke_token,
    sign_out_everywhere,
)
from smartapp_domain.use_cases.refresh_projects import refresh_projects
from smartapp_domain.use_cases.settle_order import settle_order
from tests.unit.use_cases.journey import FIRST, buy, pick, started

NOON = some.NOON
DAY = timedelta(days=1)


@attrs.frozen
class Stage:
    """A company with an Owner, an Admin and a Team Member, all signed in."""

    bench: Workbench
    company: PlatformCompanyId
    dana: Actor
    lee: Actor
    luis: Actor

    def entries(self) -> tuple[Entry, ...]:
        with self.bench.ports.reading(self.dana.account_id) as reading:
            return reading.trail.page(limit=1000)

    def member(self, actor: Actor) -> Member:
        with self.bench.ports.reading(actor.account_id) as reading:
            return reading.members.get(actor.member_id)

    def person(self, actor: Actor) -> Person:
        with self.bench.ports.reading(OPERATOR) as reading:
            return reading.people.get(self.member(actor).person_id)

    def invited(self) -> Invitation:
        wish = Invite(self.dana, "sam@example.com", Role.ADMIN, "secret", NOON)
        invitation = invite(wish, self.bench.ports)
        assert isinstance(invitation, Invitation)
        return invitation

    def order(self) -> Order:
        pick(self.bench, self.dana, FIRST, Module.PLANNER)
        return started(buy(self.bench, self.dana)).order

    def paid(self) -> Order:
        order = self.order()
        assert order.checkout is not None
        self.bench.payments.pay(order.checkout.id)
        return order

    def licensed(self) -> tuple[ProjectId, SubscriptionId]:
        order = self.paid()
        settle_order(order.account_id, order.id, self.bench.ports)
        fulfill_order(order.account_id, order.id, self.bench.ports)
        with self.bench.ports.reading(order.account_id) as reading:
            [license] = reading.licenses.all()
        return license.project_id, license.subscription_id


@pytest.fixture
def stage(bench: Workbench) -> Stage:
    company = bench.company("77", "TOWER", "ANNEX")
    dana, lee = (bench.sign_in(bench.employ(company, name, admin=True), company) for name in ("dana", "lee"))
    return Stage(bench, company, dana, lee, bench.sign_in(bench.employ(company, "luis"), company))


#: Prepares the stage, and returns what to do as whom.
Case = Callable[[Stage], Callable[[Actor], object]]


def _adopt_name(stage: Stage) -> Callable[[Actor], object]:
    project_id, _ = stage.licensed()
    renamed = some.platform_project(FIRST, name="TOWER TWO")
    with stage.bench.ports.transaction(stage.dana.account_id) as tx:
        tx.platform_projects.replace_all([renamed])
    return lambda actor: adopt_name(actor, project_id, stage.bench.ports)


def _renewal(stage: Stage) -> Callable[[Actor], object]:
    project_id, _ = stage.licensed()
    return lambda actor: stop_renewal(ChangeRenewal(actor, project_id), stage.bench.ports)


def _resumed(stage: Stage) -> Callable[[Actor], object]:
    project_id, _ = stage.licensed()
    stop_renewal(ChangeRenewal(stage.dana, project_id), stage.bench.ports)
    return lambda actor: resume_renewal(ChangeRenewal(actor, project_id), stage.bench.ports)


def _invitation(stage: Stage, change: Callable[[AboutInvitation], object]) -> Callable[[Actor], object]:
    invitation = stage.invited()
    return lambda actor: change(AboutInvitation(actor, invitation.id))


def _check_out(stage: Stage) -> Callable[[Actor], object]:
    pick(stage.bench, stage.dana, FIRST, Module.PLANNER)
    return lambda actor: buy(stage.bench, actor)


def _give_up(stage: Stage) -> Callable[[Actor], object]:
    order = stage.order()
    return lambda actor: give_up(actor, order.id, stage.bench.ports)


def _token(actor: Actor, stage: Stage) -> object:
    return create_token(CreateToken(actor, "CI", Role.TEAM_MEMBER, LIFETIMES[0], "sac_x", NOON), stage.bench.ports)


def _revoked(stage: Stage) -> Callable[[Actor], object]:
    token = _token(stage.dana, stage)
    return lambda actor: revoke_token(actor, token.id, stage.bench.ports)  # type: ignore[attr-defined]


def _card_page(stage: Stage) -> Callable[[Actor], object]:
    stage.licensed()
    return lambda actor: open_card_page(actor, "https://here.test", stage.bench.ports)


#: Commands of members, each with the one entry it leaves. All but one's own access are refused to a Team Member.
BY_MEMBERS: dict[str, tuple[Deed, Case]] = {
    "add_project": (Deed.PROJECT_ADDED, lambda s: lambda a: add_project(a, "Shed", s.bench.ports)),
    "adopt_name": (Deed.PROJECT_RENAMED, _adopt_name),
    "change_role": (
        Deed.ROLE_CHANGED,
        lambda s: lambda a: change_role(About(a, s.lee.member_id), Role.SUPER_ADMIN, s.bench.ports),
    ),
    "transfer_ownership": (
        Deed.OWNERSHIP_TRANSFERRED,
        lambda s: lambda a: transfer_ownership(About(a, s.lee.member_id), s.bench.ports),
    ),
    "remove_member": (
        Deed.MEMBER_REMOVED,
        lambda s: lambda a: remove_member(About(a, s.lee.member_id), s.bench.ports),
    ),
    "invite": (
        Deed.MEMBER_INVITED,
        lambda s: lambda a: invite(Invite(a, "sam@example.com", Role.ADMIN, "secret", NOON), s.bench.ports),
    ),
    "renew_invitation": (
        Deed.INVITATION_RENEWED,
        lambda s: _invitation(s, lambda wish: renew_invitation(wish, "other", s.bench.ports, at=NOON)),
    ),
    "revoke_invitation": (
        Deed.INVITATION_REVOKED,
        lambda s: _invitation(s, lambda wish: revoke_invitation(wish, s.bench.ports)),
    ),
    "check_out": (Deed.ORDER_PLACED, _check_out),
    "give_up": (Deed.ORDER_CLOSED, _give_up),
    "stop_renewal": (Deed.RENEWAL_STOPPED, _renewal),
    "resume_renewal": (Deed.RENEWAL_RESUMED, _resumed),
    "open_card_page": (Deed.CARD_PAGE_OPENED, _card_page),
}
OWN: dict[str, tuple[Deed, Case]] = {
    "create_token": (Deed.TOKEN_CREATED, lambda s: lambda a: _token(a, s)),
    "revoke_token": (Deed.TOKEN_REVOKED, _revoked),
}


def _session(stage: Stage) -> None:
    person = stage.person(stage.dana)
    with stage.bench.ports.transaction(OPERATOR) as tx:
        tx.sessions.put(some.session(person_id=person.id, account_id=stage.dana.account_id, device="Chrome on Linux"))


def _end_session(stage: Stage) -> None:
    with stage.bench.ports.reading(OPERATOR) as reading:
        session = reading.sessions.get("session")
    assert session is not None
    end_session(stage.person(stage.dana), session, stage.bench.ports)


def _everywhere(stage: Stage) -> None:
    sign_out_everywhere(stage.person(stage.dana), None, stage.bench.ports, tokens=False, at=NOON)


def _removed_app(stage: Stage) -> None:
    stage.bench.world.uninstall(stage.company, Module.SAFETY)
    refresh_projects(stage.dana.account_id, stage.bench.ports)


def _payment_fails(stage: Stage) -> None:
    _, subscription_id = _subscribed(stage)
    stage.bench.clock.move(31 * DAY)
    stage.bench.payments.renew(subscription_id, succeeds=False)
    apply_subscription(stage.dana.account_id, subscription_id, stage.bench.ports)


def test_what_the_payment_changed_is_told_with_its_projects_and_what_time_changed_alone_too(stage: Stage) -> None:
    bench = stage.bench
    stage.licensed()
    _, subscription_id = _subscribed(stage)

    def told() -> list[tuple[str | None, str | None]]:
        entries = [each for each in stage.entries() if each.deed is Deed.LICENSES_CHANGED]
        assert all(each.detail("projects") for each in entries)
        return [(each.detail("was"), each.detail("now")) for each in reversed(entries)]

    _payment_fails(stage)

    assert told() == [("active", "grace")]
    bench.clock.move(30 * DAY)
    apply_subscription(stage.dana.account_id, subscription_id, bench.ports)
    assert told() == [("active", "grace"), ("grace", "suspended")]
    apply_subscription(stage.dana.account_id, subscription_id, bench.ports)
    assert len(told()) == 2


def _subscribed(stage: Stage) -> tuple[ProjectId, SubscriptionId]:
    with stage.bench.ports.reading(stage.dana.account_id) as reading:
        [license] = reading.licenses.all()
    return license.project_id, license.subscription_id


def _newest(stage: Stage) -> Order:
    with stage.bench.ports.reading(stage.dana.account_id) as reading:
        return reading.orders.open()[-1]


def _leaver_orders(stage: Stage) -> None:
    change_role(About(stage.dana, stage.lee.member_id), Role.OWNER, stage.bench.ports)
    pick(stage.bench, attrs.evolve(stage.lee, role=Role.OWNER), FIRST, Module.PLANNER)
    started(buy(stage.bench, attrs.evolve(stage.lee, role=Role.OWNER)))
    remove_member(About(stage.dana, stage.lee.member_id), stage.bench.ports)


#: What people do outside an account's rights, the platform, the provider and workers: (prepare, do, the entry).
BY_OTHERS: dict[str, tuple[Callable[[Stage], object], Callable[[Stage], object], Deed]] = {
    "enter_company": (
        lambda s: s.bench.employ(s.company, "zoe"),
        lambda s: s.bench.arrive(PlatformUserId("zoe"), s.company),
        Deed.MEMBER_JOINED,
    ),
    "end_session": (_session, _end_session, Deed.SIGNED_OUT),
    "sign_out_everywhere": (_session, _everywhere, Deed.SIGNED_OUT),
    "refresh_projects": (lambda _: None, _removed_app, Deed.APP_REMOVED),
    "settle_order": (
        lambda s: s.paid(),
        lambda s: settle_order(s.dana.account_id, _newest(s).id, s.bench.ports),
        Deed.ORDER_PAID,
    ),
    "check_order": (
        _leaver_orders,
        lambda s: check_order(s.dana.account_id, _newest(s).id, s.bench.ports),
        Deed.ORDER_CLOSED,
    ),
    "fulfill_order": (
        lambda s: settle_order(s.dana.account_id, s.paid().id, s.bench.ports),
        lambda s: fulfill_order(s.dana.account_id, _newest(s).id, s.bench.ports),
        Deed.LICENSES_GRANTED,
    ),
    "apply_subscription": (lambda s: s.licensed(), _payment_fails, Deed.LICENSES_CHANGED),
}

#: Public functions that reach the ports and leave no entry of their own, each with its reason.
SILENT = {
    "identify": "knows a person, and no account yet",
    "join_account": "is the inside of enter_company",
    "request_refresh": "only asks; what it finds is told by refresh_projects",
    "look_now": "only asks; what it finds is told by refresh_projects",
    "look_if_old": "only asks; what it finds is told by refresh_projects",
    "tick": "drafts are one's own",
    "save_rows": "drafts are one's own",
    "plan_paste": "looks only",
    "apply_paste": "drafts are one's own",
    "choose_target": "drafts are one's own",
    "review": "only looks",
    "review_in": "only looks",
    "make_offer": "only looks",
    "pending_invitations": "only looks",
    "invitation_behind": "only looks",
    "payment_of": "only looks",
    "own_orders": "only looks",
    "give_up_older": "is the inside of check_out, and tells what give_up tells",
    "close_payment": "is the inside of give_up",
    "drop_order": "is the inside of settle_order, give_up and check_out",
    "store_payment": "is the inside of settle_order, give_up and check_out",
    "end_unpaid": "carries out at the provider that an order was closed, which settle_order told",
    "report_closed_but_paid": "is about a job",
    "collect_again": "has collected what a payment brought back; apply_subscription tells what that changes",
    "tell_renewal": "carries out what stop_renewal and resume_renewal told; what the provider moved is told",
    "stuck_orders": "only looks",
    "check_renewal": "only looks, and tells people",
    "receive_billing_event": "stores a notice, which belongs to no account yet",
    "receive_billing_events": "stores notices, which belong to no account yet",
    "handle_billing_event": "leads to settle_order and apply_subscription",
    "run_job": "leads to the use case of the job",
    "hand_back": "is about a job",
    "keep_pulse": "is about a job",
    "beat_again": "is about a job",
    "soon": "is about a job",
    "for_people": "is about a job",
    "fenced": "is about a job",
    "begin": "is about an answer kept for a repeated request",
    "keep": "is about an answer kept for a repeated request",
    "forget_old": "is about answers kept for repeated requests",
    "note": "is the trail",
    "note_placed": "is the trail",
    "note_moved": "is the trail",
    "note_granted": "is the trail",
    "note_settled": "is the trail",
}


def _use_cases() -> Iterator[str]:
    for module_info in pkgutil.iter_modules(smartapp_domain.use_cases.__path__):
        module = importlib.import_module(f"smartapp_domain.use_cases.{module_info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__ == module.__name__ and not name.startswith("_")
            if own and "ports" in inspect.signature(function).parameters:
                yield name


def test_every_use_case_says_what_it_tells_the_trail() -> None:
    assert set(_use_cases()) == {*BY_MEMBERS, *OWN, *BY_OTHERS, *SILENT}


@pytest.mark.parametrize("name", [*BY_MEMBERS, *OWN])
def test_a_command_leaves_exactly_one_entry(stage: Stage, name: str) -> None:
    deed, case = (BY_MEMBERS | OWN)[name]
    do = case(stage)
    before = stage.entries()

    decision = do(attrs.evolve(stage.dana, via=Via.API))

    assert not isinstance(decision, Refused), decision
    [entry] = set(stage.entries()) - set(before)
    assert entry.deed is deed
    assert (entry.by.name, entry.by.via, entry.by.member_id) == ("Dana", Via.API, stage.dana.member_id)


@pytest.mark.parametrize("name", BY_MEMBERS)
def test_a_refused_command_leaves_no_entry(stage: Stage, name: str) -> None:
    do = BY_MEMBERS[name][1](stage)
    before = stage.entries()

    decision = do(stage.luis)

    assert isinstance(decision, Refused)
    assert stage.entries() == before


@pytest.mark.parametrize("name", BY_OTHERS)
def test_what_others_do_leaves_exactly_one_entry_too(stage: Stage, name: str) -> None:
    prepare, do, deed = BY_OTHERS[name]
    prepare(stage)
    before = stage.entries()

    do(stage)

    [entry] = set(stage.entries()) - set(before)
    assert entry.deed is deed


@pytest.mark.parametrize("name", [*BY_MEMBERS, *OWN])
def test_a_token_is_named_beside_its_member(stage: Stage, name: str) -> None:
    do = (BY_MEMBERS | OWN)[name][1](stage)
    before = stage.entries()

    do(attrs.evolve(stage.dana, via=Via.TOKEN, token="Nightly"))

    [entry] = set(stage.entries()) - set(before)
    assert (entry.by.via, entry.by.token, entry.by.name) == (Via.TOKEN, "Nightly", "Dana")


def test_signing_in_again_is_told_as_such(stage: Stage) -> None:
    before = stage.entries()

    stage.bench.sign_in(PlatformUserId("dana"), stage.company)

    [entry] = set(stage.entries()) - set(before)
    assert entry.deed is Deed.SIGNED_IN


def test_becoming_the_missing_owner_is_told_as_a_change_of_role(bench: Workbench) -> None:
    company = bench.company("77", "TOWER")
    flo = bench.employ(company, "flo")
    actor = bench.sign_in(flo, company)
    bench.world.join(flo, company, admin=True)

    bench.sign_in(flo, company)

    with bench.ports.reading(actor.account_id) as reading:
        [risen] = [each for each in reading.trail.page(limit=9) if each.deed is Deed.ROLE_CHANGED]
    assert (risen.by.name, risen.subject.name) == ("Flo", "Flo")
    assert (risen.detail("from"), risen.detail("to")) == ("Team Member", "Owner")


def test_an_accepted_invitation_is_told_by_whom_it_was_for(stage: Stage) -> None:
    zoe = stage.bench.employ(stage.company, "zoe")
    invite(Invite(stage.dana, "zoe@example.com", Role.SUPER_ADMIN, "secret", NOON), stage.bench.ports)
    before = stage.entries()

    stage.bench.arrive(zoe, stage.company, followed=Followed(hashed("secret"), NOON))

    [entry] = set(stage.entries()) - set(before)
    assert (entry.deed, entry.by.name, entry.detail("how")) == (Deed.MEMBER_JOINED, "Zoe", "by invitation")


def test_licenses_are_the_buyers_doing_carried_out_by_a_worker(stage: Stage) -> None:
    stage.licensed()

    entry = next(each for each in stage.entries() if each.deed is Deed.LICENSES_GRANTED)
    assert (entry.by.name, entry.by.via) == ("Dana", Via.WORKER)
    assert entry.detail("projects") == "TOWER (Planner)"


def test_names_stay_as_they_were_then(stage: Stage) -> None:
    change_role(About(stage.dana, stage.lee.member_id), Role.SUPER_ADMIN, stage.bench.ports)
    stage.bench.world.add_person("lee", "Lee Whitfield", "lee@example.com")

    stage.bench.arrive(PlatformUserId("lee"), stage.company)

    told = next(each for each in stage.entries() if each.deed is Deed.ROLE_CHANGED)
    assert told.subject.name == "Lee"
