"""The database, from settings."""

import base64
import binascii
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from smartapp_adapters.storage import (
    KEY_BYTES,
    DatabaseNewer,
    Keys,
    LoginUnfit,
    OutOfReach,
    SqlStorage,
    make_storage,
    migrate,
)
from smartapp_domain.ids import JobId
from smartapp_domain.ports.jobs import JobHints
from smartapp_domain.ports.storage import StorageUnavailable
from smartapp_runtime.settings import NotReady, Settings, SettingsError, env_name
from smartapp_workers.hints import hint_all


class _Nobody:
    """Hints for a program without workers: those of other processes sweep."""

    def hint(self, job_id: JobId) -> None:
        del job_id


def open_storage(settings: Settings, keys: Keys, hints: JobHints | None = None) -> SqlStorage:
    """Return the storage, or raise `SettingsError`; workers hear of jobs through `hints`."""
    on_jobs = partial(hint_all, hints or _Nobody())
    try:
        return make_storage(settings.database_url, keys, operator_url=settings.operator_database_url, on_jobs=on_jobs)
    except (ValueError, ImportError) as error:
        raise SettingsError([f"SMARTAPP_DATABASE_URL or SMARTAPP_OPERATOR_DATABASE_URL: {error}"]) from error


def open_existing(settings: Settings, keys: Keys) -> SqlStorage:
    """Return the storage for a command that makes none, or raise `SettingsError`."""
    storage = open_storage(settings, keys)
    if file := missing_file(settings):
        storage.dispose()
        raise NotReady([f"SMARTAPP_DATABASE_URL: there is no database {file}. Correct it, or run `smartapp migrate`."])
    return storage


def missing_file(settings: Settings) -> str | None:
    """Return the SQLite file that should be there and is not: to open it would make an empty one."""
    address = make_url(settings.database_url)
    file = address.database
    return file if address.get_backend_name() == "sqlite" and file and not Path(file).is_file() else None


def migrate_database(settings: Settings) -> None:
    """Bring the database to this version, or raise `SettingsError`."""
    try:
        with telling_of_database():
            migrate(settings.database_url)
    except (ValueError, ImportError) as error:
        raise SettingsError([f"SMARTAPP_DATABASE_URL: {error}"]) from error


@contextmanager
def telling_of_database() -> Iterator[None]:
    """Turn a database that does not answer, or is not migrated, into a `NotReady` that says what to do."""
    try:
        yield
    except (LoginUnfit, DatabaseNewer) as error:
        raise SettingsError([f"{setting_of(error)}: {error}"]) from error
    except (SQLAlchemyError, StorageUnavailable) as error:
        reason = reason_of(error)
        problem = f"{setting_of(error)}: the database cannot be used: {reason}."
        remedy = " Check the address and that the database runs; `smartapp migrate` makes its tables."
        raise NotReady([problem if "`smartapp migrate`" in reason else problem + remedy]) from error


def setting_of(error: Exception) -> str:
    """Return the setting that leads to the database an error is about."""
    return env_name("operator_database_url" if getattr(error, "operators", False) else "database_url")


def reason_of(error: Exception) -> str:
    """Return what went wrong in the database's own words where there are any, as one line without a full stop."""
    cause = (error.__cause__ or error) if isinstance(error, OutOfReach) else error
    return str(getattr(cause, "orig", None) or cause).strip().partition("\n")[0].rstrip(".")


def encryption_keys(settings: Settings) -> Keys:
    """Return the keys stored secrets are sealed with, or raise `SettingsError`."""
    settings.require("encryption_keys")
    given = [part.strip() for part in (settings.encryption_keys or "").split(",") if part.strip()]
    try:
        return Keys(given[0].partition(":")[0], _by_id([_key(text) for text in given]))
    except (ValueError, IndexError) as error:
        raise SettingsError(
            [f"SMARTAPP_ENCRYPTION_KEYS: {error} `smartapp config --new-key` makes one of the right form."]
        ) from error


def no_keys() -> Keys:
    """Return a key nothing is sealed with, for commands that touch no secret."""
    return Keys("none", {"none": secrets.token_bytes(KEY_BYTES)})


def _by_id(named: list[tuple[str, bytes]]) -> dict[str, bytes]:
    by_id = dict(named)
    if len(by_id) < len(named):
        raise ValueError("Two keys have the same id.")
    return by_id


def _key(text: str) -> tuple[str, bytes]:
    id, colon, body = text.partition(":")
    if not id or not colon:
        raise ValueError("A key has the form ID:BASE64.")
    try:
        return id, base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError(f"The key {id!r} is not Base64.") from None
