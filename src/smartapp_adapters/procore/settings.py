"""Where Procore is and who we are there: the only place hosts come from."""

import enum
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Self

import attrs
import httpx

from smartapp_domain.catalog import Module
from smartapp_domain.identity import Environment

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class ProcoreEnvironment(enum.Enum):
    """
    Procore's separate worlds; neither tokens nor credentials pass from one to another.

    An on-demand sandbox is part of production: same hosts, a company id of its own.
    """

    PRODUCTION = "production"
    SANDBOX = "sandbox"
    MONTHLY_SANDBOX = "monthly-sandbox"
    FEDERAL = "federal"

    @property
    def account_environment(self) -> Environment:
        """What an account of this environment is called in our own keys."""
        test = self in {ProcoreEnvironment.SANDBOX, ProcoreEnvironment.MONTHLY_SANDBOX}
        return Environment.SANDBOX if test else Environment.PRODUCTION


@attrs.frozen
class Hosts:
    """Base URLs without a trailing slash."""

    login_url: str
    api_url: str


_HOSTS: Mapping[ProcoreEnvironment, Hosts] = MappingProxyType(
    {
        ProcoreEnvironment.PRODUCTION: Hosts("https://login.procore.com", "https://api.procore.com"),
        ProcoreEnvironment.SANDBOX: Hosts("https://login-sandbox.procore.com", "https://sandbox.procore.com"),
        ProcoreEnvironment.MONTHLY_SANDBOX: Hosts(
            "https://login-sandbox-monthly.procore.com", "https://api-monthly.procore.com"
        ),
        ProcoreEnvironment.FEDERAL: Hosts("https://login.procoregov.com", "https://api.procoregov.com"),
    }
)


def hosts(environment: ProcoreEnvironment | str) -> Hosts:
    """Return an environment's published hosts; `ValueError` for an unknown name lists the known ones."""
    try:
        return _HOSTS[ProcoreEnvironment(environment)]
    except ValueError as error:
        known = ", ".join(each.value for each in ProcoreEnvironment)
        raise ValueError(f"Unknown Procore environment {environment!r}. Known: {known}.") from error


@attrs.frozen
class AppCredentials:
    """One of our apps as registered with Procore; both grants use the same pair."""

    client_id: str
    client_secret: str = attrs.field(repr=False)


def _base_url(_settings: object, field: "attrs.Attribute[str]", value: str) -> None:
    """Refuse to send secrets in clear text to anything but this machine."""
    url = httpx.URL(value)
    if not (url.scheme == "https" or (url.scheme == "http" and url.host in _LOOPBACK)) or not url.host:
        raise ValueError(f"{field.name} must be an https:// URL (http:// only for localhost), not {value!r}.")


def _every_app(_settings: object, _field: object, apps: Mapping[Module, AppCredentials]) -> None:
    missing = [module.label for module in Module if module not in apps]
    if missing:
        raise ValueError(f"Procore credentials are missing for: {', '.join(missing)}.")


def _positive(_settings: object, field: "attrs.Attribute[float]", value: float) -> None:
    if value <= 0:
        raise ValueError(f"{field.name} must be more than 0 seconds, not {value!r}.")


def _without_slash(url: str) -> str:
    return url.rstrip("/")


@attrs.frozen
class ProcoreSettings:
    """
    All the adapter must be told.

    Attributes:
        apps: Credentials of our app behind each module.
        redirect_uri: Registered with both apps, letter by letter.
        timeout_s: For one request: connecting, and each wait for bytes.
        max_wait_s: The longest we hold a caller because Procore limits us. Longer than Procore's 10 s spike window,
            shorter than anybody at a browser would wait; beyond it the caller is told when to come back.

    """

    login_url: str = attrs.field(converter=_without_slash, validator=_base_url)
    api_url: str = attrs.field(converter=_without_slash, validator=_base_url)
    environment: ProcoreEnvironment = attrs.field(converter=ProcoreEnvironment)
    apps: Mapping[Module, AppCredentials] = attrs.field(validator=_every_app)
    redirect_uri: str = attrs.field(validator=_base_url)
    timeout_s: float = attrs.field(default=20.0, validator=_positive)
    max_wait_s: float = attrs.field(default=12.0, validator=_positive)

    @property
    def call_limit(self) -> timedelta:
        """How long one call may take in all; a renewal that takes longer is taken for dead."""
        return timedelta(seconds=3 * self.timeout_s)

    @classmethod
    def of(
        cls, environment: ProcoreEnvironment | str, apps: Mapping[Module, AppCredentials], redirect_uri: str
    ) -> Self:
        """Return settings for one of Procore's own environments."""
        where = hosts(environment)
        return cls(where.login_url, where.api_url, ProcoreEnvironment(environment), apps, redirect_uri)
