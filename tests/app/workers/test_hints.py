"""Telling workers must cost a request nothing, whatever state the broker is in."""

import threading
import time

import pytest

from smartapp_domain.ids import JobId
from smartapp_workers.hints import WAITING, BackgroundHints

ONE, TWO, THREE = JobId("job-1"), JobId("job-2"), JobId("job-3")


def test_hints_are_sent_in_order_by_another_thread() -> None:
    sent: list[tuple[JobId, bool]] = []
    hints = BackgroundHints(lambda job_id: sent.append((job_id, threading.current_thread() is threading.main_thread())))

    for id in (ONE, TWO):
        hints.hint(id)
    hints.close()

    assert sent == [(ONE, False), (TWO, False)]


def test_a_broker_that_does_not_answer_holds_nobody_up(caplog: pytest.LogCaptureFixture) -> None:
    answers, asked = threading.Event(), threading.Event()

    def send(_: JobId) -> None:
        asked.set()
        answers.wait(30)

    hints = BackgroundHints(send)
    hints.hint(ONE)
    assert asked.wait(30)
    for number in range(WAITING + 1):
        hints.hint(JobId(f"job-{number}"))  # the test would take half a minute if this waited

    assert "left to the sweeper" in caplog.text
    answers.set()


def test_a_broker_that_is_down_is_told_of_once_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    tried: list[JobId] = []

    def send(id: JobId) -> None:
        tried.append(id)
        if len(tried) < 3:
            raise ConnectionError("refused")

    hints = BackgroundHints(send, pause_s=0.0)
    for id in (ONE, TWO, THREE):
        hints.hint(id)
    hints.close()

    assert tried == [ONE, TWO, THREE]
    assert caplog.text.count("cannot be told") == 1
    assert caplog.text.count("takes hints again") == 1


def test_right_after_a_failure_nothing_is_even_tried() -> None:
    tried, failed = list[JobId](), threading.Event()

    def send(id: JobId) -> None:
        tried.append(id)
        try:
            raise ConnectionError("refused")
        finally:
            failed.set()

    hints = BackgroundHints(send, pause_s=3600)
    hints.hint(ONE)
    assert failed.wait(30)
    given_up = time.monotonic() + 30
    while time.monotonic() < given_up and hints._silent_until == 0.0:
        time.sleep(0.001)
    hints.hint(TWO)
    hints.close()

    assert tried == [ONE]


def test_hints_that_wait_when_the_broker_fails_are_not_tried_one_by_one() -> None:
    tried, queued = list[JobId](), threading.Event()

    def send(id: JobId) -> None:
        tried.append(id)
        queued.wait(30)
        raise ConnectionError("refused")

    hints = BackgroundHints(send, pause_s=3600)
    for id in (ONE, TWO, THREE):
        hints.hint(id)
    queued.set()
    hints.close()

    assert tried == [ONE]


def test_what_was_never_used_is_closed_without_a_thread() -> None:
    BackgroundHints(lambda _: None).close()
