"""Every secret gets the new key while others work, and then the old key may go."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

import attrs
import pytest
from tests.servers.storages import Make

from smartapp_adapters.storage import Keys, SqlStorage
from smartapp_adapters.storage.resealing import SEALED
from smartapp_adapters.storage.tables import metadata
from smartapp_domain.catalog import Module
from smartapp_domain.connections import Connection, Tokens
from smartapp_domain.ids import AccountId
from smartapp_domain.ports.platform import PersonGrant
from smartapp_domain.ports.storage import OPERATOR, Scope, SessionUnreadable, Stale
from smartapp_domain.ports.tokens import ConnectionUnreadable
from smartapp_domain.testing import builders as some

OLD, NEW = b"o" * 32, b"n" * 32
BEFORE = Keys("old", {"old": OLD})
DURING = Keys("new", {"new": NEW, "old": OLD})
AFTER = Keys("new", {"new": NEW})
ACCOUNTS = [AccountId(f"account-{number}") for number in range(5)]
HOLDERS: list[tuple[Scope, Module]] = [(scope, app) for scope in (*ACCOUNTS, OPERATOR) for app in Module]


@pytest.fixture(params=["make_sqlite", "make_postgres"])
def made(request: pytest.FixtureRequest) -> SqlStorage:
    make: Make = request.getfixturevalue(request.param)
    return make()


@pytest.fixture
def storage(made: SqlStorage) -> Callable[[Keys], SqlStorage]:
    """Return the one database as a process with these keys sees it; it holds connections and sessions."""
    before = SqlStorage(made.database, BEFORE)
    for scope, app in HOLDERS:
        before.tokens.save(scope, app, connection(f"{scope}-{app.value}"), replacing=0)
    with before.transaction(OPERATOR) as tx:
        for number in range(7):
            tx.sessions.put(some.session(f"session-{number}", grant=grant(number)))
        tx.sessions.put(some.session("without a grant"))
    return lambda keys: SqlStorage(made.database, keys)


def connection(access: str) -> Connection:
    return Connection.by_person(Tokens(access, some.NOON, f"refresh-{access}"), at=some.NOON)


def grant(number: int) -> PersonGrant:
    return PersonGrant(Module.PLANNER, f"grant-{number}", some.NOON)


def access_of(storage: SqlStorage, scope: Scope, app: Module) -> str:
    found = storage.tokens.load(scope, app)
    assert found is not None
    return found.tokens.access_token


def test_every_column_of_secrets_is_known() -> None:
    columns = {column for table in metadata.tables.values() for column in table.c if column.name.startswith("sealed")}

    assert {each.column for each in SEALED} == columns


def test_everything_is_sealed_anew_and_opens_without_the_old_key(storage: Callable[[Keys], SqlStorage]) -> None:
    steps = list(storage(DURING).seals().resealed(batch=2))

    after = storage(AFTER)
    assert sum(step.sealed for step in steps) == len(HOLDERS) + 7
    assert [access_of(after, *holder) for holder in HOLDERS] == [f"{scope}-{app.value}" for scope, app in HOLDERS]
    with after.reading(OPERATOR) as reading:
        assert [reading.sessions.get(f"session-{number}").grant for number in range(7)] == [*map(grant, range(7))]
    assert after.seals().counted() == {"new": {"connections": 10, "service_connections": 2, "sessions": 7}}


def test_doing_it_again_changes_nothing(storage: Callable[[Keys], SqlStorage]) -> None:
    list(storage(DURING).seals().resealed())

    assert list(storage(DURING).seals().resealed()) == []


def test_it_is_told_what_each_key_holds(storage: Callable[[Keys], SqlStorage]) -> None:
    storage(DURING).tokens.drop(ACCOUNTS[0], Module.PLANNER)
    storage(DURING).tokens.save(ACCOUNTS[0], Module.PLANNER, connection("anew"), replacing=0)

    assert storage(DURING).seals().counted() == {
        "new": {"connections": 1},
        "old": {"connections": 9, "service_connections": 2, "sessions": 7},
    }


def test_what_does_not_open_is_counted_and_left_as_it_is(storage: Callable[[Keys], SqlStorage]) -> None:
    steps = list(storage(AFTER).seals().resealed(batch=3))

    assert sum(step.sealed for step in steps) == 0
    assert sum(step.unreadable["old"] for step in steps) == len(HOLDERS) + 7
    assert access_of(storage(BEFORE), *HOLDERS[0]) == "account-0-planner"


def test_a_process_with_the_old_settings_alone_says_which_key_it_lacks(storage: Callable[[Keys], SqlStorage]) -> None:
    list(storage(DURING).seals().resealed())

    with pytest.raises(ConnectionUnreadable, match="'new', which is not among the keys"):
        storage(BEFORE).tokens.load(*HOLDERS[0])
    with storage(BEFORE).reading(OPERATOR) as reading, pytest.raises(SessionUnreadable, match="'new'"):
        reading.sessions.get("session-1")


def test_what_cannot_be_read_can_be_replaced_in_the_version_it_was_met_in(
    storage: Callable[[Keys], SqlStorage],
) -> None:
    claimed = connection("theirs").claimed(at=some.NOON, lease=timedelta(minutes=1))
    storage(AFTER).tokens.save(*HOLDERS[0], claimed, replacing=1)

    with pytest.raises(ConnectionUnreadable) as met:
        storage(BEFORE).tokens.load(*HOLDERS[0])

    assert met.value.known == attrs.evolve(claimed, tokens=Connection.none_yet().tokens)
    ours = met.value.known.renewed(connection("ours").tokens, at=some.NOON)
    storage(BEFORE).tokens.save(*HOLDERS[0], ours, replacing=claimed.version)
    with pytest.raises(Stale):
        storage(AFTER).tokens.save(*HOLDERS[0], ours, replacing=claimed.version)


def test_a_row_changed_between_the_look_and_the_write_keeps_the_change(storage: Callable[[Keys], SqlStorage]) -> None:
    during = storage(DURING)
    if during.engine.dialect.name == "sqlite":
        pytest.skip("A writer of SQLite is alone between its look and its write.")
    theirs = grant(99)

    def meddle() -> None:
        with storage(BEFORE).transaction(OPERATOR) as tx:
            tx.sessions.replace(some.session("session-3", grant=theirs))

    for holder in HOLDERS:  # so that the first batch is one of sessions
        during.tokens.drop(*holder)
    list(storage(Keys("new", MeddledKeys(DURING.by_id, meddle))).seals().resealed())

    with during.reading(OPERATOR) as reading:
        assert reading.sessions.get("session-3").grant == theirs
    assert during.seals().counted()["old"] == {"sessions": 1}


class MeddledKeys(dict[str, bytes]):
    """Keys at whose first use, which is after a batch was read, somebody changes one of its rows."""

    def __init__(self, keys: Mapping[str, bytes], meddle: Callable[[], None]) -> None:
        super().__init__(keys)
        self._meddle: Callable[[], None] | None = meddle

    def get(self, id: str, default: bytes | None = None) -> bytes | None:
        if self._meddle is not None:
            meddle, self._meddle = self._meddle, None
            meddle()
        return super().get(id, default)


def test_nothing_is_lost_while_others_renew_and_sign_in(storage: Callable[[Keys], SqlStorage]) -> None:
    """Some of the others already seal with the new key, some still with the old one in front."""
    both_ways = [DURING, Keys("old", DURING.by_id)]
    stop, written = threading.Event(), dict.fromkeys(HOLDERS, 0)
    finished = threading.Lock()

    def renew(keys: Keys, holders: list[tuple[Scope, Module]]) -> None:
        vault = storage(keys).tokens
        while not stop.is_set():
            for holder in holders:
                held = vault.load(*holder)
                assert held is not None
                tokens = Tokens(f"{holder}-{held.version}", some.NOON, "refresh")
                renewed = held.claimed(at=some.NOON, lease=some.NOON - some.NOON).renewed(tokens, at=some.NOON)
                with suppress(Stale):
                    vault.save(*holder, renewed, replacing=held.version)
                    with finished:
                        written[holder] = max(written[holder], renewed.version)

    threads = [threading.Thread(target=renew, args=(keys, HOLDERS[start::2])) for keys in both_ways for start in (0, 1)]
    for thread in threads:
        thread.start()
    for _ in range(8):
        for _step in storage(DURING).seals().resealed(batch=3):
            pass
    stop.set()
    for thread in threads:
        thread.join()
    list(storage(DURING).seals().resealed())

    after = storage(AFTER)
    found = {holder: after.tokens.load(*holder) for holder in HOLDERS}
    assert {holder: each and each.version for holder, each in found.items()} == written
    assert min(written.values()) > 1
