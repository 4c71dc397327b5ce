"""`smartapp webhook`: have Stripe send its notices to this site, and say how to store what signs them."""

import json
import os

import click

from smartapp_adapters.billing import API_VERSION, ensure_webhook_endpoint
from smartapp_domain.ports.payments import PaymentError
from smartapp_http.api.webhooks import PATH
from smartapp_runtime.parts.billing import stripe_settings
from smartapp_runtime.settings import Settings, load


@click.command()
@click.option("--replace", is_flag=True, help="Make a new endpoint, because the secret of the old one was lost.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a script.")
def webhook(*, replace: bool, as_json: bool) -> None:
    """
    Make Stripe's webhook endpoint for this site, or bring the one there is up to date.

    Prints the secret of a new one, which Stripe tells only once. Safe to repeat.
    """
    settings = load(os.environ).settings
    settings.require("public_url")
    url = settings.site_url + PATH
    try:
        secret = ensure_webhook_endpoint(stripe_settings(settings), url, replace=replace)
    except PaymentError as error:
        raise click.ClickException(f"{error} {error.remedy}") from error
    if as_json:
        click.echo(json.dumps({"url": url, "api_version": API_VERSION, "secret": secret}, indent=2))
        return
    click.echo(f"Stripe sends its notices to {url} (API version {API_VERSION}).")
    click.echo(_about(secret, settings))


def _about(secret: str | None, settings: Settings) -> str:
    if secret is not None:
        return (
            f"Store its secret now; Stripe does not tell it again:\n\n    SMARTAPP_STRIPE_WEBHOOK_SECRET={secret}\n\n"
            "Put it in the environment (or as stripe_webhook_secret into the file named by SMARTAPP_CONFIG) of every\n"
            "web process, and restart them. While an older endpoint still sends, keep its secret behind a comma."
        )
    if settings.stripe_webhook_secret is None:
        return "Its secret was told when it was made. If it was lost: smartapp webhook --replace"
    return "The endpoint was there already; its secret stays."
