"""The composition root: settings in, everything that runs out (design D-07)."""

import hashlib
import hmac

import attrs
import dramatiq
import httpx

from smartapp_adapters.billing import StripeBillingEvents, StripePayments
from smartapp_adapters.procore import ProcorePlatform, ProcoreSettings, ProcoreSignIn
from smartapp_adapters.storage import Keys, SqlStorage
from smartapp_domain.ports import Ports
from smartapp_http.settings import BadHttpSetting, HttpSettings
from smartapp_runtime.clock import RandomIds, SystemClock
from smartapp_runtime.parts.billing import stripe_settings
from smartapp_runtime.parts.procore import procore_settings
from smartapp_runtime.parts.storage import encryption_keys, open_storage, telling_of_database
from smartapp_runtime.settings import Settings, SettingsError
from smartapp_workers.embedded import EmbeddedWorkers, in_process_broker
from smartapp_workers.hints import DramatiqHints


@attrs.frozen
class Parts:
    """What a process of the product runs on; give it back with `close`."""

    settings: Settings
    ports: Ports
    http: HttpSettings
    storage: SqlStorage
    broker: dramatiq.Broker
    _payments: StripePayments
    _client: httpx.Client

    def workers(self) -> EmbeddedWorkers:
        return EmbeddedWorkers(self.broker, self.ports, threads=self.settings.worker_threads)

    def prepare(self) -> None:
        """Bring an embedded database up to date; a scaled one is migrated by a person, under another role."""
        if self.storage.engine.dialect.name == "sqlite":
            with telling_of_database():
                self.storage.migrate()

    def close(self) -> None:
        self._payments.close()
        self._client.close()
        self.storage.dispose()


def build(settings: Settings) -> Parts:
    """Join ports and adapters, or raise `SettingsError`. Nothing is opened or called yet."""
    keys, stripe, procore = encryption_keys(settings), stripe_settings(settings), procore_settings(settings)
    broker, clock = in_process_broker(), SystemClock()
    storage = open_storage(settings, keys, DramatiqHints(broker))
    client = httpx.Client(timeout=procore.timeout_s)
    payments = StripePayments(stripe, clock)
    ports = Ports(
        clock=clock,
        ids=RandomIds(),
        storage=storage,
        sign_in=ProcoreSignIn(client, procore, clock),
        platform=ProcorePlatform(client, procore, clock, storage.tokens),
        payments=payments,
        billing_events=StripeBillingEvents(stripe),
        price_book=settings.price_book,
        connections=storage.tokens if settings.procore_connection == "admin" else None,
    )
    return Parts(settings, ports, _http(settings, procore, keys), storage, broker, payments, client)


def _http(settings: Settings, procore: ProcoreSettings, keys: Keys) -> HttpSettings:
    try:
        return HttpSettings(
            base_url=settings.site_url,
            secret=_derived(keys),
            environment=procore.environment.account_environment,
            form_action_hosts=(settings.stripe_checkout_origin, procore.login_url),
            support_email=settings.support_email,
            secure_cookies=settings.site_url.startswith("https://"),
            marketplace_url=settings.procore_marketplace_url,
            app_management_url=settings.procore_app_management_url,
        )
    except BadHttpSetting as error:
        raise SettingsError([f"SMARTAPP_PUBLIC_URL or SMARTAPP_STRIPE_CHECKOUT_ORIGIN: {error}"]) from error


def _derived(keys: Keys) -> str:
    """Return what signs form tokens: made from the current key, so that there is one secret less to keep."""
    return hmac.new(keys.by_id[keys.current_id], b"smartapp_http form tokens", hashlib.sha256).hexdigest()
