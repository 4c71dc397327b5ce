"""`smartapp demo` as a program: what it prints, keeps and leaves behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import attrs
import httpx
import pytest

FREE_PORTS = {"SMARTAPP_PORT": "0", "PROCORE_EMULATOR_PORT": "0", "STRIPE_EMULATOR_PORT": "0"}
STRIPE = ("sk_test_demo", "")


@attrs.define
class RunningDemo:
    process: "subprocess.Popen[str]"
    printed: list[str]

    @property
    def opened(self) -> str:
        return next(line for line in self.printed if line.startswith("Open ")).removeprefix("Open ").strip()

    def url(self, name: str) -> str:
        line = next(line for line in self.printed if line.strip().startswith(name))
        return next(word for word in line.split() if word.startswith("http"))

    @property
    def urls(self) -> tuple[str, str, str]:
        return self.url("Smartapp Connect"), self.url("Procore emulator"), self.url("Stripe emulator")

    def end(self, by: signal.Signals) -> int:
        self.process.send_signal(by)
        return self.process.wait(60)


def command(folder: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "smartapp_runtime.cli", "demo", "--folder", str(folder), *more]


@contextmanager
def demo(folder: Path, *more: str, given: Mapping[str, str] = FREE_PORTS) -> Iterator[RunningDemo]:
    process = subprocess.Popen(
        command(folder, *more), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | given
    )
    assert process.stdout is not None
    running = RunningDemo(process, [])
    try:
        for line in iter(process.stdout.readline, ""):
            running.printed.append(line)
            if line.startswith("Ctrl-C"):
                break
        else:
            raise AssertionError("".join(running.printed))
        yield running
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def closed(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", urlsplit(url).port or 80)) != 0


def eventually_closed(url: str) -> bool:
    given_up = time.monotonic() + 20
    while not closed(url) and time.monotonic() < given_up:
        time.sleep(0.05)
    return closed(url)


def installations(procore: str) -> int:
    return len(httpx.get(f"{procore}/_emulator/installations").raise_for_status().json())


def install_everywhere(procore: str) -> None:
    world = httpx.get(f"{procore}/_emulator/world").json()
    wish = {"client_id": world["apps"][0]["client_id"], "company_id": world["companies"][0]["id"], "project_ids": "all"}
    assert httpx.post(f"{procore}/_emulator/installations", json=wish).status_code == 201


def clocks_ahead_s(running: RunningDemo) -> set[float]:
    """Return how far each emulator is ahead of real time."""
    urls = (running.url("Procore emulator"), running.url("Stripe emulator"))
    return {httpx.get(f"{url}/_emulator/clock").json()["offset_s"] for url in urls}


def test_the_demo_from_the_first_start_to_starting_afresh(tmp_path: Path) -> None:
    folder = tmp_path / "kept"

    with demo(folder) as first:
        app, procore, stripe = first.urls
        assert first.opened.startswith(procore)
        assert httpx.get(first.opened).status_code == 200
        assert "Continue with Procore" in httpx.get(f"{app}/setup?app=planner").text
        assert f"{app}/sign-in/callback" in httpx.get(f"{procore}/_emulator/world").json()["apps"][0]["redirect_uris"]
        endpoints = httpx.get(f"{stripe}/v1/webhook_endpoints", auth=STRIPE).json()["data"]
        assert [urlsplit(each["url"]).netloc for each in endpoints] == [urlsplit(app).netloc]
        assert "4242 4242 4242 4242" in "".join(first.printed)
        before = installations(procore)
        install_everywhere(procore)
        assert clocks_ahead_s(first) == {0.0}
        httpx.post(f"{stripe}/_emulator/clock", json={"advance_s": 86_400}).raise_for_status()
        assert clocks_ahead_s(first) == {86_400.0}

        second = subprocess.run(
            command(folder), capture_output=True, text=True, check=False, env=os.environ | FREE_PORTS
        )
        assert second.returncode == 1
        assert f"Another demo runs on {folder}" in second.stderr

        assert first.end(signal.SIGINT) == 0
        assert all(closed(url) for url in (app, procore, stripe))

    key = (folder / "encryption.key").read_text()
    with demo(folder) as again:
        assert (folder / "encryption.key").read_text() == key
        assert installations(again.url("Procore emulator")) == before + 1
        assert clocks_ahead_s(again) == {86_400.0}
        endpoints = httpx.get(f"{again.url('Stripe emulator')}/v1/webhook_endpoints", auth=STRIPE).json()["data"]
        assert len(endpoints) == 1

        again.process.kill()
        if sys.platform == "linux":  # elsewhere the kernel does not end the children of a killed program
            assert all(eventually_closed(url) for url in again.urls)

    with demo(folder, "--reset") as afresh:
        assert (folder / "encryption.key").read_text() != key
        assert installations(afresh.url("Procore emulator")) == before
        assert clocks_ahead_s(afresh) == {0.0}
        assert afresh.end(signal.SIGTERM) == 0
        assert all(closed(url) for url in afresh.urls)


@pytest.mark.parametrize("variable", sorted(FREE_PORTS))
def test_a_taken_port_names_the_variable_to_set(tmp_path: Path, variable: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        given = os.environ | FREE_PORTS | {variable: port}

        run = subprocess.run(command(tmp_path), capture_output=True, text=True, check=False, env=given)

    assert run.returncode == 1
    assert f"Port {port} is in use" in run.stderr
    assert f"{variable}=0 make demo" in run.stderr
    assert "Open" not in run.stdout


def test_a_port_that_is_none_is_refused(tmp_path: Path) -> None:
    given = os.environ | FREE_PORTS | {"SMARTAPP_PORT": "http"}

    run = subprocess.run(command(tmp_path), capture_output=True, text=True, check=False, env=given)

    assert run.returncode == 1
    assert "SMARTAPP_PORT is 'http'" in run.stderr


def test_a_program_that_cannot_start_ends_the_demo_with_its_words(tmp_path: Path) -> None:
    (tmp_path / "procore.json").write_text("no state at all")

    run = subprocess.run(command(tmp_path), capture_output=True, text=True, check=False, env=os.environ | FREE_PORTS)

    assert run.returncode == 1
    assert "Procore emulator did not start" in run.stderr
    assert "procore.json" in run.stderr
