from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
import sqlalchemy as sa

from smartapp_adapters.storage import Keys, SealBroken, SqlStorage
from smartapp_adapters.storage.sealing import Sealed, seal, unseal
from smartapp_adapters.storage.tables import connections, sessions
from smartapp_domain.catalog import Module
from smartapp_domain.connections import Connection, Tokens
from smartapp_domain.ids import JobId
from smartapp_domain.ports.platform import PersonGrant
from smartapp_domain.ports.storage import OPERATOR, SessionUnreadable
from smartapp_domain.ports.tokens import ConnectionUnreadable
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.contracts.storage_bench import ACME, GLOBEX

Make = Callable[[Callable[[tuple[JobId, ...]], None]], SqlStorage]
OLD, NEW = b"o" * 32, b"n" * 32
KEYS = Keys("old", {"old": OLD})
ABOUT = ("connections", "acme", "planner")


def connected(access: str, refresh: str | None = None) -> Connection:
    return Connection.by_person(Tokens(access, some.NOON, refresh), at=some.NOON)


def test_a_sealed_secret_opens_for_what_it_was_sealed_for() -> None:
    sealed = seal(b"secret", KEYS, about=ABOUT)

    assert unseal(sealed, KEYS, about=ABOUT) == b"secret"
    assert b"secret" not in sealed.text


@pytest.mark.parametrize(
    "about",
    [("connections", "globex", "planner"), ("connections", "acmep", "lanner"), ("sessions", "acme", "planner")],
)
def test_a_secret_moved_to_another_row_does_not_open(about: tuple[str, ...]) -> None:
    sealed = seal(b"secret", KEYS, about=ABOUT)

    with pytest.raises(SealBroken, match="row was changed"):
        unseal(sealed, KEYS, about=about)


def test_a_changed_text_does_not_open() -> None:
    sealed = seal(b"secret", KEYS, about=ABOUT)
    bent = Sealed(sealed.key_id, sealed.text[:-1] + bytes([sealed.text[-1] ^ 1]))

    with pytest.raises(SealBroken):
        unseal(bent, KEYS, about=ABOUT)


def test_the_same_secret_never_looks_the_same() -> None:
    assert seal(b"secret", KEYS, about=ABOUT).text != seal(b"secret", KEYS, about=ABOUT).text


def test_after_a_new_key_the_old_secrets_open_and_new_ones_are_sealed_with_it() -> None:
    both = Keys("new", {"old": OLD, "new": NEW})
    old = seal(b"secret", KEYS, about=ABOUT)

    assert unseal(old, both, about=ABOUT) == b"secret"
    assert seal(b"secret", both, about=ABOUT).key_id == "new"


def test_a_missing_key_is_named() -> None:
    sealed = seal(b"secret", KEYS, about=ABOUT)

    with pytest.raises(SealBroken, match="'old', which is not among the keys"):
        unseal(sealed, Keys("new", {"new": NEW}), about=ABOUT)


def test_another_key_under_the_same_name_does_not_open() -> None:
    sealed = seal(b"secret", KEYS, about=ABOUT)

    with pytest.raises(SealBroken, match="another key of that name"):
        unseal(sealed, Keys("old", {"old": NEW}), about=ABOUT)


def test_keys_of_the_wrong_length_or_without_a_current_one_are_refused_and_never_shown() -> None:
    with pytest.raises(ValueError, match="'old' has 5 bytes; it needs 32"):
        Keys("old", {"old": b"short"})
    with pytest.raises(ValueError, match="'new' is not among"):
        Keys("new", {"old": OLD})

    assert "ooo" not in repr(KEYS)


def test_no_token_is_in_the_database_file(make_sqlite: Make, tmp_path: Path) -> None:
    storage = make_sqlite(lambda _: None)
    secrets = ["access-of-pat", "refresh-of-pat", "access-of-acme", "refresh-of-acme"]
    with storage.transaction(OPERATOR) as tx:
        tx.sessions.put(some.session(grant=PersonGrant(Module.PLANNER, secrets[0], some.NOON, secrets[1])))
    storage.tokens.save(ACME, Module.PLANNER, connected(secrets[2], secrets[3]), replacing=0)

    files = [path.read_bytes() for path in tmp_path.iterdir()]

    assert any(b"sessions" in content for content in files)  # these are the files in question
    assert not [secret for secret in secrets for content in files if secret.encode() in content]


def test_a_grant_copied_into_another_session_does_not_open(make_sqlite: Make) -> None:
    storage = make_sqlite(lambda _: None)
    grant = PersonGrant(Module.PLANNER, "access", some.NOON)
    with storage.transaction(OPERATOR) as tx:
        tx.sessions.put(some.session("victim", grant=grant))
        tx.sessions.put(some.session("thief", grant=attrs.evolve(grant, access_token="mine")))
    stolen = sa.select(sessions.c.sealed_grant).where(sessions.c.id == "victim").scalar_subquery()
    with storage.engine.begin() as connection:
        connection.execute(sa.update(sessions).where(sessions.c.id == "thief").values(sealed_grant=stolen))

    with storage.reading(OPERATOR) as reading, pytest.raises(SessionUnreadable):
        reading.sessions.get("thief")


def test_tokens_copied_into_another_account_do_not_open(make_sqlite: Make) -> None:
    storage = make_sqlite(lambda _: None)
    storage.tokens.save(ACME, Module.PLANNER, connected("access"), replacing=0)
    with storage.engine.begin() as connection:
        connection.execute(sa.update(connections).values(account_id=GLOBEX))

    with pytest.raises(ConnectionUnreadable, match="connections/globex/planner"):
        storage.tokens.load(GLOBEX, Module.PLANNER)
