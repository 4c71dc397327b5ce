"""What docs/emulators.md says, done: its Python runs, its world loads, its tables name every control and switch."""

import re
from pathlib import Path

import msgspec
import pytest

from smartapp_emulators.procore.control import api, world_api
from smartapp_emulators.procore.state import Behavior
from smartapp_emulators.procore.world import parse_world

TEXT = (Path(__file__).parents[3] / "docs" / "emulators.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("number", range(2))
def test_the_python_runs(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(blocks("python")[number], f"docs/emulators.md block {number}", "exec"), {})  # noqa: S102 - our own text

    if number == 0:
        assert capsys.readouterr().out.startswith("349 ")


def test_every_python_block_is_run_here() -> None:
    assert len(blocks("python")) == 2


def test_the_small_world_is_one() -> None:
    (text,) = blocks("json")

    assert parse_world(text.encode()).projects[0].name == "Tower"


def test_every_control_is_documented() -> None:
    for handler in (*api.HANDLERS, *world_api.HANDLERS):
        for path in handler.paths:
            assert re.sub(r"\{(\w+):str\}", r"{\1}", re.sub(r"\{\w+:int\}", "{id}", path)) in TEXT, path


def test_every_switch_is_documented_with_its_default() -> None:
    for name, default in msgspec.to_builtins(Behavior()).items():
        assert f"| `{name}` | `{msgspec.json.encode(default).decode()}` |" in TEXT, name
