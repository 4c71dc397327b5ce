"""One business time for several programs: the clock file, read by whoever looks and written by whoever moves it."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from tests.emulators.stripe.support import DAY_S, FAILS_LATER, Receiver, Shop, eventually

from smartapp_emulators.clock import ClockMovesForward, ClockState, MovableClock
from smartapp_emulators.clock_file import ClockFileError
from smartapp_emulators.procore.app import create_app as create_procore
from smartapp_emulators.procore.world import demo_world
from smartapp_emulators.serving import ThreadedServer
from smartapp_emulators.stripe.app import create_app

NOON = datetime(2035, 4, 10, 12, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shared" / "clock.json"


@pytest.fixture
def running(file: Path) -> Iterator[Shop]:
    """An emulator on the clock file, stocked."""
    server = ThreadedServer()
    server.app = create_app(base_url=server.url, clock=MovableClock(file=file), tick_s=0.05)
    with server:
        shop = Shop(server.url)
        shop.stock()
        yield shop
        shop.close()


def clock(file: Path) -> MovableClock:
    return MovableClock(source=lambda: NOON, file=file)


def put(file: Path, offset_s: float) -> None:
    """Move the clock the way another program does: write beside, then replace."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".other")
    part.write_text(json.dumps({"offset_s": offset_s}), encoding="utf-8")
    part.replace(file)


def test_without_a_file_it_is_real_time_and_nothing_is_written(file: Path) -> None:
    assert clock(file).now() == NOON
    assert not file.exists()


def test_moving_one_clock_moves_all_that_share_the_file(file: Path) -> None:
    mover, follower = clock(file), clock(file)

    mover.advance(90)
    mover.advance(10.5)

    assert json.loads(file.read_text(encoding="utf-8")) == {"offset_s": 100.5}
    assert follower.now() == mover.now() == NOON + timedelta(seconds=100.5)
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_a_jump_is_shared_too(file: Path) -> None:
    clock(file).set_to(NOON + timedelta(days=31))

    assert clock(file).now() == NOON + timedelta(days=31)


def test_a_clock_that_moves_adds_to_what_others_moved(file: Path) -> None:
    mine = clock(file)
    put(file, 60)

    mine.advance(5)

    assert json.loads(file.read_text(encoding="utf-8")) == {"offset_s": 65}


def test_a_shared_clock_neither_stops_nor_goes_back(file: Path) -> None:
    mine = clock(file)
    mine.advance(100)

    with pytest.raises(ClockMovesForward, match="forward only"):
        mine.advance(-1)
    with pytest.raises(ClockMovesForward, match="forward only"):
        mine.set_to(NOON)
    with pytest.raises(ClockMovesForward, match="not stopped"):
        mine.freeze()
    mine.return_to_real_time()
    assert mine.now() == NOON + timedelta(seconds=100)


@pytest.mark.parametrize("gone", [True, False])
def test_a_file_that_goes_back_is_put_right_and_told(
    file: Path, caplog: pytest.LogCaptureFixture, *, gone: bool
) -> None:
    mine = clock(file)
    mine.advance(100)

    if gone:
        file.unlink()
    else:
        put(file, 40)
    with caplog.at_level(logging.ERROR):
        assert mine.now() == NOON + timedelta(seconds=100)

    assert "never moves backward" in str(mine.problem)
    assert caplog.messages == [mine.problem]
    assert json.loads(file.read_text(encoding="utf-8")) == {"offset_s": 100}
    put(file, 101)
    assert (mine.now(), mine.problem) == (NOON + timedelta(seconds=101), None)


def test_a_folder_that_was_taken_away_stays_away(file: Path) -> None:
    mine = clock(file)
    mine.advance(100)
    file.unlink()
    file.parent.rmdir()

    assert mine.now() == NOON + timedelta(seconds=100)
    assert not file.parent.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", "5", '{"offset_s": "5"}', '{"offset_s": -1}', '{"offset_s": true}'])
def test_a_broken_file_is_told_and_changes_nothing(file: Path, text: str) -> None:
    mine = clock(file)
    mine.advance(100)

    file.write_text(text, encoding="utf-8")

    assert mine.now() == NOON + timedelta(seconds=100)
    assert "is no clock file" in str(mine.problem)
    assert file.read_text(encoding="utf-8") == text
    with pytest.raises(ClockFileError, match="is no clock file"):
        clock(file)


def test_a_kept_state_that_is_ahead_of_the_file_is_refused(file: Path) -> None:
    mine = clock(file)

    mine.restore(ClockState(offset_s=0.5))
    with pytest.raises(ClockFileError, match=r'"offset_s": 3600\.000'):
        mine.restore(ClockState(offset_s=3600))
    with pytest.raises(ClockFileError):
        mine.restore(ClockState(frozen_at=NOON + timedelta(days=1)))


def test_only_the_file_that_changed_is_read_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(file, 100)
    mine = clock(file)
    mine.now()
    monkeypatch.setattr(Path, "read_text", _unreadable)

    assert mine.now() == NOON + timedelta(seconds=100)


def _unreadable(*_args: object, **_named: object) -> str:
    raise AssertionError("the file was read again")


def test_the_controls_of_both_emulators_move_each_other(file: Path, running: Shop) -> None:
    server = ThreadedServer(create_procore(demo_world(), clock=MovableClock(file=file)))
    with server, httpx.Client(base_url=server.url, trust_env=False) as procore:
        running.post("/_emulator/clock", {"advance_s": 1000})
        procore.post("/_emulator/clock", json={"advance_s": 500})

        shown = running.http.get("/_emulator/clock").json()
        assert (shown["offset_s"], shown["file"], shown["problem"]) == (1500, str(file), None)
        refused = procore.post("/_emulator/clock", json={"frozen": True})
        assert refused.status_code == 422
        assert procore.post("/_emulator/clock", json={"advance_s": -5}).status_code == 422
        assert procore.get("/_emulator/clock").json()["offset_s"] == 1500
    assert running.post("/_emulator/clock", {"freeze": True}).status_code == 400
    assert json.loads(file.read_text(encoding="utf-8")) == {"offset_s": 1500}


def test_what_falls_due_while_others_move_the_clock_happens_in_order_at_its_own_time(file: Path, running: Shop) -> None:
    subscription = running.subscribe(("Planner", 3), number=FAILS_LATER)
    end = subscription["items"].data[0].current_period_end
    put(file, 20 * DAY_S)
    offered = running.offer()

    put(file, 33 * DAY_S)

    told = running.v1.events.list({"limit": 100, "created": {"gt": offered.created}}).data[::-1]
    moments = [event.created for event in told]
    assert moments == sorted(moments)
    first_seen = {event.type: event.created for event in told[::-1]}
    assert first_seen["checkout.session.expired"] == offered.expires_at
    assert first_seen["invoice.upcoming"] == end - 7 * DAY_S
    assert first_seen["invoice.created"] == end
    assert first_seen["invoice.finalized"] == first_seen["invoice.payment_failed"] == end + 3600
    retries = [event.created - end - 3600 for event in told if event.type == "invoice.payment_failed"]
    assert retries[:2] == [0, DAY_S]
    assert running.v1.subscriptions.retrieve(subscription.id).status == "past_due"


def test_webhooks_of_a_moved_clock_go_out_without_a_request_and_are_signed_in_real_time(
    file: Path, running: Shop, receiver: Receiver
) -> None:
    running.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["invoice.upcoming"]})
    running.subscribe(("Planner", 1))

    put(file, 25 * DAY_S)

    eventually(lambda: receiver.types == ["invoice.upcoming"])
    event = json.loads(receiver.bodies[0])
    signed_at = int(receiver.signatures[0].split(",")[0].removeprefix("t="))
    assert abs(signed_at - time.time()) < 60
    assert event["created"] > time.time() + 20 * DAY_S


def test_a_pay_page_may_expire_relative_to_the_moved_clock(file: Path, running: Shop) -> None:
    put(file, 400 * DAY_S)
    now = int(running.http.get("/_emulator/clock").json()["unix"])

    session = running.offer(expires_at=now + 3600)

    assert session.expires_at == now + 3600
    assert abs(session.created - now) < 60
    put(file, 400 * DAY_S + 3700)
    assert running.v1.checkout.sessions.retrieve(session.id).status == "expired"


def test_the_console_tells_who_shares_the_clock_and_what_is_wrong_with_it(file: Path, running: Shop) -> None:
    running.post("/_emulator/clock", {"advance_s": 50})
    put(file, 10)

    page = running.http.get("/_emulator").text

    assert str(file) in page
    assert "never moves backward" in page
    assert "leaves the shared clock alone" in page


def test_a_reset_leaves_the_shared_time_alone(running: Shop) -> None:
    running.post("/_emulator/clock", {"advance_s": 77})

    running.post("/_emulator/reset")

    assert running.http.get("/_emulator/clock").json()["offset_s"] == 77


@pytest.mark.parametrize("name", ["stripe", "procore"])
def test_the_programs_take_the_file_and_refuse_a_broken_one(file: Path, name: str) -> None:
    put(file, 5000)
    command = [sys.executable, "-m", f"smartapp_emulators.{name}", "--port", "0", "--clock", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}) as it:
        assert it.stdout is not None
        url = it.stdout.readline().split()[-1]
        shown = httpx.get(f"{url}/_emulator/clock", trust_env=False).json()
        it.send_signal(signal.SIGINT)
        it.wait(timeout=20)
    file.write_text("none", encoding="utf-8")

    refused = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert shown["offset_s"] == 5000
    assert refused.returncode == 1
    assert "is no clock file" in refused.stderr
    assert "Traceback" not in refused.stderr
