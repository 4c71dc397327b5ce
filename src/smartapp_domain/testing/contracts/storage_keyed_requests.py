"""Requests with an idempotency key: each member's own, stored by compare-and-set, forgotten in time."""

from datetime import timedelta

import attrs
import pytest

from smartapp_domain.idempotency import KEPT_FOR, LEASE, KeptAnswer, KeyedRequest, RequestKey
from smartapp_domain.ids import MemberId
from smartapp_domain.ports.storage import OPERATOR, OutOfScope, Stale, Storage
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.contracts.storage_bench import ACME, GLOBEX, StorageBench

KEY = RequestKey(MemberId("pat"), "POST /api/v1/central/projects", "a key ☃")
CLAIMED = KeyedRequest(KEY, "0f", "seed", some.NOON, some.NOON + LEASE)
ANSWER = KeptAnswer(201, "application/json", b'{"id": "\x00\xff"}')
OTHERS = [
    attrs.evolve(KEY, member_id=MemberId("sam")),
    attrs.evolve(KEY, route="PUT /api/v1/ticks"),
    attrs.evolve(KEY, text="A key ☃"),
]


class KeyedRequestContract(StorageBench):
    def test_a_request_is_found_under_exactly_its_key(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.keyed_requests.put(CLAIMED, replacing=0)

        with opened.reading(ACME) as reading:
            assert reading.keyed_requests.get(KEY) == CLAIMED
            assert [reading.keyed_requests.get(other) for other in OTHERS] == [None, None, None]
        with opened.reading(GLOBEX) as reading:
            assert reading.keyed_requests.get(KEY) is None

    def test_the_same_key_of_somebody_else_is_another_request(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            for key in (KEY, *OTHERS):
                tx.keyed_requests.put(attrs.evolve(CLAIMED, key=key, fingerprint=repr(key)), replacing=0)
        with opened.transaction(GLOBEX) as tx:
            tx.keyed_requests.put(attrs.evolve(CLAIMED, fingerprint="of globex"), replacing=0)

        with opened.reading(ACME) as reading:
            found = [reading.keyed_requests.get(key) for key in (KEY, *OTHERS)]
        assert [each.fingerprint if each else None for each in found] == [repr(key) for key in (KEY, *OTHERS)]

    def test_an_answer_is_kept_to_the_byte(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.keyed_requests.put(CLAIMED, replacing=0)
        with opened.transaction(ACME) as tx:
            tx.keyed_requests.put(CLAIMED.answered(ANSWER), replacing=1)

        with opened.reading(ACME) as reading:
            assert reading.keyed_requests.get(KEY) == CLAIMED.answered(ANSWER)

    def test_whoever_was_overtaken_stores_nothing(self, opened: Storage) -> None:
        taken_over = attrs.evolve(CLAIMED, leased_until=some.NOON + 2 * LEASE, version=2)
        with opened.transaction(ACME) as tx:
            tx.keyed_requests.put(CLAIMED, replacing=0)
            with pytest.raises(Stale):
                tx.keyed_requests.put(CLAIMED, replacing=0)
            tx.keyed_requests.put(taken_over, replacing=1)

        with opened.transaction(ACME) as tx, pytest.raises(Stale):
            tx.keyed_requests.put(CLAIMED.answered(ANSWER), replacing=1)
        with opened.reading(ACME) as reading:
            assert reading.keyed_requests.get(KEY) == taken_over

    def test_old_requests_are_found_in_all_accounts_and_forgotten_in_each(self, opened: Storage) -> None:
        old = attrs.evolve(CLAIMED, key=OTHERS[0], first_at=some.NOON - KEPT_FOR)
        with opened.transaction(ACME) as tx:
            tx.keyed_requests.put(CLAIMED, replacing=0)
            tx.keyed_requests.put(old, replacing=0)
        with opened.transaction(GLOBEX) as tx:
            tx.keyed_requests.put(old, replacing=0)
        moment = some.NOON - KEPT_FOR + timedelta(microseconds=1)

        with opened.reading(OPERATOR) as reading:
            assert reading.keyed_requests.accounts_with_begun_before(old.first_at) == ()
            assert reading.keyed_requests.accounts_with_begun_before(moment) == (ACME, GLOBEX)
        with opened.transaction(ACME) as tx:
            assert tx.keyed_requests.drop_begun_before(moment) == 1

        with opened.reading(ACME) as reading:
            assert reading.keyed_requests.get(KEY) == CLAIMED
            assert reading.keyed_requests.get(old.key) is None
        with opened.reading(GLOBEX) as reading:
            assert reading.keyed_requests.get(old.key) == old

    def test_an_account_does_not_see_whose_requests_are_old(self, opened: Storage) -> None:
        with opened.reading(ACME) as reading, pytest.raises(OutOfScope):
            reading.keyed_requests.accounts_with_begun_before(some.NOON)
