"""Claiming and finishing jobs: never two holders, no lost wish, no word from a holder that was overtaken."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta

import attrs
import pytest

from smartapp_domain.ids import JobId
from smartapp_domain.jobs import LEASE, Job, JobKind, JobState
from smartapp_domain.ports.storage import OPERATOR, JobStore, LeaseLost, NotFound, Scope, Storage, Transaction
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.contracts.storage_bench import ACME, GLOBEX, StorageBench

ONE = JobId("job-1")
MINUTE = timedelta(minutes=1)
NOON = some.NOON


def _claimed(jobs: JobStore, at: datetime = NOON) -> Job:
    job = jobs.claim(ONE, at=at)
    assert job is not None
    return job


def _done(job: Job) -> Job:
    return attrs.evolve(job, state=JobState.DONE, leased_until=None)


def _add_and_hold(tx: Transaction, job: Job) -> None:
    tx.jobs.add(some.job("job-2", subject="order-2"))
    tx.jobs.hold(job)


class JobClaimContract(StorageBench):
    def test_a_claim_counts_raises_the_fence_and_lends_the_job_for_a_while(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job())
            claimed = _claimed(tx.jobs)

            assert claimed == some.job(attempts=1, fence=1, leased_until=NOON + LEASE)
            assert tx.jobs.get(ONE) == claimed

    def test_a_held_job_is_neither_due_nor_to_be_had_until_its_lease_is_over(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job())
            _claimed(tx.jobs)
            before = NOON + LEASE - timedelta(microseconds=1)

            assert tx.jobs.claim(ONE, at=before) is None
            assert tx.jobs.due(before, 10) == ()
            assert tx.jobs.due(NOON + LEASE, 10) == (ONE,)
            assert _claimed(tx.jobs, NOON + LEASE).fence == 2

    def test_a_job_that_is_not_due_unknown_or_over_cannot_be_claimed(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job(due_at=NOON + MINUTE))
            assert tx.jobs.claim(ONE, at=NOON) is None
            assert tx.jobs.claim(JobId("unknown"), at=NOON) is None
            tx.jobs.finish(_done(_claimed(tx.jobs, NOON + MINUTE)))
            assert tx.jobs.claim(ONE, at=NOON + MINUTE) is None
            assert tx.jobs.get(ONE).attempts == 1

    def test_a_failed_attempt_waits_for_its_next_one(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job())
            again = attrs.evolve(_claimed(tx.jobs), due_at=NOON + MINUTE, problem="Busy.")

            assert tx.jobs.finish(again)

            assert tx.jobs.get(ONE) == attrs.evolve(again, leased_until=None)
            assert tx.jobs.due(NOON, 10) == ()
            assert _claimed(tx.jobs, NOON + MINUTE).attempts == 2

    def test_a_holder_may_keep_its_job_for_another_lease(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job())
            held = _claimed(tx.jobs)

            assert tx.jobs.renew(held, at=NOON + MINUTE / 2)
            assert tx.jobs.get(ONE) == attrs.evolve(held, leased_until=NOON + MINUTE / 2 + LEASE)
            assert tx.jobs.claim(ONE, at=NOON + LEASE) is None
            tx.jobs.add(some.job("job-2", due_at=NOON + MINUTE))
            assert tx.jobs.renew(held, at=NOON + 2 * LEASE)  # late, but nobody took over
            assert tx.jobs.finish(_done(held))
            assert tx.jobs.due(NOON + MINUTE, 10) == (ONE,)  # the wish outlived the renewal

    def test_a_job_that_was_lost_finished_or_never_claimed_cannot_be_kept(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job())
            assert not tx.jobs.renew(some.job(), at=NOON)
            slow = _claimed(tx.jobs)
            quick = _claimed(tx.jobs, NOON + LEASE)

            assert not tx.jobs.renew(slow, at=NOON + LEASE)
            assert tx.jobs.get(ONE) == quick
            tx.jobs.finish(_done(quick))
            assert not tx.jobs.renew(quick, at=NOON + LEASE)
            assert not tx.jobs.renew(some.job("unknown"), at=NOON)

    def test_a_holder_that_was_overtaken_changes_nothing(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job())
            slow = _claimed(tx.jobs)
            quick = _claimed(tx.jobs, NOON + LEASE)

            assert not tx.jobs.finish(_done(slow))
            assert tx.jobs.get(ONE) == quick
            assert tx.jobs.finish(_done(quick))

    def test_a_lease_is_as_long_as_the_operator_says(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job())
            held = tx.jobs.claim(ONE, at=NOON, lease=MINUTE / 60)
            assert held is not None
            assert held.leased_until == NOON + MINUTE / 60

            assert tx.jobs.renew(held, at=NOON, lease=MINUTE / 30)
            assert tx.jobs.due(NOON + MINUTE / 60, 10) == ()
            assert tx.jobs.due(NOON + MINUTE / 30, 10) == (ONE,)

    def test_a_job_that_is_handed_back_is_free_at_once(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job())
            held = _claimed(tx.jobs)

            assert tx.jobs.finish(attrs.evolve(held, attempts=0, leased_until=None))

            assert _claimed(tx.jobs) == attrs.evolve(held, fence=2)

    def test_the_holder_may_store_what_its_job_is_about_from_any_scope(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job())
            tx.jobs.add(some.job("job-2", JobKind.HANDLE_BILLING_EVENT, "event-1", account_id=None))
            held, anybodys = _claimed(tx.jobs), tx.jobs.claim(JobId("job-2"), at=NOON)
            assert anybodys is not None

        for scope, job in ((ACME, held), (OPERATOR, held), (ACME, anybodys), (GLOBEX, anybodys), (OPERATOR, anybodys)):
            with opened.transaction(scope) as tx:
                tx.jobs.hold(job)

    @pytest.mark.parametrize("scope", [ACME, OPERATOR])
    def test_a_holder_that_was_overtaken_stores_nothing_of_its_work(self, opened: Storage, scope: Scope) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job())
            slow = _claimed(tx.jobs)
            quick = _claimed(tx.jobs, NOON + LEASE)

        with pytest.raises(LeaseLost), opened.transaction(scope) as tx:
            _add_and_hold(tx, slow)
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.finish(_done(quick))
        with pytest.raises(LeaseLost), opened.transaction(scope) as tx:
            tx.jobs.hold(quick)

        with opened.reading(OPERATOR) as reading, pytest.raises(NotFound):
            reading.jobs.get(JobId("job-2"))

    def test_nobody_overtakes_a_holder_in_the_middle_of_storing(self, opened: Storage) -> None:
        """A claim that comes meanwhile waits or gets nothing, and the next one may succeed."""
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job())
            slow = _claimed(tx.jobs)

        def overtake() -> Job | None:
            with opened.transaction(OPERATOR) as tx:
                return tx.jobs.claim(ONE, at=NOON + LEASE)

        with ThreadPoolExecutor(1) as threads:
            with opened.transaction(ACME) as tx:
                tx.jobs.hold(slow)
                claim = threads.submit(overtake)
                meanwhile, _ = wait([claim], timeout=0.2)  # a claim that did not wait would be done long before
                assert not any(each.result() for each in meanwhile)
            assert claim.result() or overtake()

    def test_an_outcome_is_stored_once(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job())
            held = _claimed(tx.jobs)

            assert tx.jobs.finish(_done(held))
            assert not tx.jobs.finish(attrs.evolve(held, state=JobState.FAILED))
            assert not tx.jobs.finish(_done(some.job("unknown")))
            assert tx.jobs.get(ONE).state is JobState.DONE

    @pytest.mark.parametrize("end", [JobState.DONE, JobState.FAILED])
    def test_a_wish_made_while_the_job_runs_is_run_after_it(self, opened: Storage, end: JobState) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job())
            held = _claimed(tx.jobs)
            assert tx.jobs.add(some.job("job-2", due_at=NOON + MINUTE)) == ONE
            # Not beside the running one: two of a key never run at once.
            assert tx.jobs.due(NOON + MINUTE - timedelta(seconds=1), 10) == ()

            tx.jobs.finish(attrs.evolve(held, state=end))

            waiting = tx.jobs.get(ONE)
            assert (waiting.state, waiting.attempts, waiting.due_at) == (JobState.WAITING, 0, NOON + MINUTE)
            tx.jobs.finish(_done(_claimed(tx.jobs, NOON + MINUTE)))
            assert tx.jobs.get(ONE).state is JobState.DONE

    def test_a_wish_made_after_the_lease_ran_out_is_not_served_by_the_old_holder(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job())
            slow = _claimed(tx.jobs)
            tx.jobs.add(some.job("job-2", due_at=NOON + 2 * LEASE))

            assert tx.jobs.finish(_done(slow))
            assert tx.jobs.due(NOON + 2 * LEASE, 10) == (ONE,)

    def test_a_wish_for_later_is_not_served_by_a_run_before_its_time(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job(due_at=NOON + 10 * MINUTE))
            tx.jobs.add(some.job("job-2", due_at=NOON))

            tx.jobs.finish(_done(_claimed(tx.jobs)))

            assert tx.jobs.due(NOON + 9 * MINUTE, 10) == ()
            assert tx.jobs.due(NOON + 10 * MINUTE, 10) == (ONE,)

    def test_one_run_serves_every_wish_due_before_it(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            for minutes in (0, 1, 2, 3):
                tx.jobs.add(some.job(f"job-{minutes + 1}", due_at=NOON + minutes * MINUTE))

            tx.jobs.finish(_done(_claimed(tx.jobs, NOON + 5 * MINUTE)))

            assert tx.jobs.get(ONE).state is JobState.DONE

    @pytest.mark.parametrize("end", [JobState.WAITING, JobState.FAILED])
    @pytest.mark.parametrize(("wished", "pause", "due"), [(1, 10, 10), (10, 1, 10)])
    def test_a_wish_made_during_a_failing_run_does_not_cut_its_pause_short(
        self, opened: Storage, end: JobState, wished: int, pause: int, due: int
    ) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job())
            held = _claimed(tx.jobs)
            tx.jobs.add(some.job("job-2", due_at=NOON + wished * MINUTE))
            tx.jobs.finish(attrs.evolve(held, state=end, due_at=NOON + pause * MINUTE, problem="Busy."))

            assert tx.jobs.get(ONE).due_at == NOON + due * MINUTE
            tx.jobs.finish(_done(_claimed(tx.jobs, NOON + due * MINUTE)))
            assert tx.jobs.get(ONE).state is JobState.DONE

    def test_a_wish_made_during_a_pause_ends_it(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job())
            tx.jobs.finish(attrs.evolve(_claimed(tx.jobs), due_at=NOON + 10 * MINUTE, problem="Busy."))
            tx.jobs.add(some.job("job-2", due_at=NOON + MINUTE))

            assert tx.jobs.due(NOON + MINUTE, 10) == (ONE,)
            assert _claimed(tx.jobs, NOON + MINUTE).attempts == 2

    def test_of_eight_workers_each_job_finds_one(self, opened: Storage) -> None:
        ids = [JobId(f"job-{n}") for n in range(24)]
        with opened.transaction(OPERATOR) as tx:
            for id in ids:
                tx.jobs.add(some.job(id, subject=id))
        start = threading.Barrier(8)

        def work(_: int) -> list[JobId]:
            start.wait()
            mine = []
            for id in ids:
                with opened.transaction(OPERATOR) as tx:
                    if tx.jobs.claim(id, at=NOON) is not None:
                        mine.append(id)
            return mine

        with ThreadPoolExecutor(8) as threads:
            claimed = [id for mine in threads.map(work, range(8)) for id in mine]

        assert sorted(claimed) == sorted(ids)
        with opened.reading(OPERATOR) as reading:
            assert {reading.jobs.get(id).attempts for id in ids} == {1}

    def test_wishes_from_eight_threads_become_one_job(self, opened: Storage) -> None:
        start = threading.Barrier(8)

        def wish(n: int) -> JobId:
            start.wait()
            with opened.transaction(OPERATOR) as tx:
                return tx.jobs.add(some.job(f"wish-{n}"))

        with ThreadPoolExecutor(8) as threads:
            ids = set(threads.map(wish, range(8)))

        with opened.reading(OPERATOR) as reading:
            assert reading.jobs.due(NOON, 10) == tuple(ids)
