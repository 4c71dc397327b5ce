"""
The platform where the customer runs the jobs (D-09: a role, not a product).

Two doors: `SignIn` acts for the person at the keyboard, `Platform` for our own service account. All errors are of one
small family and say what happened, to which company or project, and what to do.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

import attrs

from smartapp_domain.catalog import Module
from smartapp_domain.ids import AccountId, PlatformCompanyId, PlatformProjectId, PlatformUserId
from smartapp_domain.project import PlatformProject


class PlatformError(Exception):
    """
    Anything that keeps the platform from answering us.

    Attributes:
        remedy: One sentence for the customer that says how to go on.

    """

    def __init__(self, message: str, *, remedy: str, request_id: str | None = None) -> None:
        super().__init__(message)
        self.remedy = remedy
        self.request_id = request_id


class PlatformUnavailable(PlatformError):
    """The platform is down, too slow or limits our calls; `retry_after_s` is its own wish, if it told one."""

    def __init__(
        self, message: str, *, remedy: str, retry_after_s: float | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(message, remedy=remedy, request_id=request_id)
        self.retry_after_s = retry_after_s


class AppNotInstalled(PlatformError):
    """Our app is not (or no longer) installed in this company."""


class AccessDenied(PlatformError):
    """A right or a permitted project is missing."""


class NotFoundOnPlatform(PlatformError):
    """Unknown there, or not visible to us."""


class SignInRejected(PlatformError):
    """The person refused, the code is used up or expired, or our credentials are wrong."""


class ReconnectNeeded(PlatformError):
    """A stored sign-in is not accepted any more; a person must sign in again."""


class AnswerUnusable(PlatformError):
    """The answer is incomplete, truncated or not of the documented shape; nothing of it was used."""


class RequestRejected(PlatformError):
    """The platform refused what we sent: a defect of ours or a rule of theirs; `message` quotes it."""


@attrs.frozen
class PersonGrant:
    """What lets us act for one person for a short time. Never logged, never stored unsealed."""

    app: Module
    access_token: str = attrs.field(repr=False)
    expires_at: datetime
    refresh_token: str | None = attrs.field(default=None, repr=False)


@attrs.frozen
class PlatformPerson:
    id: PlatformUserId
    name: str
    email: str


@attrs.frozen
class PlatformCompany:
    id: PlatformCompanyId
    name: str


class SignIn(Protocol):
    """Identifies people. No call goes to a company the person has not chosen."""

    def address(self, app: Module, state: str) -> str:
        """Return where to send the browser; `state` comes back unchanged."""
        ...

    def redeem(self, app: Module, code: str) -> PersonGrant:
        """Turn the single-use code into a grant, or raise `SignInRejected`. Never retried."""
        ...

    def person(self, grant: PersonGrant, company_id: PlatformCompanyId | None = None) -> PlatformPerson:
        """Return who signed in. A platform may tell a name only inside a company; else the e-mail stands in for it."""
        ...

    def companies(self, grant: PersonGrant) -> tuple[PlatformCompany, ...]:
        """Return the companies the person belongs to, by name."""
        ...

    def is_company_admin(self, grant: PersonGrant, company_id: PlatformCompanyId) -> bool:
        """Tell it for the chosen company; raise `AppNotInstalled` when the grant's app is not installed there."""
        ...

    def projects(self, grant: PersonGrant, company_id: PlatformCompanyId) -> Iterator[PlatformProject]:
        """Yield the active projects the person can see; `apps` is empty. Raises when the list is not complete."""
        ...

    def forget(self, grant: PersonGrant) -> None:
        """Revoke the grant at the platform; unknown ones are fine."""
        ...


class Platform(Protocol):
    """Background work in a company, by the service account of one of our apps."""

    def installed(self, account_id: AccountId, company_id: PlatformCompanyId) -> frozenset[Module]:
        """Return the modules whose app is installed in the company."""
        ...

    def projects(self, account_id: AccountId, company_id: PlatformCompanyId, app: Module) -> Iterator[PlatformProject]:
        """
        Yield every project the app may work on, inactive ones included, each with `apps` = {app}.

        Raises `AppNotInstalled`, and `AnswerUnusable` rather than end early when the list is not complete.
        """
        ...

    def project(
        self, account_id: AccountId, company_id: PlatformCompanyId, app: Module, project_id: PlatformProjectId
    ) -> PlatformProject:
        """Return one project as it is now, or raise `NotFoundOnPlatform` or `AccessDenied`."""
        ...
