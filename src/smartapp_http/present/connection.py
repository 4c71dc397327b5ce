"""What pages say while the platform does not let us in, or does not let us use a project that is licensed."""

from collections.abc import Collection, Sequence
from typing import Final

import attrs

from smartapp_domain.catalog import Module
from smartapp_domain.installation import Lost, ProjectListing
from smartapp_domain.mapping import ProjectMapping
from smartapp_domain.project import Project
from smartapp_http.present import words
from smartapp_http.settings import HttpSettings
from smartapp_http.views import Banner, Chip, Link, Tone, counted, in_words, paths

#: How many projects that are not permitted any more are named; the rest is counted.
MOST_NAMED: Final = 3
#: For whoever has just mended something on the platform: what is installed is read together with the projects.
READ_AGAIN: Final = Link("Read again", paths.REFRESH)
NOT_CONNECTED: Final = Chip("Not connected", Tone.WARN, "triangle-alert")
_KEPT: Final = "Licenses stay as they are, and nothing is lost; nothing new is read until then."


@attrs.frozen
class Connection:
    """
    How the account stands with the platform.

    Attributes:
        cut_off: The first licensed projects no app of ours may use; `cut_off_total` counts all of them.

    """

    listing: ProjectListing
    cut_off: tuple[Project, ...] = ()
    cut_off_total: int = 0

    def holds(self, link: ProjectMapping) -> bool:
        """Tell whether news of the linked project can reach us."""
        return self.listing.lost is None and not link.is_disconnected


def banner(connection: Connection, settings: HttpSettings, *, may_read: bool = True) -> Banner | None:
    """
    Say why the platform does not let us in, and the one thing that mends it (reading 44).

    `may_read` offers to look again, which takes the right to map projects.
    """
    lost = connection.listing.lost
    found = _lost(lost, connection.listing, settings) if lost else _cut_off(connection, settings)
    return attrs.evolve(found, post=READ_AGAIN if may_read else None) if found else None


def _lost(lost: Lost, listing: ProjectListing, settings: HttpSettings) -> Banner:
    match lost:
        case Lost.UNINSTALLED:
            title = f"Smartapp is not installed in {settings.platform} any more"
            return Banner(title, f"Install an app again to go on. {_KEPT}", Tone.WARN, marketplace(settings))
        case Lost.RECONNECT:
            title, fix = f"{settings.platform} must be connected again", Link("Sign in again", paths.SETUP)
            return Banner(title, f"A company admin has to sign in again. {_KEPT}", Tone.WARN, fix)
        case Lost.DENIED:
            title = f"{settings.platform} does not let Smartapp read your projects"
            return Banner(title, f"{listing.problem} {_KEPT}", Tone.WARN, app_management(settings))


def _cut_off(connection: Connection, settings: HttpSettings) -> Banner | None:
    number = connection.cut_off_total
    if not number:
        return None
    is_are, it_them = ("is", "it") if number == 1 else ("are", "them")
    return Banner(
        f"{counted(number, 'licensed project')} {is_are} not permitted any more",
        f"{_named(connection.cut_off, number)}. Add {it_them} to the permitted projects of a Smartapp app in "
        f"{settings.platform}. {_KEPT}",
        Tone.WARN,
        app_management(settings),
    )


def missing_app(
    connection: Connection, held: Collection[Module], settings: HttpSettings, *, may_read: bool = True
) -> Banner | None:
    """Say which licensed module waits for its app (reading 1); without any app, `banner` says it for all of them."""
    listing = connection.listing
    waiting = [module for module in Module if module in held and module not in listing.installed]
    if not waiting or listing.lost or listing.refreshed_at is None:
        return None
    apps = in_words([f"Smartapp {module.label}" for module in waiting])
    title = f"{apps} {'is' if len(waiting) == 1 else 'are'} licensed, but not installed in {settings.platform}"
    text = "Its data does not flow until the app is installed. The license runs all the same."
    return Banner(title, text, Tone.WARN, marketplace(settings), READ_AGAIN if may_read else None)


def _named(projects: Sequence[Project], total: int) -> str:
    names = [f"{each.name} ({each.number})" if each.number else each.name for each in projects]
    return in_words([*names, f"{total - len(names):,} more"] if total > len(names) else names)


def marketplace(settings: HttpSettings) -> Link | None:
    return Link("Open Marketplace", settings.marketplace_url) if settings.marketplace_url else None


def app_management(settings: HttpSettings) -> Link | None:
    return Link("Open App Management", settings.app_management_url) if settings.app_management_url else None


def link_words(link: ProjectMapping | None, connection: Connection, platform: str) -> str:
    """Return whether a Smartapp project is linked, in words."""
    if link is None:
        return "Not linked"
    if connection.holds(link):
        return f"Linked to {platform}"
    since = f" since {words.day(link.disconnected_at)}" if link.disconnected_at else ""
    return f"Not connected to {platform}{since}"


def link_mark(link: ProjectMapping | None, connection: Connection) -> Chip | None:
    """Return the mark of a project whose link does not work at the moment."""
    return NOT_CONNECTED if link is not None and not connection.holds(link) else None
