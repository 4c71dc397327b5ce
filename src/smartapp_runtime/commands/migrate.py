"""`smartapp migrate`: bring the database to the form this version needs."""

import os

import click

from smartapp_runtime.parts.storage import migrate_database
from smartapp_runtime.settings import load


@click.command()
def migrate() -> None:
    """
    Bring the database to this version; safe to repeat.

    On PostgreSQL the login of SMARTAPP_DATABASE_URL becomes the migrator; docs/operating.md says what it needs.
    """
    migrate_database(load(os.environ).settings)
    click.echo("The database is up to date.")
