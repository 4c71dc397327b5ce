"""The database: does it answer, has it this version's form, does it keep accounts apart, do its secrets open."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

from smartapp_adapters.storage import Inspection, Keys, LoginUnfit, SqlStorage
from smartapp_runtime.doctor.findings import Finding, fine, skipped, wrong
from smartapp_runtime.parts.storage import encryption_keys
from smartapp_runtime.settings import Settings, SettingsError

REACHED: Final = "database"
NEWEST: Final = "migrations"
APART: Final = "row security"
SEALED: Final = "encryption keys"
_NAMES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def missing_file(settings: Settings) -> str | None:
    """Return the SQLite file that should be there and is not: to open it would make an empty one."""
    address = make_url(settings.database_url)
    file = address.database
    return file if address.get_backend_name() == "sqlite" and file and not Path(file).is_file() else None


def check_database(settings: Settings, storage: SqlStorage, inspection: Inspection) -> Iterator[Finding]:
    """Say whether the database answers and has the right form; a second finding comes only when it answers."""
    if file := missing_file(settings):
        yield wrong(REACHED, f"There is no database {file}.", "Check SMARTAPP_DATABASE_URL, or run `smartapp migrate`.")
        return
    try:
        newest = inspection.is_newest()
        storage.engine.connect().close()  # on PostgreSQL another login than the one just used
    except LoginUnfit as error:
        fix = "Give SMARTAPP_DATABASE_URL and SMARTAPP_OPERATOR_DATABASE_URL the logins made for them."
        yield wrong(REACHED, str(error), fix)
        return
    except Exception as error:  # noqa: BLE001 - drivers have many; each means that it cannot be used
        cause = error.__cause__ or error
        said = str(getattr(cause, "orig", None) or cause).strip().partition("\n")[0]
        yield wrong(REACHED, f"The database does not answer: {said}.", "Start it, or correct SMARTAPP_DATABASE_URL.")
        return
    yield fine(REACHED, f"{_NAMES[storage.engine.dialect.name]} answers.")
    if newest:
        yield fine(NEWEST, "The database has the form of this version.")
    else:
        yield wrong(NEWEST, "The database is of another version.", "Run `smartapp migrate`.")


def check_row_security(inspection: Inspection) -> Iterator[Finding]:
    holes = inspection.unguarded()
    fix = "Drop what is not ours, and restore what `smartapp migrate` made on a fresh database."
    yield wrong(APART, " ".join(holes), fix) if holes else fine(APART, "Nothing lets one account see another's rows.")


def check_keys(settings: Settings, storage: SqlStorage | None) -> Iterator[Finding]:
    """Say whether every stored secret can be opened; `storage` is None while the database cannot be asked."""
    try:
        keys = encryption_keys(settings)
    except SettingsError as error:
        yield wrong(SEALED, str(error), "Set SMARTAPP_ENCRYPTION_KEYS to the keys this installation was given.")
        return
    if storage is None:
        yield skipped(SEALED, "Whether stored secrets open shows when the database can be asked.")
    else:
        yield from _sealed(keys, storage)


def _sealed(keys: Keys, storage: SqlStorage) -> Iterator[Finding]:
    counted = {id: sum(tables.values()) for id, tables in storage.seals().counted().items()}
    unknown = {id: number for id, number in counted.items() if number and id not in keys.by_id}
    if unknown:
        told = ", ".join(f"{number} with {id!r}" for id, number in sorted(unknown.items()))
        fix = "Put those keys behind the first one in SMARTAPP_ENCRYPTION_KEYS, or let the people sign in again."
        yield wrong(SEALED, f"Secrets are sealed with keys that are not given: {told}.", fix)
    broken = Inspection(storage.database, keys).unopened()
    if broken:
        told = ", ".join(repr(id) for id in sorted(broken))
        fix = "Give the key that had this id when they were sealed; no two keys may share an id."
        yield wrong(SEALED, f"Secrets do not open with the key whose id they name: {told}.", fix)
    if not unknown and not broken:
        older = sum(number for id, number in counted.items() if id != keys.current_id)
        more = f" {older} are sealed with older ones; `smartapp keys reseal` changes that." if older else ""
        yield fine(SEALED, f"Stored secrets open, and {keys.current_id!r} seals new ones.{more}")
