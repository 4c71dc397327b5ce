"""Which of our apps a company has installed, and what we know from it."""

from collections.abc import Mapping
from datetime import datetime

import attrs

from smartapp_domain.catalog import Module
from smartapp_domain.ids import AccountId
from smartapp_domain.selection import Selection


@attrs.frozen
class ProjectListing:
    """
    How the last listing of an account's platform projects went.

    Attributes:
        installed: Modules whose app is installed in the company.
        problem: Plain words when the last try failed; the rows shown are then those of `refreshed_at`.

    """

    account_id: AccountId
    installed: frozenset[Module] = frozenset()
    requested_at: datetime | None = None
    refreshed_at: datetime | None = None
    problem: str | None = None
    version: int = 1

    @property
    def is_running(self) -> bool:
        return self.requested_at is not None and (self.refreshed_at is None or self.refreshed_at < self.requested_at)


def apps_missing(installed: frozenset[Module], selections: Mapping[str, Selection]) -> frozenset[Module]:
    """Return the modules that are ticked although their app is not installed: a warning, not a refusal."""
    chosen = {module for selection in selections.values() for module in selection.modules}
    return frozenset(chosen) - installed
