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
from smartapp_domain.ports.jobs import JobHints
from smartapp_http.clock_control import ClockControl
from smartapp_http.limits import Limits, Policy
from smartapp_http.settings import BadHttpSetting, HttpSettings
from smartapp_runtime.clock import FileClock, RandomIds, SystemClock
from smartapp_runtime.parts.billing import stripe_settings
from smartapp_runtime.parts.broker import hints_through, open_broker, pace
from smartapp_runtime.parts.clock import business_clock
from smartapp_runtime.parts.procore import procore_settings
from smartapp_runtime.parts.storage import encryption_keys, open_storage, telling_of_database
from smartapp_runtime.settings import Settings, SettingsError
from smartapp_workers.hints import BackgroundHints
from smartapp_workers.pool import Workers


@attrs.frozen
class Parts:
    """
    What a process of the product runs on; give it back with `close`.

    Attributes:
        clock_control: Moves time, where settings let it be moved.

    """

    settings: Settings
    ports: Ports
    http: HttpSettings
    storage: SqlStorage
    broker: dramatiq.Broker
    _hints: JobHints | None
    _payments: StripePayments
    _client: httpx.Client
    clock_control: ClockControl | None = None

    def workers(self) -> Workers:
        return Workers(self.broker, self.ports, pace(self.settings))

    def prepare(self) -> None:
        """Bring an embedded database up to date; a scaled one, which a person migrates, must be so already."""
        with telling_of_database():
            self.storage.prepare()

    def close(self) -> None:
        if isinstance(self._hints, BackgroundHints):
            self._hints.close()
        self.broker.close()
        self._payments.close()
        self._client.close()
        self.storage.dispose()


def build(settings: Settings, *, workers_here: bool = True) -> Parts:
    """
    Join ports and adapters, or raise `SettingsError`. Nothing is opened or called yet.

    `workers_here` says whether this process will do jobs: without a broker, hints then stay inside it.
    """
    keys, stripe, procore = encryption_keys(settings), stripe_settings(settings), procore_settings(settings)
    broker, clock = open_broker(settings), business_clock(settings)
    hints = hints_through(broker, settings, workers_here=workers_here)
    storage = open_storage(settings, keys, hints)
    client = httpx.Client(timeout=procore.timeout_s)
    payments = StripePayments(stripe, clock)
    ports = Ports(
        clock=clock,
        real_time=SystemClock(),
        ids=RandomIds(),
        storage=storage,
        sign_in=ProcoreSignIn(client, procore, clock),
        platform=ProcorePlatform(client, procore, clock, storage.tokens),
        payments=payments,
        billing_events=StripeBillingEvents(stripe),
        price_book=settings.price_book,
        connections=storage.tokens if settings.procore_connection == "admin" else None,
    )
    control = clock if isinstance(clock, FileClock) else None
    return Parts(settings, ports, _http(settings, procore, keys), storage, broker, hints, payments, client, control)


def _http(settings: Settings, procore: ProcoreSettings, keys: Keys) -> HttpSettings:
    try:
        return HttpSettings(
            base_url=settings.site_url,
            secret=_derived(keys.by_id[keys.current_id]),
            other_secrets=tuple(_derived(key) for id, key in keys.by_id.items() if id != keys.current_id),
            environment=procore.environment.account_environment,
            form_action_hosts=(settings.stripe_checkout_origin, procore.login_url),
            support_email=settings.support_email,
            secure_cookies=settings.site_url.startswith("https://"),
            marketplace_url=settings.procore_marketplace_url,
            app_management_url=settings.procore_app_management_url,
            limits=_limits(settings),
        )
    except BadHttpSetting as error:
        raise SettingsError([f"SMARTAPP_PUBLIC_URL or SMARTAPP_STRIPE_CHECKOUT_ORIGIN: {error}"]) from error


def _limits(settings: Settings) -> Limits:
    def policy(name: str, per_minute: int) -> Policy | None:
        return Policy(name, per_minute) if per_minute else None

    return Limits(
        session=policy("session", settings.rate_limit_session),
        address=policy("address", settings.rate_limit_address),
        sign_in=policy("sign-in", settings.rate_limit_sign_in),
    )


def _derived(key: bytes) -> str:
    """Return what signs form tokens: made from a key there is anyway, so that there is one secret less to keep."""
    return hmac.new(key, b"smartapp_http form tokens", hashlib.sha256).hexdigest()
