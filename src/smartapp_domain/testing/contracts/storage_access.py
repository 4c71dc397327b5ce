"""Invitations, access tokens, the sessions of a person, and the audit trail."""

from datetime import timedelta

import attrs
import pytest

from smartapp_domain.audit import Deed, Entry, Place
from smartapp_domain.catalog import Module
from smartapp_domain.ids import EntryId, InvitationId, MemberId, PersonId, TokenId
from smartapp_domain.ports.platform import PersonGrant
from smartapp_domain.ports.storage import OPERATOR, NotFound, Stale, Storage, Taken, Transaction
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.contracts.storage_bench import ACME, GLOBEX, StorageBench

MINUTE = timedelta(minutes=1)
PAT = MemberId("pat")
FRESH, LATE = "hash of a fresh one", "hash of a late one"


def _note_and_fail(tx: Transaction) -> None:
    tx.trail.add(some.entry())
    raise ZeroDivisionError


class InvitationContract(StorageBench):
    def test_an_invitation_is_found_by_id_mail_and_secret(self, opened: Storage) -> None:
        mine = some.invitation("sam")

        with opened.transaction(ACME) as tx:
            tx.invitations.put(mine, replacing=0)

        with opened.reading(ACME) as reading:
            found = reading.invitations
            assert found.get(mine.id) == found.of_email("sam@example.com") == found.of_secret("hash of sam") == mine
            assert found.of_email("zoe@example.com") is None
            assert found.of_secret("hash of zoe") is None
            with pytest.raises(NotFound):
                found.get(InvitationId("zoe"))

    def test_a_secret_leads_to_its_account(self, opened: Storage) -> None:
        with opened.transaction(GLOBEX) as tx:
            tx.invitations.put(some.invitation("sam", "globex"), replacing=0)

        with opened.reading(OPERATOR) as reading:
            assert reading.accounts.of_invitation("hash of sam") == GLOBEX
            assert reading.accounts.of_invitation("hash of zoe") is None

    def test_an_address_is_invited_once(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.invitations.put(some.invitation("sam"), replacing=0)
            with pytest.raises(Taken):
                tx.invitations.put(some.invitation("other", email="sam@example.com"), replacing=0)
            tx.invitations.put(some.invitation("ann"), replacing=0)

            assert [each.id for each in tx.invitations.all()] == ["ann", "sam"]

    def test_a_late_renewal_is_told(self, opened: Storage) -> None:
        renewed = some.invitation("sam", secret_hash=FRESH, version=2)

        with opened.transaction(ACME) as tx:
            tx.invitations.put(some.invitation("sam"), replacing=0)
            tx.invitations.put(renewed, replacing=1)
            with pytest.raises(Stale):
                tx.invitations.put(some.invitation("sam", secret_hash=LATE, version=2), replacing=1)

        with opened.reading(ACME) as reading:
            assert reading.invitations.all() == (renewed,)

    def test_only_the_version_that_was_seen_is_dropped(self, opened: Storage) -> None:
        old, new = some.invitation("sam"), some.invitation("sam", version=2)

        with opened.transaction(ACME) as tx:
            tx.invitations.put(old, replacing=0)
            tx.invitations.put(new, replacing=1)
            with pytest.raises(Stale):
                tx.invitations.drop(old)
            tx.invitations.drop(new)
            with pytest.raises(Stale):
                tx.invitations.drop(new)

            assert tx.invitations.all() == ()


class AccessTokenContract(StorageBench):
    def test_a_members_tokens_are_listed_newest_first(self, opened: Storage) -> None:
        old, new = some.access_token("old"), some.access_token("new", created_at=some.NOON + MINUTE)

        with opened.transaction(ACME) as tx:
            tx.access_tokens.add(old, "hash of old")
            tx.access_tokens.add(new, "hash of new")
            tx.access_tokens.add(some.access_token("sams", member_id=MemberId("sam")), "hash of sams")

        with opened.reading(ACME) as reading:
            assert reading.access_tokens.of_member(PAT) == (new, old)

    def test_a_secret_leads_to_whom_it_stands_for(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.access_tokens.add(some.access_token(), "hash")

        with opened.reading(OPERATOR) as reading:
            bearer = reading.accounts.of_token("hash")
            assert reading.accounts.of_token("another") is None
        assert bearer is not None
        assert (bearer.token, bearer.account) == (some.access_token(), some.account())
        assert (bearer.member, bearer.person) == (some.member(), some.person())

    def test_the_token_of_a_removed_member_stands_for_nobody(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.access_tokens.add(some.access_token(), "hash")
            tx.members.put(some.member(removed_at=some.NOON, version=2), replacing=1)

        with opened.reading(OPERATOR) as reading:
            assert reading.accounts.of_token("hash") is None

    def test_a_token_is_dropped_by_its_owner_only(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.access_tokens.add(some.access_token(), "hash")
            for owner, id in ((MemberId("sam"), "token"), (PAT, "unknown")):
                with pytest.raises(NotFound):
                    tx.access_tokens.drop(owner, TokenId(id))
            tx.access_tokens.drop(PAT, TokenId("token"))

            assert tx.access_tokens.of_member(PAT) == ()

    def test_all_of_a_members_tokens_can_be_dropped(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.access_tokens.add(some.access_token("a"), "1")
            tx.access_tokens.add(some.access_token("b"), "2")
            tx.access_tokens.add(some.access_token("c", member_id=MemberId("sam")), "3")

            assert tx.access_tokens.drop_of_member(PAT) == 2
            assert tx.access_tokens.drop_of_member(PAT) == 0
            assert len(tx.access_tokens.of_member(MemberId("sam"))) == 1

    def test_the_last_use_is_noted(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.access_tokens.add(some.access_token(), "hash")
            tx.access_tokens.used(TokenId("token"), some.NOON)
            tx.access_tokens.used(TokenId("unknown"), some.NOON)

            assert tx.access_tokens.of_member(PAT)[0].used_at == some.NOON

    def test_an_id_is_given_once(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.access_tokens.add(some.access_token(), "hash")
            with pytest.raises(Taken):
                tx.access_tokens.add(some.access_token(name="Other"), "other")


class SessionsOfPersonContract(StorageBench):
    def test_a_persons_sessions_are_listed_newest_first_without_grants(self, opened: Storage) -> None:
        grant = PersonGrant(Module.PLANNER, "access", some.NOON)
        old = some.session("old", person_id=PersonId("pat"), started_at=some.NOON, device="Chrome on Windows")
        new = some.session("new", person_id=PersonId("pat"), expires_at=old.expires_at + MINUTE)

        with opened.transaction(OPERATOR) as tx:
            tx.sessions.put(old)
            tx.sessions.put(attrs.evolve(new, grant=grant))
            tx.sessions.put(some.session("sams", person_id=PersonId("sam")))
            tx.sessions.put(some.session("nobodys"))

        with opened.reading(OPERATOR) as reading:
            assert reading.sessions.of_person(PersonId("pat")) == (new, old)

    def test_sessions_end_everywhere_but_here(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            for id in ("here", "there", "elsewhere"):
                tx.sessions.put(some.session(id, person_id=PersonId("pat")))
            tx.sessions.put(some.session("sams", person_id=PersonId("sam")))

            assert tx.sessions.drop_of_person(PersonId("pat"), keep="here") == 2
            assert [each.id for each in tx.sessions.of_person(PersonId("pat"))] == ["here"]
            assert tx.sessions.get("sams") is not None

    def test_sessions_in_one_account_end_alone(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.sessions.put(some.session("acme", person_id=PersonId("pat"), account_id=ACME))
            tx.sessions.put(some.session("globex", person_id=PersonId("pat"), account_id=GLOBEX))

            assert tx.sessions.drop_of_person(PersonId("pat"), account_id=ACME) == 1
            assert [each.id for each in tx.sessions.of_person(PersonId("pat"))] == ["globex"]

    def test_a_sign_of_life_touches_nothing_else(self, opened: Storage) -> None:
        session = some.session(person_id=PersonId("pat"), next_path="/projects")

        with opened.transaction(OPERATOR) as tx:
            tx.sessions.put(session)
            tx.sessions.seen("session", some.NOON)
            tx.sessions.seen("never-was", some.NOON)

        with opened.reading(OPERATOR) as reading:
            stored = reading.sessions.get("session")
            assert stored == session
            assert stored is not None
            assert stored.seen_at == some.NOON


class TrailContract(StorageBench):
    def test_an_entry_comes_back_whole(self, opened: Storage) -> None:
        by_nobody = some.entry("machine", member_id=None, at=some.NOON + MINUTE, details=())

        with opened.transaction(ACME) as tx:
            tx.trail.add(some.entry())
            tx.trail.add(by_nobody)

        with opened.reading(ACME) as reading:
            assert reading.trail.page(limit=5) == (by_nobody, some.entry())

    def test_an_entry_goes_with_the_change_it_tells_of(self, opened: Storage) -> None:
        with pytest.raises(ZeroDivisionError), opened.transaction(ACME) as tx:
            _note_and_fail(tx)

        with opened.reading(ACME) as reading:
            assert reading.trail.page(limit=5) == ()

    def test_a_change_of_the_operators_rows_leaves_its_entry_too(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.trail.add(some.entry())

        with opened.reading(ACME) as reading:
            assert reading.trail.page(limit=5) == (some.entry(),)

    def test_an_entry_is_never_written_over(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.trail.add(some.entry())
            with pytest.raises(Taken):
                tx.trail.add(some.entry(deed=Deed.SIGNED_IN))

        with opened.reading(ACME) as reading:
            assert reading.trail.page(limit=5) == (some.entry(),)

    def test_pages_follow_each_other_without_a_gap_even_at_one_moment(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            for number in range(7):
                tx.trail.add(some.entry(f"e{number}", at=some.NOON + MINUTE * (number // 3)))

        seen: list[Entry] = []
        while page := self._page(opened, after=Place(seen[-1].at, seen[-1].id) if seen else None):
            seen += page

        assert [entry.id for entry in seen] == ["e6", "e5", "e4", "e3", "e2", "e1", "e0"]

    def _page(self, storage: Storage, after: Place | None) -> tuple[Entry, ...]:
        with storage.reading(ACME) as reading:
            return reading.trail.page(limit=2, after=after)

    def test_the_trail_is_narrowed_by_deed_and_by_member(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.trail.add(some.entry("a", deed=Deed.SIGNED_IN))
            tx.trail.add(some.entry("b", member_id="sam"))
            tx.trail.add(some.entry("c", member_id=None, deed=Deed.APP_REMOVED))

        with opened.reading(ACME) as reading:
            trail = reading.trail
            assert [e.id for e in trail.page(limit=5, deeds=[Deed.SIGNED_IN, Deed.APP_REMOVED])] == ["c", "a"]
            assert [e.id for e in trail.page(limit=5, member_id=PAT)] == ["a"]
            assert trail.page(limit=5, deeds=iter([Deed.SIGNED_IN]), member_id=MemberId("sam")) == ()
            assert trail.page(limit=5, after=Place(some.NOON, EntryId("a"))) == ()
