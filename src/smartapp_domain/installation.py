"""Which of our apps a company has installed, and what we know from it."""

import enum
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import attrs

from smartapp_domain.catalog import Module
from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.ids import AccountId
from smartapp_domain.selection import Selection

#: How old the list may become before it is read again without being asked for: an uninstall shows by then.
ROUTINE: Final = timedelta(hours=1)
#: The same while the platform does not let us in: it asks to back off, not to knock.
REST: Final = timedelta(days=1)
#: How old it may be when somebody opens a page that shows it: within this, an uninstall is not noticed.
FRESH: Final = timedelta(minutes=5)


class Lost(enum.Enum):
    """Why nothing can be read from the platform until a person does something there."""

    UNINSTALLED = "uninstalled"
    """No app of ours is installed in the company any more."""
    RECONNECT = "reconnect"
    """What somebody let us work with is not accepted any more; they must sign in again."""
    DENIED = "denied"
    """The app is installed, but may not read what it needs."""


@attrs.frozen
class ProjectListing:
    """
    How the last listing of an account's platform projects went.

    Attributes:
        installed: Modules whose app is installed in the company.
        problem: Plain words when the last try failed; the rows shown are then those of `refreshed_at`.
        lost: Set while the platform does not let us in; work that needs it rests until it does again.

    """

    account_id: AccountId
    installed: frozenset[Module] = frozenset()
    requested_at: datetime | None = None
    refreshed_at: datetime | None = None
    problem: str | None = None
    lost: Lost | None = None
    version: int = 1

    @property
    def is_running(self) -> bool:
        return self.requested_at is not None and (self.refreshed_at is None or self.refreshed_at < self.requested_at)

    def is_due(self, at: datetime) -> bool:
        """Tell whether whoever looks should ask for a fresh one; a platform that lost us is left alone."""
        asked = (self.refreshed_at, self.requested_at)
        return self.lost is None and all(when is None or at - when >= FRESH for when in asked)

    @property
    def next_after(self) -> timedelta:
        """For how long what was read stands. A platform that does not let us in is not asked more than once a day."""
        return REST if self.lost else ROUTINE


def not_let_in(listing: ProjectListing) -> Refused | None:
    """Return why nothing can be chosen while the platform does not let us in (docs/domain.md L-83)."""
    if listing.lost is None:
        return None
    return Refused(
        Reason.CONNECTION_LOST,
        "Your projects cannot be read at the moment, so nothing can be chosen or bought. Your choice is kept. "
        "The Projects page says what mends it.",
        WayOut.PROJECTS,
    )


def apps_missing(installed: frozenset[Module], selections: Mapping[str, Selection]) -> frozenset[Module]:
    """Return the modules that are ticked although their app is not installed: a warning, not a refusal."""
    chosen = {module for selection in selections.values() for module in selection.modules}
    return frozenset(chosen) - installed
