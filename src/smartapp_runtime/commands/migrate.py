"""`smartapp migrate`: bring the database to the form this version needs."""

import os

import click

from smartapp_runtime.parts.storage import no_keys, open_storage, telling_of_database
from smartapp_runtime.settings import load


@click.command()
def migrate() -> None:
    """Bring the database to this version; safe to repeat."""
    storage = open_storage(load(os.environ).settings, no_keys())
    try:
        with telling_of_database():
            storage.migrate()
    finally:
        storage.dispose()
    click.echo("The database is up to date.")
