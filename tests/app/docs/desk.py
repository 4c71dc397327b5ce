"""Somebody who types what the documents say: one line after the other, in one folder, against emulated vendors."""

import os
import re
import shlex
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import attrs
import psycopg
import pytest
import sqlalchemy as sa
from tests.app.docs.blocks import ROOT, Block
from tests.servers.postgres import private_postgres
from tests.servers.private import stop

from smartapp_runtime.parts.storage import no_keys, open_storage
from smartapp_runtime.settings import load

#: Programs that are not ours to run here, each with the reason.
ELSEWHERE: Final[Mapping[str, str]] = {
    "stripe": "The vendor's own client, an npm package; tests/emulators/stripe replays what it sends.",
}
#: What prints where it listens, and stays until it is told to stop.
_STAYS: Final = ("serve", "emulate")
#: Statuses that are no failure. The doctor names what a site without customers lacks, so it may find something.
_STATUSES: Final[Mapping[str, tuple[int, ...]]] = {"doctor": (0, 1)}
_ENDS: Final = ("config", "catalog", "webhook", "migrate", "quote", "keys", *_STATUSES)
_ASSIGNED: Final = re.compile(r"(\w+)=(.*)")
_TIME_S: Final = 60


@attrs.define
class Desk:
    """
    Where it is typed.

    Attributes:
        addresses: What the documents call a place, and where it is in this test.
        environment: What every program gets.

    """

    folder: Path
    addresses: dict[str, str]
    environment: dict[str, str]
    _open: ExitStack = attrs.field(factory=ExitStack)
    _server: sa.URL | None = None

    def close(self) -> None:
        self._open.close()

    def type(self, block: Block) -> None:
        """Type a block; whatever fails, fails the test."""
        if block.kind == "sql":
            self._administer(block.text)
            return
        given: dict[str, str] = {}
        for line in block.text.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if not words or words[0] == "export":  # the secrets of the test are there already
                continue
            assigned = self._assigned(words)
            words = words[len(assigned) :]
            if not words:
                given |= assigned
            elif words[0] not in ELSEWHERE:
                self._run(line, words, assigned)
        if given:
            _serves(given)

    def _assigned(self, words: list[str]) -> dict[str, str]:
        """Return the settings a line begins with; each is one the product knows."""
        given: dict[str, str] = {}
        for word in words:
            if not (found := _ASSIGNED.fullmatch(word)):
                break
            given[found[1]] = self._here(found[2])
        assert load(given).unknown == ()
        return given

    def _run(self, line: str, words: list[str], assigned: Mapping[str, str]) -> None:
        program, *arguments = words
        runs: Mapping[str, Callable[[], object]] = {
            "curl": lambda: self._call(line),
            "make": lambda: _ended(["make", "-n", "-C", str(ROOT), *arguments], {}, self.folder),
            "pip": lambda: _installable(arguments),
            "python": lambda: _ended([sys.executable, *arguments], {}, self.folder),
            "smartapp": lambda: self._smartapp(arguments, assigned),
        }
        assert program in runs, f"Nobody knows how to try `{line}`: teach tests/app/docs/desk.py."
        runs[program]()

    def _call(self, line: str) -> None:
        called = self._here(line).replace("curl ", "curl --fail -s ", 1)
        assert '"' in _ended(["bash", "-c", called], self.environment, self.folder)

    def _smartapp(self, arguments: list[str], assigned: Mapping[str, str]) -> None:
        command = [sys.executable, "-m", "smartapp_runtime.cli", *arguments]
        environment = self.environment | assigned
        assert arguments[0] in (*_STAYS, *_ENDS), f"Say in tests/app/docs/desk.py how `{arguments[0]}` is tried."
        if arguments[0] in _ENDS:
            _ended(command, environment, self.folder, _STATUSES.get(arguments[0], (0,)))
        elif arguments[0] == "emulate":
            with ExitStack() as while_it_starts:
                self._start([*command, "--port", "0"], environment, while_it_starts)
        else:
            self._start(command, environment, self._open)

    def _start(self, command: list[str], environment: Mapping[str, str], until: ExitStack) -> None:
        with (self.folder / "told").open("wb") as told:
            process = subprocess.Popen(
                command, env=os.environ | environment, cwd=self.folder, stdout=subprocess.PIPE, stderr=told
            )
        assert process.stdout is not None
        until.callback(process.stdout.close)
        until.callback(stop, process, signal.SIGINT)
        said = process.stdout.readline().decode()
        assert " on http://" in said, said + (self.folder / "told").read_text()

    def _administer(self, text: str) -> None:
        """Give statements to a server that has nothing but its superuser."""
        if self._server is None:
            self._server = self._open.enter_context(private_postgres())
            self.addresses["HOST"] = f"{self._server.host}:{self._server.port}"
        with psycopg.connect(self._server.render_as_string(hide_password=False), autocommit=True) as connection:
            for statement in filter(str.strip, text.split(";")):
                connection.execute(statement)  # type: ignore[call-overload]  # our own documents

    def _here(self, text: str) -> str:
        for said, here in self.addresses.items():
            text = text.replace(said, here)
        return text


def _ended(command: list[str], environment: Mapping[str, str], folder: Path, fine: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(
        command,
        env=os.environ | environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIME_S,
    )
    assert done.returncode in fine, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def _installable(arguments: list[str]) -> None:
    """Compare what is installed with what the project is called and offers; nothing is downloaded."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found = re.fullmatch(r"([\w-]+)\[([\w,]+)\]", arguments[-1])
    assert found
    assert arguments[:-1] == ["install"]
    assert found[1] == project["name"]
    assert set(found[2].split(",")) <= set(project["optional-dependencies"])


def _serves(given: Mapping[str, str]) -> None:
    """See that the product takes a database with these settings."""
    if "SMARTAPP_DATABASE_URL" not in given:
        pytest.fail(f"Say in tests/app/docs/desk.py what {', '.join(given)} should do.")
    storage = open_storage(load(given).settings, no_keys())
    storage.prepare()
    storage.dispose()
