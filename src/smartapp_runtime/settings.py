"""
What an operator decides: typed, listed with its meaning, refused with a sentence when wrong.

A setting comes from the environment (`SMARTAPP_` and its name in capitals), else from the TOML file named by
`SMARTAPP_CONFIG`, else it has its default.
"""

import difflib
import ipaddress
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit

import attrs

from smartapp_domain.pricing import LIST_PRICES, PriceBook
from smartapp_runtime.prices import price_book
from smartapp_workers.addresses import checked_address

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


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise ValueError("must be a text")  # noqa: TRY004 - a setting's problem, not a defect of ours
    return given


def _optional(given: Any) -> str | None:
    return _text(given) or None


def _url(given: Any) -> str:
    parts = urlsplit(_text(given))
    if (
        parts.scheme not in {"http", "https"}
        or not _HOST.fullmatch(parts.hostname or "")
        or not _has_port(parts)
        or parts.query
        or parts.fragment
    ):
        raise ValueError("must be a URL such as https://connect.example.com")
    return parts.geturl().rstrip("/")


#: Not what a host may be called, but what no host is called: blanks, and letters that mean something else in a URL.
_HOST: Final = re.compile(r"[^\s<>\"'`{}|\\^]+")


def _has_port(parts: SplitResult) -> bool:
    """Tell whether the port is a number, or is not named at all."""
    try:
        return parts.port is None or parts.port > 0
    except ValueError:
        return False


def _optional_url(given: Any) -> str | None:
    return _url(given) if given else None


def _broker(given: Any) -> str | None:
    return checked_address(_text(given)) if given else None


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def parse(given: Any) -> int:
        text = str(given)
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return parse


def _choice(*known: str) -> Callable[[Any], str]:
    def parse(given: Any) -> str:
        if given not in known:
            raise ValueError(f"must be one of {', '.join(known)}")
        return str(given)

    return parse


def _networks(given: Any) -> str:
    text = _text(given).strip()
    if text == "none":
        return ""
    try:
        return ",".join(str(ipaddress.ip_network(part.strip())) for part in text.split(","))
    except ValueError:
        raise ValueError("must be addresses or networks such as 10.0.0.7 or 10.0.0.0/24, or none") from None


def _yes_or_no(given: Any) -> bool:
    words = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    if str(given).lower() not in words:
        raise ValueError("must be yes or no")
    return words[str(given).lower()]


def _prices(given: Any) -> PriceBook:
    if not isinstance(given, dict):
        raise ValueError("is a table [price_book] of the settings file; see docs/operating.md")  # noqa: TRY004
    return price_book(given)


def _setting(meaning: str, default: Any, parse: Callable[[Any], Any] = _text, *, secret: bool = False) -> Any:
    return attrs.field(
        default=default, repr=not secret, metadata={"meaning": meaning, "parse": parse, "secret": secret}
    )


@attrs.frozen(kw_only=True)
class Settings:
    """
    Every setting, with its default where there is one.

    None stands for "not given"; whoever needs such a setting asks with `require`, so that a command needs no more
    settings than it uses.
    """

    host: str = _setting("Address the web server binds.", "127.0.0.1")
    port: int = _setting("Port of the web server.", 8000, _whole(0, 65535))
    public_url: str | None = _setting(
        "Where browsers, Procore and Stripe reach this site; without it http://HOST:PORT.", None, _optional_url
    )
    support_email: str = _setting("Contact shown on every page.", "support@smartapp.example")
    database_url: str = _setting(
        "Where everything is stored: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.", "sqlite:///smartapp.db"
    )
    operator_database_url: str | None = _setting(
        "On PostgreSQL: the same database with the login that reaches the rows of no account.", None, _optional
    )
    encryption_keys: str | None = _setting(
        "Keys that seal stored tokens, as ID:BASE64 parted by commas; the first one seals, all of them open. "
        "`smartapp config --new-key` makes one.",
        None,
        _optional,
        secret=True,
    )
    broker: str | None = _setting(
        "What wakes the workers: amqp://USER:PASSWORD@HOST/VHOST (RabbitMQ) or redis://HOST:PORT/NUMBER, not shared "
        "with another installation. Without one, `serve` does the work itself.",
        None,
        _broker,
    )
    worker_threads: int = _setting("Jobs done at the same time by one process.", 4, _whole(1, 64))
    worker_lease_s: int = _setting(
        "Seconds after which another worker takes over a job whose worker died.", 60, _whole(1, 3600)
    )
    stop_within_s: int = _setting(
        "Seconds a stopping process takes to finish its jobs; what is not done by then is handed to another worker.",
        10,
        _whole(0, 600),
    )
    trusted_proxies: str = _setting(
        "Addresses or networks of reverse proxies, parted by commas, whose X-Forwarded-For and -Proto are believed; "
        "or none.",
        "127.0.0.1",
        _networks,
    )
    rate_limit_session: int = _setting(
        "Requests one session or access token may send per minute to one web process; 0: any number.",
        600,
        _whole(0, 1_000_000),
    )
    rate_limit_address: int = _setting(
        "The same for all from one address who are not signed in.", 300, _whole(0, 1_000_000)
    )
    rate_limit_sign_in: int = _setting(
        "The same for signing in, which takes two requests, from one address.", 60, _whole(0, 1_000_000)
    )
    log_level: str = _setting("Least severe messages logged.", "info", _choice("debug", "info", "warning", "error"))
    log_format: str = _setting(
        "How log lines look: plain, or json for a log collector.", "plain", _choice("plain", "json")
    )
    procore_environment: str = _setting(
        "Which Procore.", "production", _choice("production", "sandbox", "monthly-sandbox", "federal")
    )
    procore_connection: str = _setting(
        "Background work in Procore: by the apps' service accounts, or in the name of the admin who signed in last.",
        "service",
        _choice("service", "admin"),
    )
    procore_login_url: str | None = _setting("Log-in host, if not the environment's own.", None, _optional_url)
    procore_api_url: str | None = _setting("API host, if not the environment's own.", None, _optional_url)
    procore_planner_client_id: str | None = _setting("Client id of the Procore app Smartapp Planner.", None, _optional)
    procore_planner_client_secret: str | None = _setting(
        "Client secret of the Procore app Smartapp Planner.", None, _optional, secret=True
    )
    procore_safety_client_id: str | None = _setting("Client id of the Procore app Smartapp Safety.", None, _optional)
    procore_safety_client_secret: str | None = _setting(
        "Client secret of the Procore app Smartapp Safety.", None, _optional, secret=True
    )
    procore_marketplace_url: str = _setting(
        "Procore's page where our apps are found and installed.", "https://marketplace.procore.com", _url
    )
    procore_app_management_url: str | None = _setting(
        "Procore's page where permitted projects are chosen, if it has one address for all companies.",
        None,
        _optional_url,
    )
    stripe_api_key: str | None = _setting(
        "Secret or restricted key of the Stripe account.", None, _optional, secret=True
    )
    stripe_webhook_secret: str | None = _setting(
        "Signing secrets of the webhook endpoint, whsec_…, parted by commas.", None, _optional, secret=True
    )
    stripe_api_base: str = _setting("Stripe's API host.", "https://api.stripe.com", _url)
    stripe_checkout_origin: str = _setting(
        "Host of Stripe's pay page, which our pages may send a browser to.", "https://checkout.stripe.com", _url
    )
    stripe_allow_live: bool = _setting("Whether a live key, which moves real money, is meant.", False, _yes_or_no)  # noqa: FBT003
    clock_file: str | None = _setting(
        "Clock file that the emulators share: time can be moved. Only with emulated vendors.", None, _optional
    )
    clock_allow_moving: bool = _setting(
        "Whether time may be moved, which is for demos and tests with emulated vendors.",
        False,  # noqa: FBT003
        _yes_or_no,
    )
    price_book: PriceBook = _setting("Prices, discount and yearly-only add-ons.", LIST_PRICES, _prices)

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
                env_name(field.name), _shown(field, self.settings), self.sources[field.name], field.metadata["meaning"]
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
            # An "@" may stand behind a password.
            quiet = field.metadata["secret"] or isinstance(given, dict) or "@" in str(given)
            told_value = "" if quiet else f", not {given!r}"
            problems.append(f"{told} {error}{told_value}.")
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


def _shown(field: "attrs.Attribute[Any]", settings: Settings) -> str:
    value = getattr(settings, field.name)
    if value is None:
        return "(not set)"
    if field.metadata["secret"]:
        return "(set, hidden)"
    if isinstance(value, PriceBook):
        return f"version {value.version}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _PASSWORDS.sub(r"\1(hidden)", _without_password(str(value)))


def _without_password(text: str) -> str:
    """Hide the password of a URL; a text without one stays as it is."""
    head, at, tail = text.rpartition("@")
    scheme, mark, login = head.partition("://")
    if not at or not mark or ":" not in login:
        return text
    return f"{scheme}://{login.partition(':')[0]}:(hidden)@{tail}"


_PASSWORDS: Final = re.compile(r"(?<=[?&])([^=&]*password=)([^&]*)", re.IGNORECASE)


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Return every secret in force, each of a list by itself, keys without ids, so that logs can hide them."""
    given = [getattr(settings, field.name) for field in attrs.fields(Settings) if field.metadata["secret"]]
    listed = (
        part.strip().rpartition(":")[2] for value in given if value for part in re.split(r"[,\s]+", value) if part
    )
    passwords = [each for address in _addresses(settings) if address for each in _passwords(address)]
    return (*listed, *passwords, *map(unquote, passwords))


def _passwords(address: str) -> Iterator[str]:
    """Yield every password in an address, as it is written there."""
    yield from (found[2] for found in _PASSWORDS.finditer(address))
    if password := urlsplit(address).password:
        yield password


def _addresses(settings: Settings) -> tuple[str | None, ...]:
    return settings.database_url, settings.operator_database_url, settings.broker
