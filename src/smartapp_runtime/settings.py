"""
What an operator decides: typed, listed with its meaning, refused with a sentence when wrong.

A setting comes from the environment (`SMARTAPP_` and its name in capitals), else from the TOML file named by
`SMARTAPP_CONFIG`, else it has its default.
"""

import difflib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import attrs

from smartapp_domain.pricing import LIST_PRICES, PriceBook
from smartapp_runtime.hiding import quoted, shown
from smartapp_runtime.parsers import (
    broker_address,
    choice,
    networks,
    optional,
    optional_url,
    prices,
    text,
    url,
    whole,
    yes_or_no,
)

PREFIX: Final = "SMARTAPP_"
CONFIG: Final = "SMARTAPP_CONFIG"
#: Names with our prefix that are no settings of the product: they steer its tests and its demo.
_OTHERS: Final = ("SMARTAPP_TEST_", "SMARTAPP_REQUIRE_", "SMARTAPP_DEMO_")


class SettingsError(Exception):
    """
    Settings the product cannot start with; each problem is a sentence that names the setting and the fix.

    Attributes:
        status: With which a command ends: 2 says to a supervisor that trying again is pointless.

    """

    status: int = 2

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class NotReady(SettingsError):
    """What a setting leads to does not answer or is not prepared; that may mend itself, so try again (EX_TEMPFAIL)."""

    status = 75


def _setting(
    meaning: str, default: Any, parse: Callable[[Any], Any] = text, *, secret: bool = False, address: bool = False
) -> Any:
    """
    Describe a setting.

    Args:
        meaning: What `smartapp config` says about it.
        default: What it is when nobody gives it.
        parse: Turns what was given into the value, or raises ValueError with the end of a sentence.
        secret: No part of it may be shown.
        address: Its host may be shown, its password may not.

    """
    metadata = {"meaning": meaning, "parse": parse, "secret": secret, "address": address}
    return attrs.field(default=default, repr=not (secret or address), metadata=metadata)


@attrs.frozen(kw_only=True)
class Settings:
    """
    Every setting, with its default where there is one.

    None stands for "not given"; whoever needs such a setting asks with `require`, so that a command needs no more
    settings than it uses.
    """

    host: str = _setting("Address the web server binds.", "127.0.0.1")
    port: int = _setting("Port of the web server.", 8000, whole(0, 65535))
    public_url: str | None = _setting(
        "Where browsers, Procore and Stripe reach this site; without it http://HOST:PORT.",
        None,
        optional_url,
        address=True,
    )
    support_email: str = _setting("Contact shown on every page.", "support@smartapp.example")
    database_url: str = _setting(
        "Where everything is stored: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.",
        "sqlite:///smartapp.db",
        address=True,
    )
    operator_database_url: str | None = _setting(
        "On PostgreSQL: the same database with the login that reaches the rows of no account.",
        None,
        optional,
        address=True,
    )
    encryption_keys: str | None = _setting(
        "Keys that seal stored tokens, as ID:BASE64 parted by commas; the first one seals, all of them open. "
        "`smartapp config --new-key` makes one.",
        None,
        optional,
        secret=True,
    )
    broker: str | None = _setting(
        "What wakes the workers: amqp://USER:PASSWORD@HOST/VHOST (RabbitMQ) or redis://HOST:PORT/NUMBER, not shared "
        "with another installation. Without one, `serve` does the work itself.",
        None,
        broker_address,
        address=True,
    )
    worker_threads: int = _setting("Jobs done at the same time by one process.", 4, whole(1, 64))
    worker_lease_s: int = _setting(
        "Seconds after which another worker takes over a job whose worker died.", 60, whole(1, 3600)
    )
    stop_within_s: int = _setting(
        "Seconds a stopping process takes to finish its jobs; what is not done by then is handed to another worker.",
        10,
        whole(0, 600),
    )
    trusted_proxies: str = _setting(
        "Addresses or networks of reverse proxies, parted by commas, whose X-Forwarded-For and -Proto are believed; "
        "or none.",
        "127.0.0.1",
        networks,
    )
    rate_limit_session: int = _setting(
        "Requests one session or access token may send per minute to one web process; 0: any number.",
        600,
        whole(0, 1_000_000),
    )
    rate_limit_address: int = _setting(
        "The same for all from one address who are not signed in.", 300, whole(0, 1_000_000)
    )
    rate_limit_sign_in: int = _setting(
        "The same for signing in, which takes two requests, from one address.", 60, whole(0, 1_000_000)
    )
    log_level: str = _setting("Least severe messages logged.", "info", choice("debug", "info", "warning", "error"))
    log_format: str = _setting(
        "How log lines look: plain, or json for a log collector.", "plain", choice("plain", "json")
    )
    procore_environment: str = _setting(
        "Which Procore.", "production", choice("production", "sandbox", "monthly-sandbox", "federal")
    )
    procore_connection: str = _setting(
        "Background work in Procore: by the apps' service accounts, or in the name of the admin who signed in last.",
        "service",
        choice("service", "admin"),
    )
    procore_login_url: str | None = _setting(
        "Log-in host, if not the environment's own.", None, optional_url, address=True
    )
    procore_api_url: str | None = _setting("API host, if not the environment's own.", None, optional_url, address=True)
    procore_planner_client_id: str | None = _setting("Client id of the Procore app Smartapp Planner.", None, optional)
    procore_planner_client_secret: str | None = _setting(
        "Client secret of the Procore app Smartapp Planner.", None, optional, secret=True
    )
    procore_safety_client_id: str | None = _setting("Client id of the Procore app Smartapp Safety.", None, optional)
    procore_safety_client_secret: str | None = _setting(
        "Client secret of the Procore app Smartapp Safety.", None, optional, secret=True
    )
    procore_marketplace_url: str = _setting(
        "Procore's page where our apps are found and installed.", "https://marketplace.procore.com", url, address=True
    )
    procore_app_management_url: str | None = _setting(
        "Procore's page where permitted projects are chosen, if it has one address for all companies.",
        None,
        optional_url,
        address=True,
    )
    stripe_api_key: str | None = _setting(
        "Secret or restricted key of the Stripe account.", None, optional, secret=True
    )
    stripe_webhook_secret: str | None = _setting(
        "Signing secrets of the webhook endpoint, whsec_…, parted by commas.", None, optional, secret=True
    )
    stripe_api_base: str = _setting("Stripe's API host.", "https://api.stripe.com", url, address=True)
    stripe_checkout_origin: str = _setting(
        "Host of Stripe's pay page, which our pages may send a browser to.",
        "https://checkout.stripe.com",
        url,
        address=True,
    )
    stripe_allow_live: bool = _setting(
        "Whether a live key, which moves real money, is meant.", default=False, parse=yes_or_no
    )
    clock_file: str | None = _setting(
        "Clock file that the emulators share: time can be moved. Only with emulated vendors.", None, optional
    )
    clock_allow_moving: bool = _setting(
        "Whether time may be moved, which is for demos and tests with emulated vendors.",
        default=False,
        parse=yes_or_no,
    )
    price_book: PriceBook = _setting("Prices, discount and yearly-only add-ons.", LIST_PRICES, prices)

    @property
    def site_url(self) -> str:
        """Return where browsers find us, without a trailing slash."""
        return self.public_url or f"http://{self.host}:{self.port}"

    def require(self, *names: str) -> None:
        """Raise `SettingsError`, naming all of these settings that are not given."""
        missing = [name for name in names if getattr(self, name) is None]
        if missing:
            raise SettingsError(
                f"{env_name(name)} is not set: {meaning_of(name)} Set it in the environment, "
                f"or `{name}` in the file named by {CONFIG}."
                for name in missing
            )


@attrs.frozen
class Shown:
    """One line of `smartapp config`; a secret's value is hidden."""

    name: str
    value: str
    source: str
    meaning: str


@attrs.frozen
class Loaded:
    """
    Settings and where each came from.

    Attributes:
        unknown: Variables with our prefix that no setting has, each with a sentence. They do not stop the start: some
            platforms inject such names for a service called smartapp.

    """

    settings: Settings
    sources: Mapping[str, str]
    unknown: tuple[str, ...] = ()

    def shown(self) -> tuple[Shown, ...]:
        return tuple(
            Shown(
                env_name(field.name),
                shown(field, getattr(self.settings, field.name)),
                self.sources[field.name],
                field.metadata["meaning"],
            )
            for field in attrs.fields(Settings)
        )


def env_name(name: str) -> str:
    return PREFIX + name.upper()


def meaning_of(name: str) -> str:
    return str(getattr(attrs.fields(Settings), name).metadata["meaning"])


def load(environment: Mapping[str, str]) -> Loaded:
    """Read the settings, or raise `SettingsError` naming every wrong one."""
    problems: list[str] = []
    from_file = _file(environment.get(CONFIG), problems)
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for field in attrs.fields(Settings):
        name, variable = field.name, env_name(field.name)
        given, source, told = None, "default", ""
        if environment.get(variable):
            given, source, told = environment[variable], "environment", variable
        elif name in from_file:
            given, source, told = from_file[name], environment[CONFIG], f"`{name}` in {environment[CONFIG]}"
        sources[name] = source
        if source == "default":
            continue
        try:
            values[name] = field.metadata["parse"](given)
        except ValueError as error:
            problems.append(f"{told} {error}{quoted(field, given)}.")
    if problems:
        raise SettingsError(problems)
    return Loaded(Settings(**values), MappingProxyType(sources), _unknown(environment))


def _file(path: str | None, problems: list[str]) -> Mapping[str, Any]:
    if not path:
        return {}
    try:
        found = tomllib.loads(Path(path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"{CONFIG} names {path}, which cannot be read: {error}.")
        return {}
    names = [field.name for field in attrs.fields(Settings)]
    problems.extend(
        f"{path}: there is no setting `{name}`.{_meant(name, names)}" for name in found if name not in names
    )
    return found


def _unknown(environment: Mapping[str, str]) -> tuple[str, ...]:
    known = {CONFIG, *(env_name(field.name) for field in attrs.fields(Settings))}
    strangers = sorted(n for n in environment if n.startswith(PREFIX) and n not in known and not n.startswith(_OTHERS))
    return tuple(f"{name} is no setting.{_meant(name, known)}" for name in strangers)


def _meant(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.75)
    return f" Do you mean {close[0]}?" if close else " `smartapp config` lists those there are."
