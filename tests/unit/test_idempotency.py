from contextlib import AbstractContextManager
from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartapp_domain.decisions import Reason, Refused
from smartapp_domain.idempotency import (
    KEPT_FOR,
    LEASE,
    KeptAnswer,
    KeyedRequest,
    RequestKey,
    SeededIds,
    claim,
)
from smartapp_domain.ids import AccountId, MemberId
from smartapp_domain.ports.storage import OPERATOR, Reading, Scope, Storage, StorageUnavailable, Transaction
from smartapp_domain.testing.builders import NOON
from smartapp_domain.testing.clock import MemoryClock
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.keyed_requests import begin, forget_old, keep
from smartapp_domain.use_cases.run_job import Outcome, run_job
from smartapp_domain.use_cases.work import PULSE_EVERY, keep_pulse

KEY = RequestKey(MemberId("pat"), "PUT /api/v1/ticks", "k")
ANSWER = KeptAnswer(200, "application/json", b"{}")
ACME = AccountId("acme")
A_BIT = timedelta(microseconds=1)
moments = st.timedeltas(timedelta(0), 2 * KEPT_FOR)


def _first() -> KeyedRequest:
    first = claim(None, KEY, "f", "seed", at=NOON)
    assert isinstance(first, KeyedRequest)
    return first


def _reason(decision: object) -> Reason | None:
    return decision.reason if isinstance(decision, Refused) else None


def test_the_first_request_with_a_key_is_to_be_done() -> None:
    assert _first() == KeyedRequest(KEY, "f", "seed", NOON, NOON + LEASE)


@given(st.timedeltas(timedelta(0), KEPT_FOR - A_BIT))
def test_a_repetition_gets_the_answer_as_long_as_it_is_kept(later: timedelta) -> None:
    answered = _first().answered(ANSWER)

    assert claim(answered, KEY, "f", "other", at=NOON + later) == ANSWER


@given(st.timedeltas(timedelta(0), KEPT_FOR - A_BIT), st.booleans())
def test_the_key_of_another_request_is_refused_whatever_came_of_that(later: timedelta, answered: bool) -> None:  # noqa: FBT001
    found = _first().answered(ANSWER) if answered else _first()

    assert _reason(claim(found, KEY, "g", "other", at=NOON + later)) is Reason.KEY_OF_ANOTHER_REQUEST


def test_while_the_first_is_being_done_the_second_waits() -> None:
    before = NOON + LEASE - A_BIT

    assert _reason(claim(_first(), KEY, "f", "other", at=before)) is Reason.KEY_STILL_RUNNING


def test_a_holder_that_fell_silent_is_taken_over_and_its_ids_are_made_again() -> None:
    taken = claim(_first(), KEY, "f", "other", at=NOON + LEASE)

    assert taken == attrs.evolve(_first(), leased_until=NOON + 2 * LEASE, version=2)


def test_what_was_given_up_may_be_tried_again_at_once() -> None:
    failed = _first().given_up(NOON + A_BIT)

    again = claim(failed, KEY, "f", "other", at=NOON + A_BIT)

    assert isinstance(again, KeyedRequest)
    assert (again.seed, again.version) == ("seed", 3)


@given(moments, st.sampled_from(["f", "g"]))
def test_after_its_time_a_key_is_free_for_anything(later: timedelta, fingerprint: str) -> None:
    decision = claim(_first().answered(ANSWER), KEY, fingerprint, "fresh", at=NOON + KEPT_FOR + later)

    assert isinstance(decision, KeyedRequest)
    assert (decision.seed, decision.answer, decision.version) == ("fresh", None, 3)


@given(st.text(), st.text())
def test_ids_repeat_for_one_seed_and_never_within_it(one: str, other: str) -> None:
    first, again, others = SeededIds(one), SeededIds(one), SeededIds(other)
    made = [first.fresh() for _ in range(20)]

    assert made == [again.fresh() for _ in range(20)]
    assert len({*made, *(others.fresh() for _ in range(20))}) == (20 if one == other else 40)
    assert all(len(id) <= 40 and id.replace("-", "").replace("_", "").isalnum() for id in made)


@pytest.fixture
def bench() -> Workbench:
    return Workbench.of()


def test_of_two_at_once_one_does_it_and_the_late_one_stores_nothing(bench: Workbench) -> None:
    first = begin(ACME, KEY, "f", at=NOON, ports=bench.ports)
    second = begin(ACME, KEY, "f", at=NOON, ports=bench.ports)
    after = begin(ACME, KEY, "f", at=NOON + LEASE, ports=bench.ports)
    assert isinstance(first, KeyedRequest)
    assert isinstance(after, KeyedRequest)

    assert _reason(second) is Reason.KEY_STILL_RUNNING
    assert not keep(ACME, first.answered(ANSWER), bench.ports)
    assert keep(ACME, after.answered(attrs.evolve(ANSWER, status=201)), bench.ports)
    assert begin(ACME, KEY, "f", at=NOON + LEASE, ports=bench.ports) == attrs.evolve(ANSWER, status=201)


def test_old_requests_are_forgotten_in_every_account(bench: Workbench) -> None:
    for account_id in (ACME, AccountId("globex")):
        begin(account_id, KEY, "f", at=NOON, ports=bench.ports)
    begin(ACME, attrs.evolve(KEY, text="young"), "f", at=NOON + A_BIT, ports=bench.ports)

    assert forget_old(NOON + KEPT_FOR, bench.ports) == 0
    assert forget_old(NOON + KEPT_FOR + A_BIT, bench.ports) == 2
    with bench.ports.reading(OPERATOR) as reading:
        assert reading.keyed_requests.accounts_with_begun_before(NOON + KEPT_FOR) == (ACME,)


@attrs.frozen
class BusyFor:
    """A storage in which somebody holds the rows of one account."""

    inner: Storage
    account_id: AccountId

    def reading(self, scope: Scope) -> AbstractContextManager[Reading]:
        return self.inner.reading(scope)

    def transaction(self, scope: Scope) -> AbstractContextManager[Transaction]:
        if scope == self.account_id:
            raise StorageUnavailable("Its rows are held.")
        return self.inner.transaction(scope)


def test_an_account_that_is_busy_keeps_no_other_from_being_forgotten(bench: Workbench) -> None:
    for account_id in (ACME, AccountId("globex")):
        begin(account_id, KEY, "f", at=NOON, ports=bench.ports)
    busy = attrs.evolve(bench.ports, storage=BusyFor(bench.ports.storage, ACME))

    assert forget_old(NOON + KEPT_FOR + A_BIT, busy) == 1
    assert forget_old(NOON + KEPT_FOR + A_BIT, bench.ports) == 1


def test_the_pulse_forgets_by_real_time(bench: Workbench) -> None:
    begin(ACME, KEY, "f", at=NOON, ports=bench.ports)
    real_time = MemoryClock(NOON + KEPT_FOR)
    ports = attrs.evolve(bench.ports, real_time=real_time)
    keep_pulse(ports)
    bench.clock.move(2 * KEPT_FOR)  # as in a demo: it moves the business

    def kept_after_a_pulse() -> bool:
        with ports.reading(OPERATOR) as reading:
            [pulse] = reading.jobs.due(bench.clock.now(), 10)
        assert run_job(pulse, ports) is Outcome.DONE
        bench.clock.move(PULSE_EVERY)
        with ports.reading(ACME) as reading:
            return reading.keyed_requests.get(KEY) is not None

    assert kept_after_a_pulse()
    real_time.move(A_BIT)
    assert not kept_after_a_pulse()
