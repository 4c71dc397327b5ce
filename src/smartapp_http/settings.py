"""What the web layer is told by whoever starts it."""

from datetime import timedelta
from urllib.parse import urlsplit

import attrs

from smartapp_domain.identity import Environment
from smartapp_http.limits import Limits

SECRET_CHARS = 32


class BadHttpSetting(ValueError):
    """Raised for a setting the web layer cannot work with; the text names it."""


@attrs.frozen(kw_only=True)
class HttpSettings:
    """
    Settings of the web layer.

    Attributes:
        base_url: Where browsers reach us, without a slash at the end; return addresses are built from it, never from
            the `Host` header a visitor sends.
        secret: Signs form tokens, cursors and one-time messages, at least 32 characters.
        other_secrets: What these may be signed with too: other processes sign with another one while it is changed.
        form_action_hosts: Origins a form may end up at through redirects: the pay host and the log-in host.
        secure_cookies: True behind HTTPS; also switches on Strict-Transport-Security.
        marketplace_url: The platform's page where our apps are installed.
        app_management_url: The platform's page where permitted projects are chosen, if it has an address.
        session_lifetime: Real time after which one has to sign in again.
        limits: How many requests one client may send.

    """

    base_url: str
    secret: str = attrs.field(repr=False)
    other_secrets: tuple[str, ...] = attrs.field(default=(), repr=False)
    platform: str = "Procore"
    environment: Environment = Environment.PRODUCTION
    form_action_hosts: tuple[str, ...] = ()
    support_email: str = "support@smartapp.example"
    secure_cookies: bool = False
    marketplace_url: str = ""
    app_management_url: str | None = None
    pay_host_name: str = "Stripe"
    session_lifetime: timedelta = timedelta(hours=12)
    limits: Limits = attrs.field(factory=Limits)

    def __attrs_post_init__(self) -> None:
        for name, url in (("base_url", self.base_url), *(("form_action_hosts", h) for h in self.form_action_hosts)):
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or parts.query:
                raise BadHttpSetting(f"{name} is {url!r}. Give an origin such as https://connect.example.com.")
        for secret in self.secrets:
            if len(secret) < SECRET_CHARS:
                raise BadHttpSetting(f"secret has {len(secret)} characters. Give at least {SECRET_CHARS} random ones.")
        if self.session_lifetime <= timedelta(0):
            raise BadHttpSetting(f"session_lifetime is {self.session_lifetime}. Give a time above zero.")

    def cookie_name(self, name: str) -> str:
        """Return what a cookie is called: behind HTTPS so that no neighboring domain can plant it (RFC 6265bis)."""
        return f"__Host-{name}" if self.secure_cookies else name

    @property
    def secrets(self) -> tuple[str, ...]:
        """All that a signature of ours may be made with; the first one signs."""
        return self.secret, *self.other_secrets

    @property
    def platform_key(self) -> str:
        """How company keys spell the platform."""
        return self.platform.lower()
