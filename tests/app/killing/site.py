"""A whole installation in real processes: both emulators, web servers and workers, each of which may be killed."""

import base64
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import httpx
from tests.app.killing.entry import ARMED, FOLDER, REACHED
from tests.servers.private import dying_with_us, free_port, stop
from tests.servers.storages import KEYS

from smartapp_adapters.billing import ensure_webhook_endpoint
from smartapp_adapters.storage import SqlStorage, make_storage
from smartapp_runtime.parts.billing import payments, stripe_settings
from smartapp_runtime.settings import Settings

STRIPE_KEY: Final = "sk_test_killing"
#: Short, so that a killed worker's job is taken over soon; long enough for a busy machine.
LEASE_S: Final = 5
_START_WITHIN_S: Final = 90.0


@attrs.define
class Program:
    """One process that is started again after it was killed."""

    command: list[str]
    environment: dict[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    killed: int = 0

    def start(self) -> None:
        with self.log.open("ab") as told:
            self.process = subprocess.Popen(
                dying_with_us([sys.executable, *self.command], at_death="KILL"),
                env=self.environment,
                cwd=Path(__file__).parents[3],
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=told,
            )

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """End it with SIGKILL, in the middle of whatever it does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def revive(self) -> bool:
        """Start it again if it was killed; an end of any other kind is a defect."""
        if self.runs:
            return False
        assert self.process is not None
        assert self.process.returncode == -signal.SIGKILL, f"{self.command}: {self.log.read_text()[-4000:]}"
        self.killed += 1
        self.start()
        return True

    def end(self) -> None:
        if self.process is not None:
            stop(self.process, signal.SIGKILL)


@attrs.define
class Site:
    """
    The processes of an installation; `close` ends them all.

    Attributes:
        folder: A folder of its own, for logs, the clock and the kill orders.
        database: The environment that names the database, migrated already.
        bytecode: Where processes keep what they compiled, half of their start, if it is not kept anyway.
        broker: As `SMARTAPP_BROKER` takes it; without one each process hears only of its own jobs at once.
        webs: How many web servers, and as many workers.

    """

    folder: Path
    database: Mapping[str, str]
    bytecode: str
    broker: str | None = None
    webs: int = 1
    procore: str = attrs.field(init=False, default="")
    stripe: str = attrs.field(init=False, default="")
    ports: list[int] = attrs.field(init=False, factory=list)
    programs: list[Program] = attrs.field(init=False, factory=list)
    _emulators: list[Program] = attrs.field(init=False, factory=list)

    def open(self) -> None:
        """Start everything; returns when all web servers answer."""
        self.ports = [free_port() for _ in range(self.webs)]
        urls = self.urls
        redirects = [word for url in urls for word in ("--redirect-uri", f"{url}/sign-in/callback")]
        stripe = self._emulator("stripe", "--port", "0")
        procore = self._emulator("procore", "--port", "0", *redirects, "--setup-url", f"{urls[0]}/setup")
        self.stripe, self.procore = _address(stripe), _address(procore)
        given = self._settings()
        for url, port in zip(urls, self.ports, strict=True):
            own = {"SMARTAPP_PORT": str(port), "SMARTAPP_PUBLIC_URL": url}
            self._start(f"web-{port}", ["serve", "--workers", "none"], given | own)
            self._start(f"worker-{port}", ["worker"], given | own)
        self.await_webs()

    def close(self) -> None:
        for each in (*self.programs, *self._emulators):
            each.end()

    @property
    def urls(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    def storage(self) -> SqlStorage:
        """Open the database once more, as an operator would."""
        operator = self.database.get("SMARTAPP_OPERATOR_DATABASE_URL")
        return make_storage(self.database["SMARTAPP_DATABASE_URL"], KEYS, operator_url=operator)

    def revive(self) -> int:
        """Start what was killed; return how many that were."""
        return sum(each.revive() for each in self.programs)

    @property
    def is_hurt(self) -> bool:
        return not all(each.runs for each in self.programs)

    @property
    def answers(self) -> bool:
        """Whether all web servers take requests, so that one more may be killed."""
        for port in self.ports:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) != 0:
                    return False
        return True

    def await_webs(self, tend: Callable[[], None] = lambda: None) -> None:
        """Wait until all web servers answer, calling `tend`: one just killed may be silent before it is seen to end."""
        given_up = time.monotonic() + _START_WITHIN_S
        for port, url in zip(self.ports, self.urls, strict=True):
            while True:
                try:
                    httpx.get(f"{url}/setup", trust_env=False, timeout=30)
                    break
                except httpx.TransportError:
                    log = self.folder / f"web-{port}.log"
                    assert time.monotonic() < given_up, log.read_text()[-4000:]
                    time.sleep(0.05)
                    tend()

    def later(self, seconds: float) -> None:
        """Let business time pass for every program."""
        self.emulator("POST", self.stripe, "clock", json={"advance_s": seconds})

    def arm(self, barrier: str) -> None:
        """Have the next process that comes to this barrier killed there."""
        waiting = self.folder / "arming"
        waiting.write_text(barrier)
        waiting.rename(self.folder / ARMED)

    @property
    def armed(self) -> bool:
        return (self.folder / ARMED).exists()

    def disarm(self) -> bool:
        """Return whether the barrier armed last was reached."""
        reached = not self.armed
        (self.folder / ARMED).unlink(missing_ok=True)
        return reached

    def reached(self) -> list[str]:
        """Return every barrier passed so far, in order."""
        notes = self.folder / REACHED
        return notes.read_text().splitlines() if notes.exists() else []

    def emulator(self, method: str, url: str, path: str, **more: Any) -> Any:
        answer = httpx.request(method, f"{url}/_emulator/{path}", trust_env=False, timeout=60, **more)
        return answer.raise_for_status().json()

    def command(self, *arguments: str) -> str:
        """Run `smartapp ARGUMENTS…` on this installation and return what it prints."""
        command = [sys.executable, "-m", "smartapp_runtime.cli", *arguments]
        done = subprocess.run(command, env=self._environment(), capture_output=True, text=True, check=True)
        return done.stdout

    def _emulator(self, name: str, *options: str) -> Program:
        command = ["-m", f"smartapp_emulators.{name}", *options, "--clock", str(self.folder / "clock.json")]
        program = Program(command, self._environment(), self.folder / f"{name}.log")
        program.start()
        self._emulators.append(program)
        return program

    def _start(self, name: str, arguments: list[str], settings: Mapping[str, str]) -> None:
        command = ["-m", "tests.app.killing.entry", *arguments]
        program = Program(command, self._environment() | settings, self.folder / f"{name}.log")
        program.start()
        self.programs.append(program)

    def _environment(self) -> dict[str, str]:
        plain = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("SMARTAPP_") and not name.lower().endswith("_proxy")
        }
        own = {
            FOLDER: str(self.folder),
            "PYTHONUNBUFFERED": "1",
            **(
                {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": self.bytecode} if sys.dont_write_bytecode else {}
            ),
            **({"SMARTAPP_BROKER": self.broker} if self.broker else {}),
        }
        return plain | own | self.database

    def _settings(self) -> dict[str, str]:
        """Publish the prices, have notices sent to every web server, and return what our programs need."""
        settings = Settings(stripe_api_key=STRIPE_KEY, stripe_api_base=self.stripe)
        provider = payments(settings)
        provider.publish_catalog(settings.price_book)
        provider.close()
        hooks = [ensure_webhook_endpoint(stripe_settings(settings), f"{url}/webhooks/stripe") for url in self.urls]
        world = self.emulator("GET", self.procore, "world")
        return {
            "SMARTAPP_ENCRYPTION_KEYS": f"2026:{base64.urlsafe_b64encode(KEYS.by_id['2026']).decode()}",
            "SMARTAPP_WORKER_LEASE_S": str(LEASE_S),
            "SMARTAPP_PROCORE_LOGIN_URL": self.procore,
            "SMARTAPP_PROCORE_API_URL": self.procore,
            "SMARTAPP_STRIPE_API_KEY": STRIPE_KEY,
            "SMARTAPP_STRIPE_API_BASE": self.stripe,
            "SMARTAPP_STRIPE_CHECKOUT_ORIGIN": self.stripe,
            "SMARTAPP_STRIPE_WEBHOOK_SECRET": ",".join(filter(None, hooks)),
            "SMARTAPP_CLOCK_FILE": str(self.folder / "clock.json"),
            "SMARTAPP_CLOCK_ALLOW_MOVING": "yes",
            "SMARTAPP_LOG_LEVEL": "warning",
            **{
                f"SMARTAPP_PROCORE_{app['slug'].upper()}_CLIENT_{part.upper()}": app[f"client_{part}"]
                for app in world["apps"]
                for part in ("id", "secret")
                if app["slug"] in ("planner", "safety")
            },
        }


def _address(program: Program) -> str:
    """Wait for the line in which an emulator tells where it listens."""
    given_up = time.monotonic() + _START_WITHIN_S
    while time.monotonic() < given_up and program.runs:
        for line in program.log.read_text().splitlines():
            if " on http://" in line:
                return line.rpartition(" on ")[2].strip().rstrip("/")
        time.sleep(0.05)
    raise AssertionError(program.log.read_text())
