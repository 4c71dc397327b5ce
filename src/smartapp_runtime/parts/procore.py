"""Procore, from settings."""

from smartapp_adapters.procore import AppCredentials, ProcoreEnvironment, ProcoreSettings, hosts
from smartapp_domain.catalog import Module
from smartapp_http.pages.entry import CALLBACK
from smartapp_runtime.hiding import hider, secrets_of
from smartapp_runtime.settings import Settings, SettingsError


def procore_settings(settings: Settings) -> ProcoreSettings:
    """Return what the adapter needs, or raise `SettingsError`."""
    settings.require(*(f"procore_{app.value}_{part}" for app in Module for part in ("client_id", "client_secret")))
    published = hosts(settings.procore_environment)
    try:
        return ProcoreSettings(
            login_url=settings.procore_login_url or published.login_url,
            api_url=settings.procore_api_url or published.api_url,
            environment=ProcoreEnvironment(settings.procore_environment),
            apps={app: _credentials(settings, app) for app in Module},
            redirect_uri=settings.site_url + CALLBACK,
        )
    except ValueError as error:
        says = hider(secrets_of(settings))(str(error))
        raise SettingsError([f"SMARTAPP_PROCORE_… or SMARTAPP_PUBLIC_URL: {says}"]) from error


def _credentials(settings: Settings, app: Module) -> AppCredentials:
    return AppCredentials(
        getattr(settings, f"procore_{app.value}_client_id"), getattr(settings, f"procore_{app.value}_client_secret")
    )
