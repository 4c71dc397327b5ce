"""`smartapp config`: every setting with its value, where it comes from and what it means."""

import json
import os

import attrs
import click

from smartapp_runtime.keys import new_key
from smartapp_runtime.settings import load


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a script.")
@click.option("--new-key", "key", is_flag=True, help="Only make a key for SMARTAPP_ENCRYPTION_KEYS and print it.")
def config(*, as_json: bool, key: bool) -> None:
    """List every setting, its source and meaning. Secrets are hidden."""
    if key:
        click.echo(new_key())
        return
    loaded = load(os.environ)
    if as_json:
        rows = [attrs.asdict(row) for row in loaded.shown()]
        click.echo(json.dumps({"settings": rows, "unknown": list(loaded.unknown)}, indent=2))
        return
    for row in loaded.shown():
        click.echo(click.style(row.name, bold=True) + f" = {row.value}  ({row.source})")
        click.echo(click.wrap_text(row.meaning, width=100, initial_indent="    ", subsequent_indent="    "))
    for sentence in loaded.unknown:
        click.echo(sentence, err=True)
