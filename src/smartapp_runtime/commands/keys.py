"""`smartapp keys`: which key seals what, and giving everything the newest one while the product runs."""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import attrs
import click

from smartapp_adapters.storage import Keys, SqlStorage
from smartapp_runtime.parts.storage import encryption_keys, open_existing, telling_of_database
from smartapp_runtime.settings import load


@attrs.frozen
class _Open:
    keys: Keys
    storage: SqlStorage

    def role(self, id: str) -> str:
        if id == self.keys.current_id:
            return "seals"
        return "opens" if id in self.keys.by_id else "missing"


@click.group()
def keys() -> None:
    """See and change the keys that seal stored secrets. How to rotate them: docs/operating.md, Keys."""


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a script.")
def list_(*, as_json: bool) -> None:
    """Tell for each key how many rows it holds: one that holds none may go."""
    with _opened() as given:
        counted = given.storage.seals().counted()
        if as_json:
            rows = [{"key": id, "role": given.role(id), "rows": dict(counted[id])} for id in counted]
            click.echo(json.dumps(rows, indent=2))
            return
        for id, tables in counted.items():
            click.echo(f"{click.style(id, bold=True)}  {given.role(id)}  {_told(tables)}")


@keys.command()
@click.option("--batch", default=100, show_default=True, type=click.IntRange(1, 10_000), help="Rows per transaction.")
def reseal(*, batch: int) -> None:
    """Seal everything with the first of SMARTAPP_ENCRYPTION_KEYS. Web and workers may run; it may be repeated."""
    with _opened() as given:
        sealed, unreadable = 0, Counter[str]()
        for step in given.storage.seals().resealed(batch=batch):
            sealed += step.sealed
            unreadable += step.unreadable
            if step.sealed:
                click.echo(f"{sealed} rows sealed with {given.keys.current_id} …", err=True)
        click.echo(f"{sealed} rows were sealed anew with {given.keys.current_id}.")
        left = {
            id: rows for id, rows in given.storage.seals().counted().items() if rows and id != given.keys.current_id
        }
    if left:
        raise click.ClickException(_why(left, unreadable))


def _why(left: Mapping[str, Counter[str]], unreadable: Counter[str]) -> str:
    """Say what another key still holds, and what to do about it."""
    sentences = []
    for id, tables in left.items():
        if unreadable[id]:
            sentences.append(
                f"{_told(tables)} sealed with {id} do not open: give that key as well, or let the people sign in again."
            )
        else:
            sentences.append(
                f"{_told(tables)} were sealed with {id} meanwhile: a process still runs with it in front. "
                "Restart that process with the new settings, then run this again."
            )
    return " ".join(sentences)


def _told(tables: Mapping[str, int]) -> str:
    return ", ".join(f"{tables[name]} {name}" for name in sorted(tables)) or "nothing"


@contextmanager
def _opened() -> Iterator[_Open]:
    settings = load(os.environ).settings
    given = encryption_keys(settings)
    storage = open_existing(settings, given)
    try:
        with telling_of_database():
            yield _Open(given, storage)
    finally:
        storage.dispose()
