"""`smartapp catalog`: whether Stripe would charge what the price book says, and publishing what is missing."""

import json
import os

import attrs
import click

from smartapp_domain.ports.payments import PaymentError
from smartapp_runtime.parts.billing import payments
from smartapp_runtime.settings import load


@click.command()
@click.option("--publish", is_flag=True, help="First create the products and prices that are missing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a script.")
def catalog(*, publish: bool, as_json: bool) -> int:
    """Compare Stripe's prices with the price book; the exit status is 1 when they differ."""
    settings = load(os.environ).settings
    provider = payments(settings)
    try:
        if publish:
            provider.publish_catalog(settings.price_book)
        drift = provider.catalog_drift(settings.price_book)
    except PaymentError as error:
        raise click.ClickException(f"{error} {error.remedy}") from error
    finally:
        provider.close()
    if as_json:
        click.echo(json.dumps([attrs.asdict(each) for each in drift], indent=2))
    else:
        for each in drift:
            click.echo(f"{each.what}: the price book says {each.ours}, Stripe says {each.theirs}.")
        if not drift:
            click.echo(f"Stripe charges what price book version {settings.price_book.version} says.")
    return 1 if drift else 0
