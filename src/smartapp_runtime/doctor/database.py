"""The database: does it answer, has it this version's form, does it keep accounts apart, do its secrets open."""

from collections.abc import Iterator
from typing import Final

from smartapp_adapters.storage import DatabaseNewer, Inspection, Keys, LoginUnfit, SqlStorage
from smartapp_runtime.doctor.findings import Finding, fine, skipped, wrong
from smartapp_runtime.parts.storage import encryption_keys, missing_file, reason_of, setting_of
from smartapp_runtime.settings import Settings, SettingsError

REACHED: Final = "database"
NEWEST: Final = "migrations"
APART: Final = "row security"
SEALED: Final = "encryption keys"
_NAMES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def check_database(settings: Settings, storage: SqlStorage, inspection: Inspection) -> Iterator[Finding]:
    """Say whether the database answers and has the right form; a second finding comes only when it answers."""
    if file := missing_file(settings):
        yield wrong(REACHED, f"There is no database {file}.", "Check SMARTAPP_DATABASE_URL, or run `smartapp migrate`.")
        return
    try:
        one = storage.database.is_one()  # asks with both logins
        newest = inspection.is_newest()
    except LoginUnfit as error:
        yield wrong(REACHED, str(error), f"Give {setting_of(error)} the login made for it.")
        return
    except DatabaseNewer as error:
        yield wrong(NEWEST, "The database is of a newer version.", str(error).partition(". ")[2])
        return
    except Exception as error:  # noqa: BLE001 - drivers have many; each means that it cannot be used
        says = f"The database does not answer: {reason_of(error)}."
        yield wrong(REACHED, says, f"Start it, or correct {setting_of(error)}.")
        return
    if not one:
        fix = "Let SMARTAPP_DATABASE_URL and SMARTAPP_OPERATOR_DATABASE_URL name the same one."
        yield wrong(REACHED, "The two logins lead to different databases.", fix)
        return
    yield fine(REACHED, f"{_NAMES[storage.engine.dialect.name]} answers.")
    if newest:
        yield fine(NEWEST, "The database has the form of this version.")
    else:
        yield wrong(NEWEST, "The database is of another version.", "Run `smartapp migrate`.")


def check_row_security(inspection: Inspection) -> Iterator[Finding]:
    holes = inspection.unguarded()
    fix = "Run `smartapp migrate`: it makes anew what is not as it was, and drops policies that are not ours."
    shadows = inspection.shadows()
    if holes:
        yield wrong(APART, " ".join(holes), fix)
    if shadows:
        says = "Our logins may make temporary tables, and one named like ours could stand before it."
        yield wrong(APART, says, f"Run as an administrator: {shadows}.")
    if not holes and not shadows:
        yield fine(APART, "Nothing lets one account see another's rows.")


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
