"""Accounts, people, sessions, members and billing profiles."""

from datetime import timedelta

import attrs
import pytest

from smartapp_domain.catalog import Module
from smartapp_domain.identity import Environment, Role
from smartapp_domain.ids import AccountId, CustomerId, MemberId, PersonId, PlatformUserId, ProfileId
from smartapp_domain.ports.platform import PersonGrant
from smartapp_domain.ports.storage import OPERATOR, NotFound, Stale, Storage, Taken
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.contracts.storage_bench import ACME, GLOBEX, StorageBench


class AccountContract(StorageBench):
    def test_an_account_is_found_by_its_company(self, opened: Storage) -> None:
        sandbox = attrs.evolve(some.account().company, environment=Environment.SANDBOX)

        with opened.reading(OPERATOR) as reading:
            assert reading.accounts.of_company(some.account().company) == some.account()
            assert reading.accounts.of_company(sandbox) is None

    def test_a_company_has_one_account(self, opened: Storage) -> None:
        twin = some.account("twin", company=some.account().company)

        with opened.transaction(OPERATOR) as tx:
            with pytest.raises(Taken):
                tx.accounts.add(twin)
            tx.accounts.add(some.account("initech"))  # the transaction is still good

        with opened.reading(OPERATOR) as reading:
            assert reading.accounts.of_company(twin.company) == some.account()
            assert reading.accounts.get(AccountId("initech")).name == "Initech"

    def test_an_account_may_look_at_itself(self, opened: Storage) -> None:
        with opened.reading(ACME) as reading:
            assert reading.accounts.get(ACME) == some.account()

    def test_a_persons_memberships_are_listed_by_account_name(self, opened: Storage) -> None:
        with opened.transaction(GLOBEX) as tx:
            tx.members.put(some.member("pat-there", "globex", person_id=PersonId("pat")), replacing=0)

        with opened.reading(OPERATOR) as reading:
            found = reading.accounts.of_person(PersonId("pat"))

        assert [(account.id, member.id) for account, member in found] == [("acme", "pat"), ("globex", "pat-there")]

    def test_orders_and_subscriptions_lead_to_their_account(self, opened: Storage) -> None:
        with opened.transaction(GLOBEX) as tx:
            tx.orders.put(some.order(account_id="globex"), replacing=0)
            tx.subscriptions.put(some.subscription(), replacing=None)

        with opened.reading(OPERATOR) as reading:
            assert reading.accounts.of_order(some.order().id) == GLOBEX
            assert reading.accounts.of_order(some.order("order-2").id) is None
            assert reading.accounts.of_subscription(some.subscription().id) == GLOBEX
            assert reading.accounts.of_subscription(some.subscription("other").id) is None


class PersonContract(StorageBench):
    def test_a_person_is_found_by_platform_user(self, opened: Storage) -> None:
        with opened.reading(OPERATOR) as reading:
            people = reading.people
            assert people.of_platform_user("procore", Environment.PRODUCTION, PlatformUserId("user-pat")) == (
                some.person()
            )
            assert people.of_platform_user("procore", Environment.SANDBOX, PlatformUserId("user-pat")) is None

    def test_name_and_mail_follow_the_platform(self, opened: Storage) -> None:
        renamed = some.person(name="Patricia", email="patricia@example.com")

        with opened.transaction(OPERATOR) as tx:
            tx.people.put(renamed)

        with opened.reading(OPERATOR) as reading:
            assert reading.people.get(PersonId("pat")) == renamed

    def test_a_platform_user_is_one_person(self, opened: Storage) -> None:
        twin = some.person("twin", platform_user_id=some.person().platform_user_id)

        with opened.transaction(OPERATOR) as tx, pytest.raises(Taken):
            tx.people.put(twin)

    def test_an_unknown_person_is_not_found(self, opened: Storage) -> None:
        with opened.reading(OPERATOR) as reading, pytest.raises(NotFound):
            reading.people.get(PersonId("nobody"))


class SessionContract(StorageBench):
    def test_a_session_comes_back_whole(self, opened: Storage) -> None:
        grant = PersonGrant(Module.PLANNER, "access", some.NOON, "refresh")
        session = some.session(
            person_id=PersonId("pat"),
            account_id=ACME,
            state="state",
            app="planner",
            grant=grant,
            companies=(("1", "Acme"), ("2", "Globex")),
            next_path="/projects",
        )

        with opened.transaction(OPERATOR) as tx:
            tx.sessions.put(session)

        with opened.reading(OPERATOR) as reading:
            assert reading.sessions.get("session") == session
            assert reading.sessions.get("another") is None

    def test_a_session_is_replaced_and_its_grant_forgotten(self, opened: Storage) -> None:
        grant = PersonGrant(Module.PLANNER, "access", some.NOON)
        with opened.transaction(OPERATOR) as tx:
            tx.sessions.put(some.session(grant=grant))
            tx.sessions.replace(some.session(account_id=ACME))

        with opened.reading(OPERATOR) as reading:
            assert reading.sessions.get("session") == some.session(account_id=ACME)

    def test_a_session_that_ended_meanwhile_is_not_brought_back(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.sessions.put(some.session())
            tx.sessions.drop("session")
            with pytest.raises(NotFound):
                tx.sessions.replace(some.session(account_id=ACME))

        with opened.reading(OPERATOR) as reading:
            assert reading.sessions.get("session") is None

    def test_a_session_is_opened_once(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.sessions.put(some.session())
            with pytest.raises(Taken):
                tx.sessions.put(some.session(account_id=ACME))

        with opened.reading(OPERATOR) as reading:
            assert reading.sessions.get("session") == some.session()

    def test_a_dropped_session_is_gone(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.sessions.put(some.session())
            tx.sessions.drop("session")
            tx.sessions.drop("never-was")

        with opened.reading(OPERATOR) as reading:
            assert reading.sessions.get("session") is None

    def test_only_expired_sessions_are_swept(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.sessions.put(some.session("old", expires_at=some.NOON))
            tx.sessions.put(some.session("young", expires_at=some.NOON + timedelta(seconds=1)))

            assert tx.sessions.drop_expired(some.NOON) == 1

        with opened.reading(OPERATOR) as reading:
            assert reading.sessions.get("old") is None
            assert reading.sessions.get("young") is not None


class MemberContract(StorageBench):
    def test_members_are_listed_by_name(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.members.put(some.member("zoe", name="Ann"), replacing=0)
            tx.members.put(some.member("ann", name="Zoe"), replacing=0)

        with opened.reading(ACME) as reading:
            assert [member.name for member in reading.members.all()] == ["Ann", "Pat", "Zoe"]

    def test_a_changed_role_replaces_the_version_it_was_made_from(self, opened: Storage) -> None:
        admin = some.member(role=Role.ADMIN, version=2)

        with opened.transaction(ACME) as tx:
            tx.members.put(admin, replacing=1)
            with pytest.raises(Stale):
                tx.members.put(some.member(role=Role.OWNER, version=2), replacing=1)

        with opened.reading(ACME) as reading:
            assert reading.members.get(MemberId("pat")) == admin
            assert reading.members.of_person(PersonId("pat")) == admin
            assert reading.members.of_person(PersonId("sam")) is None

    def test_a_person_joins_an_account_once(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx, pytest.raises(Taken):
            tx.members.put(some.member("twin", person_id=PersonId("pat")), replacing=0)

    def test_a_new_member_cannot_take_the_place_of_one(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx, pytest.raises(Stale):
            tx.members.put(some.member("pat", person_id=PersonId("sam")), replacing=0)

    def test_an_unknown_member_cannot_be_replaced(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx, pytest.raises(Stale):
            tx.members.put(some.member("sam", version=2), replacing=1)

    def test_a_version_that_does_not_rise_is_refused(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx, pytest.raises(Stale):
            tx.members.put(some.member(role=Role.ADMIN, version=1), replacing=1)

    def test_a_removed_member_is_listed_apart_and_found_by_person(self, opened: Storage) -> None:
        gone = some.member(removed_at=some.NOON, version=2)

        with opened.transaction(ACME) as tx:
            tx.members.put(some.member("sam"), replacing=0)
            tx.members.put(gone, replacing=1)

        with opened.reading(ACME) as reading:
            assert reading.members.all() == (some.member("sam"),)
            assert reading.members.former() == (gone,)
            assert reading.members.of_person(PersonId("pat")) == gone
            assert reading.members.get(gone.id) == gone
        with opened.reading(OPERATOR) as reading:
            assert reading.accounts.of_person(PersonId("pat")) == ()

    def test_a_sign_of_life_is_noted_beside_every_change(self, opened: Storage) -> None:
        later = some.NOON + timedelta(minutes=5)

        with opened.transaction(ACME) as tx:
            read_before = tx.members.get(MemberId("pat"))
            tx.members.seen(MemberId("pat"), later)
            tx.members.seen(MemberId("nobody"), later)
            tx.members.put(attrs.evolve(read_before, role=Role.ADMIN, version=2), replacing=1)

        with opened.reading(ACME) as reading:
            assert reading.members.get(MemberId("pat")).seen_at == later


class ProfileContract(StorageBench):
    def test_the_first_profile_is_the_default_and_stays_it(self, opened: Storage) -> None:
        first, second = some.profile("zz"), some.profile("aa")
        known = attrs.evolve(first, customer_id=CustomerId("customer-1"), version=2)

        with opened.transaction(ACME) as tx:
            assert tx.profiles.default() is None
            tx.profiles.put(first, replacing=0)
            tx.profiles.put(second, replacing=0)
            tx.profiles.put(known, replacing=1)

        with opened.reading(ACME) as reading:
            assert reading.profiles.default() == known
            assert reading.profiles.get(ProfileId("aa")) == second

    def test_a_late_change_of_a_profile_is_stale(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.profiles.put(some.profile(), replacing=0)
            with pytest.raises(Stale):
                tx.profiles.put(some.profile(name="Other", version=3), replacing=2)
            assert tx.profiles.default() == some.profile()
