"""What is in a state file outlives any end of the program, and a file that cannot be gone on with is told apart."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.emulators.procore.support import HARBOR, TOWER, small_world

from smartapp_emulators.clock import MovableClock
from smartapp_emulators.procore.state import FORMAT, FORMAT_VERSION, Behavior
from smartapp_emulators.procore.store import StateFileError, Store

COMMAND = [sys.executable, "-m", "smartapp_emulators.procore", "--port", "0"]


@pytest.fixture
def world_file(tmp_path: Path) -> Path:
    path = tmp_path / "world.json"
    path.write_bytes(msgspec.json.encode(small_world()))
    return path


@contextmanager
def running(world: Path, state: Path) -> Iterator[tuple[httpx.Client, "subprocess.Popen[str]"]]:
    options = ["--world", str(world), "--state", str(state), "--rate", "600/25"]
    with subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        try:
            with httpx.Client(base_url=program.stdout.readline().split()[-1]) as http:
                yield http, program
        finally:
            program.kill()


def _held(http: httpx.Client) -> dict[str, Any]:
    """Return all a stranger can see of what the emulator holds."""
    journal = http.get("/_emulator/journal").json()
    return {
        "world": http.get("/_emulator/world").json(),
        "installations": http.get("/_emulator/installations").json(),
        "faults": http.get("/_emulator/faults").json(),
        "behavior": http.get("/_emulator/behavior").json(),
        "frozen": http.get("/_emulator/clock").json()["now"],
        "writes": [each["path"] for each in journal["entries"] if each["method"] != "GET"],
    }


def test_everything_a_write_was_answered_for_survives_a_kill(world_file: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    app = {"client_id": "one"}
    with running(world_file, state) as (http, program):
        http.post("/_emulator/clock", json={"frozen": True})
        http.post("/_emulator/installations", json=app | {"company_id": HARBOR, "project_ids": [TOWER]})
        token = http.post("/_emulator/tokens", json=app | {"person_id": small_world().people[0].id}).json()
        http.patch(f"/_emulator/projects/{TOWER}", json={"name": "Kept", "disabled_tools": ["Schedule"]})
        http.post("/_emulator/faults", json={"path": "/x", "status": 422, "shape": "errors_fields", "count": None})
        http.patch("/_emulator/behavior", json={"range_end_inclusive": True})
        headers = {"Authorization": f"Bearer {token['access_token']}", "Procore-Company-Id": str(HARBOR)}
        first = http.get("/rest/v1.0/me", headers=headers)
        http.post("/_emulator/projects", json={"company_id": HARBOR, "name": "Last"})
        before = _held(http)
        program.send_signal(signal.SIGKILL)
        program.wait(30)

    with running(world_file, state) as (http, _):
        after = _held(http)
        second = http.get("/rest/v1.0/me", headers=headers)

    assert after == before
    assert second.status_code == 200
    left = [int(each.headers["X-Rate-Limit-Remaining"]) for each in (first, second)]
    assert left == [24, 23]


def test_a_kill_in_the_middle_of_many_writes_leaves_a_whole_file(world_file: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    acknowledged: list[int] = []
    with running(world_file, state) as (http, program):
        writing = threading.Thread(target=_write_on, args=(str(http.base_url), acknowledged))
        writing.start()
        while len(acknowledged) < 60:  # so that one is under way when the end comes
            writing.join(0.01)
        program.send_signal(signal.SIGKILL)
        program.wait(30)
        writing.join()

    with running(world_file, state) as (http, _):
        there = {each["id"] for each in http.get("/_emulator/world").json()["projects"]}

    assert set(acknowledged) <= there


def _write_on(url: str, acknowledged: list[int]) -> None:
    """Add projects until nobody answers."""
    with httpx.Client(base_url=url) as http, suppress(httpx.HTTPError):
        while True:
            added = http.post("/_emulator/projects", json={"company_id": HARBOR, "name": "New"})
            acknowledged.append(added.json()["id"])


def test_half_a_file_left_by_a_kill_is_written_over(world_file: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    (tmp_path / "state.json.part").write_text('{"format"')

    with running(world_file, state) as (http, program):
        http.post("/_emulator/reset")
        program.send_signal(signal.SIGINT)
        program.wait(30)

    assert sorted(each.name for each in tmp_path.iterdir()) == ["state.json", "world.json"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{}", "is of no Procore emulator"),
        ('{"world": {}}', "before state files had a number"),
        ('{"format": "shopping list", "format_version": 1}', "it says 'shopping list'"),
        (json.dumps({"format": FORMAT, "format_version": FORMAT_VERSION + 1}), "this emulator writes 2"),
        (json.dumps({"format": FORMAT, "format_version": FORMAT_VERSION}), "missing required field"),
        ("[]", "cannot be used"),
        ("{", "cannot be used"),
    ],
)
def test_a_foreign_or_old_file_is_named_and_left_alone(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "state.json"
    file.write_text(text)

    with pytest.raises(StateFileError, match=sentence) as caught:
        Store(small_world(), behavior=Behavior(), clock=MovableClock(), file=file)

    assert "state.json" in str(caught.value)
    assert "Delete it" in str(caught.value)
    assert file.read_text() == text
