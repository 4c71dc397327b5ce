"""The inbox, the queue of jobs as its users see it, and the hint after a commit."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import attrs
import pytest

from smartapp_domain.ids import EventId, JobId
from smartapp_domain.jobs import Job, JobKind, JobState
from smartapp_domain.ports.storage import OPERATOR, NotFound, OutOfScope, Stale, Storage, Taken, Transaction
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.contracts.storage_bench import ACME, GLOBEX, StorageBench

MINUTE = timedelta(minutes=1)
ONE = JobId("job-1")

OnJobs = Callable[[tuple[JobId, ...]], None]
Make = Callable[[OnJobs], Storage]


class InboxContract(StorageBench):
    def test_a_notice_is_stored_once(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            assert tx.inbox.add(some.billing_event(), b"{}", some.NOON)
        with opened.transaction(OPERATOR) as tx:
            assert not tx.inbox.add(some.billing_event(type="changed"), b"[]", some.NOON + MINUTE)
            tx.inbox.handled(EventId("event-1"), some.NOON)

        with opened.reading(OPERATOR) as reading:
            assert reading.inbox.get(EventId("event-1")) == some.billing_event()

    def test_an_unknown_notice_is_not_found(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            with pytest.raises(NotFound):
                tx.inbox.get(EventId("unknown"))
            with pytest.raises(NotFound):
                tx.inbox.handled(EventId("unknown"), some.NOON)

    def test_only_what_was_handled_long_ago_is_forgotten(self, opened: Storage) -> None:
        ids = old, young, never = EventId("old"), EventId("young"), EventId("never")
        with opened.transaction(OPERATOR) as tx:
            for id in ids:
                tx.inbox.add(some.billing_event(id), b"{}", some.NOON)
            tx.inbox.handled(old, some.NOON)
            tx.inbox.handled(young, some.NOON + MINUTE)

            assert tx.inbox.forget_handled(some.NOON + MINUTE) == 1

        with opened.reading(OPERATOR) as reading:
            with pytest.raises(NotFound):
                reading.inbox.get(old)
            assert [reading.inbox.get(id).id for id in (young, never)] == [young, never]


class JobContract(StorageBench):
    def test_a_job_comes_back_whole(self, opened: Storage) -> None:
        anybodys = some.job("job-2", JobKind.HANDLE_BILLING_EVENT, "event-1", account_id=None)

        with opened.transaction(OPERATOR) as tx:
            assert tx.jobs.add(some.job()) == ONE
            assert tx.jobs.add(anybodys) == "job-2"

        with opened.reading(OPERATOR) as reading:
            assert reading.jobs.get(ONE) == some.job()
            assert reading.jobs.get(JobId("job-2")) == anybodys
            with pytest.raises(NotFound):
                reading.jobs.get(JobId("unknown"))

    def test_an_accounts_door_takes_jobs_of_that_account_only_and_the_operators_any(self, opened: Storage) -> None:
        of_nobody = some.job("job-2", account_id=None)
        for job in (some.job(), of_nobody):
            with opened.transaction(GLOBEX) as tx, pytest.raises(OutOfScope):
                tx.jobs.add(job)

        with opened.transaction(ACME) as tx:
            tx.jobs.add(some.job())
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(of_nobody)
            assert len(tx.jobs.due(some.NOON, 10)) == 2

    def test_due_jobs_are_listed_most_overdue_first(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            for minutes in (3, 1, 2, 0, -1):
                id = f"due-{minutes}"
                tx.jobs.add(some.job(id, subject=id, due_at=some.NOON - minutes * MINUTE))

            assert tx.jobs.due(some.NOON, 10) == ("due-3", "due-2", "due-1", "due-0")
            assert tx.jobs.due(some.NOON, 2) == ("due-3", "due-2")

    def test_a_wish_joins_the_waiting_job_of_its_key(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.jobs.add(some.job())
            assert tx.jobs.add(some.job("job-2")) == ONE
            assert tx.jobs.add(some.job("job-3", subject="order-2")) == "job-3"

        with opened.reading(OPERATOR) as reading:
            assert reading.jobs.due(some.NOON, 10) == ("job-1", "job-3")

    def test_a_wish_for_earlier_makes_the_job_due_earlier(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job(due_at=some.NOON + 10 * MINUTE))
            tx.jobs.add(some.job("job-2", due_at=some.NOON))

            assert tx.jobs.due(some.NOON, 10) == (ONE,)

    def test_a_finished_job_makes_room_for_a_new_one_of_its_key(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job())
            held = tx.jobs.claim(ONE, at=some.NOON)
            assert held is not None
            tx.jobs.finish(attrs.evolve(held, state=JobState.DONE))

            assert tx.jobs.add(some.job("job-2")) == "job-2"
            assert tx.jobs.due(some.NOON, 10) == ("job-2",)

    def test_an_id_is_used_once(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job())
            with pytest.raises(Taken):
                tx.jobs.add(some.job(subject="order-2"))

    def test_what_a_person_dealt_with_may_be_told_again(self, opened: Storage) -> None:
        def told(problem: str) -> Job:
            return some.job(kind=JobKind.REVIEW, state=JobState.FAILED, problem=problem)

        with opened.transaction(ACME) as tx:
            tx.jobs.add(told("Odd."))
        with opened.transaction(ACME) as tx, pytest.raises(Taken):
            tx.jobs.add(told("Odder."))
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.resolve(ONE)
        with opened.transaction(ACME) as tx:
            assert tx.jobs.add(told("Odd again.")) == ONE

        with opened.reading(OPERATOR) as reading:
            assert reading.jobs.failed() == (told("Odd again."),)

    def test_failed_jobs_are_the_operators_list_newest_first(self, opened: Storage) -> None:
        def failed(id: str, minutes: int) -> Job:
            created_at = some.NOON + minutes * MINUTE
            return some.job(id, JobKind.REVIEW, state=JobState.FAILED, created_at=created_at, problem="Odd.")

        with opened.transaction(OPERATOR) as tx:
            for id, minutes in (("old", 0), ("new", 2), ("mid", 1)):
                assert tx.jobs.add(failed(id, minutes)) == id
            tx.jobs.add(some.job())

        with opened.reading(OPERATOR) as reading:
            assert reading.jobs.failed() == (failed("new", 2), failed("mid", 1), failed("old", 0))
            assert reading.jobs.due(some.NOON + 9 * MINUTE, 10) == (ONE,)

    def test_the_failed_jobs_of_one_subject_are_found_alone(self, opened: Storage) -> None:
        about = {id: some.job(id, state=JobState.FAILED, subject=id) for id in ("order-1", "order-2")}
        with opened.transaction(OPERATOR) as tx:
            for job in about.values():
                tx.jobs.add(job)

        with opened.reading(OPERATOR) as reading:
            assert reading.jobs.failed("order-2") == (about["order-2"],)
            assert reading.jobs.failed("order-3") == ()

    def test_the_operator_may_have_a_failed_job_tried_again(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job(state=JobState.FAILED, attempts=8, fence=8))

            tx.jobs.retry(ONE, at=some.NOON + MINUTE)

            waiting = tx.jobs.get(ONE)
            assert (waiting.state, waiting.attempts, waiting.due_at) == (JobState.WAITING, 0, some.NOON + MINUTE)
            assert tx.jobs.failed() == ()
            claimed = tx.jobs.claim(ONE, at=some.NOON + MINUTE)
            assert claimed is not None
            assert claimed.fence == 9  # whoever failed it long ago stays shut out

    def test_only_a_failed_job_can_be_retried_or_resolved(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job())
            for change in (lambda key: tx.jobs.retry(key, at=some.NOON), tx.jobs.resolve):
                with pytest.raises(Stale):
                    change(ONE)
                with pytest.raises(NotFound):
                    change(JobId("unknown"))

    def test_a_retry_does_not_double_a_job_that_waits(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job(state=JobState.FAILED))
            tx.jobs.add(some.job("job-2"))
            with pytest.raises(Taken):
                tx.jobs.retry(ONE, at=some.NOON)

    def test_a_retry_that_meets_a_new_wish_is_refused(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job(state=JobState.FAILED))

        def retry() -> None:
            with opened.transaction(OPERATOR) as tx:
                tx.jobs.retry(ONE, at=some.NOON)

        with ThreadPoolExecutor(1) as threads:
            with opened.transaction(OPERATOR) as tx:
                tx.jobs.add(some.job("job-2"))
                retried = threads.submit(retry)
                wait([retried], timeout=0.2)  # so that it has looked before the wish is there for everybody
            with pytest.raises(Taken):
                retried.result()

    def test_of_two_who_deal_with_a_failed_job_at_once_the_second_is_told(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job(state=JobState.FAILED))

        def resolve() -> None:
            with opened.transaction(OPERATOR) as tx:
                tx.jobs.resolve(ONE)

        with ThreadPoolExecutor(1) as threads:
            with opened.transaction(OPERATOR) as tx:
                tx.jobs.retry(ONE, at=some.NOON)
                resolved = threads.submit(resolve)
                wait([resolved], timeout=0.2)
            with pytest.raises(Stale):
                resolved.result()

    def test_only_what_is_done_and_old_is_forgotten(self, opened: Storage) -> None:
        old, young = some.NOON - timedelta(days=40), some.NOON - timedelta(days=1)
        with opened.transaction(OPERATOR) as tx:
            for id, state, created_at in (
                ("old", JobState.DONE, old),
                ("young", JobState.DONE, young),
                ("failed", JobState.FAILED, old),
                ("waiting", JobState.WAITING, old),
            ):
                tx.jobs.add(some.job(id, subject=id, state=state, created_at=created_at))

            assert tx.jobs.forget_done(some.NOON - timedelta(days=30)) == 1

            with pytest.raises(NotFound):
                tx.jobs.get(JobId("old"))
            assert [tx.jobs.get(JobId(id)).id for id in ("young", "failed", "waiting")]

    def test_a_resolved_job_leaves_the_list_and_stays_done(self, opened: Storage) -> None:
        with opened.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job(state=JobState.FAILED, problem="Odd."))
            tx.jobs.resolve(ONE)

            assert tx.jobs.failed() == ()
            assert tx.jobs.get(ONE).state is JobState.DONE


def _add_and_fail(tx: Transaction) -> None:
    tx.jobs.add(some.job())
    raise ZeroDivisionError


class HintsContract:
    """For storages that tell workers about new jobs; `make` takes whom to tell."""

    @pytest.fixture
    def make(self) -> Make:
        raise NotImplementedError("Give the suite a maker of storages: override this fixture.")

    def test_workers_hear_of_jobs_after_the_commit(self, make: Make) -> None:
        heard: list[tuple[JobId, ...]] = []
        seen: list[tuple[JobId, ...]] = []

        def hear(job_ids: tuple[JobId, ...]) -> None:
            heard.append(job_ids)
            with storage.reading(OPERATOR) as reading:
                seen.append(reading.jobs.due(some.NOON, 10))

        storage = make(hear)
        with storage.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job())
            tx.jobs.add(some.job("job-2", subject="order-2"))
            tx.jobs.add(some.job("job-3"))
            tx.jobs.add(some.job("job-4", state=JobState.FAILED))
            assert heard == []
        with storage.transaction(OPERATOR):
            pass

        assert heard == [("job-1", "job-2")]
        assert seen == [("job-1", "job-2")]

    def test_workers_hear_of_a_job_that_waits_again(self, make: Make) -> None:
        heard: list[tuple[JobId, ...]] = []
        storage = make(heard.append)
        with storage.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job(state=JobState.FAILED))
        with storage.transaction(OPERATOR) as tx:
            tx.jobs.retry(ONE, at=some.NOON)
        with storage.transaction(OPERATOR) as tx:
            held = tx.jobs.claim(ONE, at=some.NOON)
        assert held is not None
        with storage.transaction(OPERATOR) as tx:
            tx.jobs.finish(attrs.evolve(held, due_at=some.NOON + MINUTE))
        with storage.transaction(OPERATOR) as tx:
            held = tx.jobs.claim(ONE, at=some.NOON + MINUTE)
        assert held is not None
        with storage.transaction(OPERATOR) as tx:
            tx.jobs.finish(attrs.evolve(held, state=JobState.DONE))

        assert heard == [(ONE,), (ONE,)]  # the retry and the pause; neither a claim nor a job that is done

    def test_workers_hear_nothing_of_what_was_taken_back(self, make: Make) -> None:
        heard: list[tuple[JobId, ...]] = []
        storage = make(heard.append)

        with pytest.raises(ZeroDivisionError), storage.transaction(OPERATOR) as tx:
            _add_and_fail(tx)

        assert heard == []

    def test_deaf_workers_do_not_undo_a_commit(
        self,
        make: Make,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def broken(_: tuple[JobId, ...]) -> None:
            raise ConnectionError("the broker is away")

        storage = make(broken)
        with storage.transaction(OPERATOR) as tx:
            tx.jobs.add(some.job())

        with storage.reading(OPERATOR) as reading:
            assert reading.jobs.get(ONE) == some.job()
        assert "could not be told" in caplog.text
