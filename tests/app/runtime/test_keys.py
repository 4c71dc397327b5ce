"""`smartapp keys`, as an operator rotates a key while the product runs."""

import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Self

import attrs
import pytest

from smartapp_adapters.storage import SqlStorage
from smartapp_domain.catalog import Module
from smartapp_domain.connections import Connection, Tokens
from smartapp_domain.ids import AccountId
from smartapp_domain.ports.people import Session
from smartapp_domain.ports.platform import PersonGrant
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.testing.builders import NOON, session
from smartapp_runtime.cli import main
from smartapp_runtime.keys import new_key
from smartapp_runtime.parts.storage import encryption_keys, open_storage
from smartapp_runtime.settings import load

OLD, NEW = new_key(), new_key()
OLD_ID, NEW_ID = (key.partition(":")[0] for key in (OLD, NEW))
ACME = AccountId("acme")
#: Whose tokens are renewed while keys are rotated, and whose are not; both lie on either side of the other.
ACCOUNTS = tuple(AccountId(f"busy-{number}") for number in range(8))
IDLE = tuple(AccountId(f"{when}-{number}") for when in ("before", "later") for number in range(20))
SESSIONS = tuple(f"session-{number}" for number in range(8))


@pytest.fixture
def sealed(here: dict[str, str]) -> None:
    """Have a database that holds one connection, sealed with the old key."""
    del here
    save(OLD)


def save(keys: str, app: Module = Module.PLANNER) -> None:
    tokens = Tokens("access-in-clear", NOON, "refresh-in-clear")
    with storage(keys) as opened:
        opened.tokens.save(ACME, app, Connection.by_person(tokens, at=NOON), replacing=0)


def access(keys: str) -> str:
    with storage(keys) as opened:
        found = opened.tokens.load(ACME, Module.PLANNER)
    assert found is not None
    return found.tokens.access_token


@contextmanager
def storage(keys: str) -> Iterator[SqlStorage]:
    settings = attrs.evolve(load(os.environ).settings, encryption_keys=keys)
    opened = open_storage(settings, encryption_keys(settings))
    yield opened
    opened.dispose()


@pytest.mark.usefixtures("sealed")
def test_a_key_is_rotated_in_four_steps(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SMARTAPP_ENCRYPTION_KEYS", f"{OLD},{NEW}")  # every process learns to open the new one
    assert main(["keys", "list"]) == 0
    assert capsys.readouterr().out == f"{OLD_ID}  seals  1 connections\n{NEW_ID}  opens  nothing\n"

    monkeypatch.setenv("SMARTAPP_ENCRYPTION_KEYS", f"{NEW},{OLD}")  # every process seals with it
    assert main(["keys", "reseal"]) == 0
    assert "1 rows were sealed anew" in capsys.readouterr().out
    assert main(["keys", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"key": NEW_ID, "role": "seals", "rows": {"connections": 1}},
        {"key": OLD_ID, "role": "opens", "rows": {}},
    ]

    assert access(NEW) == "access-in-clear"  # the old one may go


@attrs.frozen
class Busy:
    """A process that opens and replaces tokens and sessions without a pause, until it is `over`."""

    opened: SqlStorage
    over: threading.Event = attrs.field(factory=threading.Event)

    @classmethod
    @contextmanager
    def among(cls, keys: str) -> Iterator[Self]:
        with storage(keys) as opened:
            yield cls(opened)

    def work(self) -> int:
        """Return in which round all were replaced last."""
        rounds = 0
        while not (self.over.is_set() and rounds):
            rounds += 1
            for account_id in ACCOUNTS:
                found = self.opened.tokens.load(account_id, Module.PLANNER)
                assert found is not None
                tokens = Tokens(f"access-{rounds}", NOON, f"refresh-{rounds}")
                renewed = attrs.evolve(found, tokens=tokens, version=found.version + 1)
                self.opened.tokens.save(account_id, Module.PLANNER, renewed, replacing=found.version)
            for id in SESSIONS:
                with self.opened.transaction(OPERATOR) as tx:
                    assert tx.sessions.get(id) is not None
                    tx.sessions.replace(signing_in(id, f"grant-{rounds}"))
        return rounds


def signing_in(id: str, access_token: str) -> Session:
    return session(id, grant=PersonGrant(Module.PLANNER, access_token, NOON))


@pytest.mark.usefixtures("here")
def test_a_key_is_rotated_while_tokens_and_sessions_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with storage(OLD) as before:
        for account_id in (*ACCOUNTS, *IDLE):
            tokens = Tokens("access-0", NOON, "refresh-0")
            before.tokens.save(account_id, Module.PLANNER, Connection.by_person(tokens, at=NOON), replacing=0)
        with before.transaction(OPERATOR) as tx:
            for id in SESSIONS:
                tx.sessions.put(signing_in(id, "grant-0"))
    monkeypatch.setenv("SMARTAPP_ENCRYPTION_KEYS", f"{NEW},{OLD}")

    with Busy.among(f"{NEW},{OLD}") as busy, ThreadPoolExecutor() as pool:
        working = pool.submit(busy.work)
        try:
            assert main(["keys", "reseal", "--batch", "1"]) == 0
        finally:
            busy.over.set()
        rounds = working.result()

    with storage(NEW) as after, after.reading(OPERATOR) as reading:
        kept = [after.tokens.load(account_id, Module.PLANNER) for account_id in (*ACCOUNTS, *IDLE)]
        sessions = [reading.sessions.get(id) for id in SESSIONS]
    assert [each and each.tokens.access_token for each in kept] == [
        *(f"access-{rounds}" for _ in ACCOUNTS),
        *("access-0" for _ in IDLE),
    ]
    assert sessions == [signing_in(id, f"grant-{rounds}") for id in SESSIONS]


@pytest.mark.usefixtures("sealed")
def test_a_key_taken_away_too_early_is_named_with_what_it_holds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SMARTAPP_ENCRYPTION_KEYS", NEW)

    assert main(["keys", "reseal"]) == 1
    complaint = capsys.readouterr().err
    assert main(["keys", "list"]) == 0

    assert f"1 connections sealed with {OLD_ID} do not open: give that key as well" in complaint
    assert f"{OLD_ID}  missing  1 connections" in capsys.readouterr().out
    assert access(OLD) == "access-in-clear"


@pytest.mark.usefixtures("sealed")
def test_neither_keys_nor_tokens_are_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    save(OLD, Module.SAFETY)
    monkeypatch.setenv("SMARTAPP_ENCRYPTION_KEYS", f"{NEW},{OLD}")

    for line in ("keys list", "keys reseal --batch 1", "keys list --json"):
        assert main(line.split()) == 0

    told = "".join(capsys.readouterr())
    assert "in-clear" not in told
    assert not [key for key in (OLD, NEW) if key.partition(":")[2] in told]


@pytest.mark.usefixtures("sealed")
def test_two_keys_of_one_id_are_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SMARTAPP_ENCRYPTION_KEYS", f"{OLD},{OLD_ID}:{NEW.partition(':')[2]}")

    assert main(["keys", "list"]) == 2

    assert "Two keys have the same id" in capsys.readouterr().err


def test_two_keys_of_one_day_have_different_ids() -> None:
    assert len({new_key().partition(":")[0] for _ in range(20)}) > 15
