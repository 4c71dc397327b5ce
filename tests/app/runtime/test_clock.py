"""One clock for several programs, and why it cannot be moved where anything is real."""

import contextlib
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartapp_http.clock_control import MovesForwardOnly
from smartapp_runtime.clock import ClockFileUnusable, FileClock, SystemClock
from smartapp_runtime.parts.clock import business_clock
from smartapp_runtime.settings import Settings, SettingsError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MONTH = timedelta(days=30)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "clock.json"


def clock(file: Path) -> FileClock:
    return FileClock(file, lambda: NOON)


def offset(file: Path) -> float:
    return float(json.loads(file.read_text())["offset_s"])


def emulated(file: Path) -> Settings:
    return Settings(
        clock_file=str(file),
        clock_allow_moving=True,
        procore_login_url="http://localhost:8010",
        procore_api_url="http://127.0.0.1:8010",
        stripe_api_base="http://localhost:8020",
        stripe_checkout_origin="http://[::1]:8020",
    )


def test_without_a_file_it_is_real_time(file: Path) -> None:
    assert clock(file).now() == NOON


def test_who_moves_the_clock_moves_it_for_all_who_share_the_file(file: Path) -> None:
    app, worker = clock(file), clock(file)

    app.move_to(NOON + MONTH)

    assert app.now() == worker.now() == NOON + MONTH
    assert offset(file) == MONTH.total_seconds()


def test_a_move_by_another_program_is_seen_at_the_next_look(file: Path) -> None:
    app = clock(file)

    file.write_text('{"offset_s": 60, "by": "somebody else"}')

    assert app.now() == NOON + timedelta(seconds=60)


def test_nobody_moves_it_back(file: Path) -> None:
    app = clock(file)
    app.move_to(NOON + MONTH)

    with pytest.raises(MovesForwardOnly):
        app.move_to(NOON + MONTH - timedelta(seconds=1))

    assert app.now() == NOON + MONTH


@pytest.mark.parametrize("lost", ["removed", "moved back"])
def test_a_file_that_went_back_is_put_right(file: Path, lost: str) -> None:
    app = clock(file)
    app.move_to(NOON + MONTH)

    if lost == "removed":
        file.unlink()
    else:
        file.write_text('{"offset_s": 1}')

    assert app.now() == NOON + MONTH
    assert offset(file) == MONTH.total_seconds()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"offset_s": -1}', '{"offset_s": true}', '{"offset_s": 1e18}', "\xff"]
)
def test_a_file_that_is_none_stops_the_start_but_not_a_running_clock(file: Path, text: str) -> None:
    app = clock(file)
    app.move_to(NOON + MONTH)

    file.write_bytes(text.encode("latin-1"))

    assert app.now() == NOON + MONTH
    with pytest.raises(ClockFileUnusable, match=r"clock\.json"):
        clock(file)


def test_a_folder_that_was_taken_away_stays_away(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    app = clock(folder / "clock.json")
    app.move_to(NOON + MONTH)
    (folder / "clock.json").unlink()
    folder.rmdir()

    assert app.now() == NOON + MONTH
    assert not folder.exists()


@given(st.lists(st.integers(0, 10_000_000), min_size=1, max_size=8))
def test_however_it_is_moved_it_never_runs_backward(tmp_path_factory: pytest.TempPathFactory, moves: list[int]) -> None:
    file = tmp_path_factory.mktemp("clock") / "clock.json"
    clocks = [clock(file), clock(file)]
    seen = NOON

    for number, seconds in enumerate(moves):
        wish = NOON + timedelta(seconds=seconds)
        mover, other = clocks[number % 2], clocks[1 - number % 2]
        if wish >= seen:
            mover.move_to(wish)
        else:
            with pytest.raises(MovesForwardOnly):
                mover.move_to(wish)
        assert other.now() >= seen
        seen = mover.now()


def test_of_many_who_move_at_once_the_latest_time_holds_for_all(file: Path) -> None:
    clocks = [clock(file) for _ in range(8)]
    wishes = [NOON + timedelta(days=number) for number in range(1, 9)]
    start = threading.Barrier(len(clocks))

    def move(number: int) -> None:
        start.wait()
        with contextlib.suppress(MovesForwardOnly):
            clocks[number].move_to(wishes[number])

    threads = [threading.Thread(target=move, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for each in clocks:
        each.now()  # whoever holds a later time than the file's writes it again
    assert {each.now() for each in clocks} == {wishes[-1]}


def test_without_a_setting_it_is_this_machines_time() -> None:
    assert business_clock(Settings()) == SystemClock()


def test_with_emulators_all_around_time_can_be_moved(file: Path) -> None:
    assert isinstance(business_clock(emulated(file)), FileClock)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"clock_allow_moving": False}, "SMARTAPP_CLOCK_ALLOW_MOVING=yes"),
        ({"stripe_allow_live": True}, "SMARTAPP_STRIPE_ALLOW_LIVE"),
        ({"stripe_api_base": "https://api.stripe.com"}, "SMARTAPP_STRIPE_API_BASE"),
        ({"stripe_checkout_origin": "https://checkout.stripe.com"}, "SMARTAPP_STRIPE_CHECKOUT_ORIGIN"),
        ({"procore_login_url": None}, "SMARTAPP_PROCORE_LOGIN_URL"),
        ({"procore_api_url": "https://api.procore.com"}, "SMARTAPP_PROCORE_API_URL"),
        ({"procore_api_url": "https://localhost.example.com"}, "SMARTAPP_PROCORE_API_URL"),
        ({"procore_api_url": "https://us:hunter2@api.example.com"}, "https://us:(hidden)@api.example.com"),
    ],
)
def test_where_anything_is_real_time_cannot_be_moved(file: Path, change: dict[str, object], named: str) -> None:
    settings = attrs.evolve(emulated(file), **change)  # type: ignore[arg-type]

    with pytest.raises(SettingsError) as refused:
        business_clock(settings)

    [problem] = refused.value.problems
    assert problem.startswith("SMARTAPP_CLOCK_FILE")
    assert named in problem


def test_a_production_that_is_given_a_clock_file_hears_all_of_it_and_does_not_start(file: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        business_clock(Settings(clock_file=str(file), stripe_allow_live=True))

    assert len(refused.value.problems) == 6


def test_a_broken_clock_file_is_told_by_the_name_of_its_setting(file: Path) -> None:
    file.write_text("noon")

    with pytest.raises(SettingsError, match="SMARTAPP_CLOCK_FILE: The clock file"):
        business_clock(emulated(file))
