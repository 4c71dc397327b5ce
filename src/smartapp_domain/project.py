"""Smartapp's own projects, and the platform's projects as we last saw them."""

import unicodedata
from datetime import datetime

import attrs

from smartapp_domain.catalog import Module
from smartapp_domain.decisions import Reason, Refused
from smartapp_domain.ids import AccountId, PlatformProjectId, ProjectId

NAME_LIMIT = 200
#: Unicode categories of characters that show nothing: blanks, controls, and what only steers its neighbors.
_UNSEEN = frozenset({"Zs", "Cc", "Cf"})
#: Characters that turn the direction of what follows, beyond the name itself: one name could pass for another.
_TURNING = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))


@attrs.frozen
class Project:
    """A jobsite in Smartapp: one address, one team; the unit of licensing."""

    id: ProjectId
    account_id: AccountId
    name: str
    number: str | None
    created_at: datetime
    version: int = 1


@attrs.frozen
class PlatformProject:
    """
    A project on the platform, as seen when it was last listed.

    Attributes:
        apps: Modules whose app may work on it (installed and permitted there).
        name: As the customer wrote it; never changed here.

    """

    id: PlatformProjectId
    name: str
    number: str | None = None
    city: str | None = None
    active: bool = True
    apps: frozenset[Module] = frozenset()
    created_at: datetime | None = None

    @property
    def title(self) -> str:
        """Name with number, for places where names alone repeat."""
        return f"{self.name} ({self.number})" if self.number else self.name


def named(name: str) -> str | Refused:
    """Return the name of a new project without outer blanks, or why it cannot be one."""
    clean = " ".join(name.split())
    if all(unicodedata.category(c) in _UNSEEN for c in clean):
        return Refused(Reason.NAME_MISSING, "The project needs a name. Type one.")
    if turning := next((c for c in clean if c in _TURNING), None):
        return Refused(
            Reason.NAME_MISLEADS,
            f"The name contains an invisible character that turns the direction of text (U+{ord(turning):04X}). "
            "Remove it, or type the name instead of pasting it.",
        )
    if len(clean) > NAME_LIMIT:
        return Refused(
            Reason.NAME_TOO_LONG,
            f"The name has {len(clean)} characters; {NAME_LIMIT} is the limit. Shorten it.",
        )
    return clean
