"""Keep our list of an account's platform projects true."""

from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import datetime
from typing import Final

import attrs

from smartapp_domain.audit import By, Deed, Subject
from smartapp_domain.catalog import Module
from smartapp_domain.identity import Actor, Via
from smartapp_domain.ids import AccountId, PlatformCompanyId, PlatformProjectId
from smartapp_domain.installation import Lost, ProjectListing
from smartapp_domain.jobs import JobKind
from smartapp_domain.ports import Ports
from smartapp_domain.ports.platform import AccessDenied, AppNotInstalled, PlatformError, ReconnectNeeded
from smartapp_domain.ports.storage import OPERATOR, Stale, Transaction
from smartapp_domain.project import PlatformProject
from smartapp_domain.use_cases.trail import note
from smartapp_domain.use_cases.work import soon

#: Subject of the look we take by ourselves: a job of its own, so that one a person asked for can fail for good.
ROUTINE: Final = "routine"


def request_refresh(tx: Transaction, account_id: AccountId, ports: Ports) -> None:
    """Ask for a fresh listing and say so on the page; requests while one runs join it."""
    listing = tx.platform_projects.listing()
    tx.platform_projects.put_listing(
        attrs.evolve(listing, requested_at=ports.clock.now(), version=listing.version + 1), replacing=listing.version
    )
    soon(tx, JobKind.REFRESH_PROJECTS, account_id, "", ports)


def look_now(actor: Actor, ports: Ports) -> ProjectListing:
    """Ask for a fresh listing because somebody wants one, and return how it stands then."""
    with ports.transaction(actor.account_id) as tx:
        request_refresh(tx, actor.account_id, ports)
        return tx.platform_projects.listing()


def look_if_old(listing: ProjectListing, ports: Ports) -> ProjectListing:
    """
    Ask for a fresh listing on behalf of whoever looks at an old one, and return how it stands then.

    Writes nothing more for some minutes; of several who look at the same moment one asks (docs/domain.md L-80).
    """
    now = ports.clock.now()
    if not listing.is_due(now):
        return listing
    with suppress(Stale), ports.transaction(listing.account_id) as tx:
        listing = tx.platform_projects.listing()
        if listing.is_due(now):
            request_refresh(tx, listing.account_id, ports)
            listing = tx.platform_projects.listing()
    return listing


def refresh_projects(account_id: AccountId, ports: Ports) -> None:
    """
    List the projects every installed app may use and store them as one whole, with what it means for their links.

    A listing that fails half-way changes nothing but the words on the page, and raises for the worker to try again.
    When the platform does not let us in at all, that is the outcome: links are disconnected, nothing is lost, and the
    next look is a day away unless a person asks for it.
    """
    with ports.reading(OPERATOR) as reading:
        company_id = reading.accounts.get(account_id).company.company_id
    try:
        seen = _look(account_id, company_id, ports)
    except PlatformError as error:
        _tell(account_id, f"{error} {error.remedy}", ports)
        raise
    with ports.transaction(account_id) as tx:
        before = tx.platform_projects.listing()
        now = ports.clock.now()
        after = attrs.evolve(
            before,
            installed=seen.installed,
            refreshed_at=now,
            problem=seen.problem,
            lost=seen.lost,
            version=before.version + 1,
        )
        tx.platform_projects.replace_all(seen.projects)
        tx.platform_projects.put_listing(after, replacing=before.version)
        _note_apps(tx, account_id, before.installed, seen.installed, ports)
        _relink(tx, {project.id for project in seen.projects}, now)
        soon(tx, JobKind.REFRESH_PROJECTS, account_id, ROUTINE, ports, after=after.next_after)


@attrs.frozen
class _Seen:
    installed: frozenset[Module] = frozenset()
    projects: tuple[PlatformProject, ...] = ()
    lost: Lost | None = None
    problem: str | None = None


def _look(account_id: AccountId, company_id: PlatformCompanyId, ports: Ports) -> _Seen:
    try:
        installed = set(ports.platform.installed(account_id, company_id))
        found: dict[PlatformProjectId, PlatformProject] = {}
        for app in sorted(installed, key=lambda module: module.value):
            try:
                listed = tuple(ports.platform.projects(account_id, company_id, app))
            except AppNotInstalled:  # uninstalled between two calls: it may use nothing any more
                installed.discard(app)
                continue
            for project in listed:
                seen = found.get(project.id)
                found[project.id] = attrs.evolve(project, apps=project.apps | seen.apps) if seen else project
    except AppNotInstalled:
        return _Seen(lost=Lost.UNINSTALLED)
    except (ReconnectNeeded, AccessDenied) as error:
        lost = Lost.RECONNECT if isinstance(error, ReconnectNeeded) else Lost.DENIED
        return _Seen(lost=lost, problem=f"{error} {error.remedy}")
    return _Seen(frozenset(installed), tuple(found.values()), None if installed else Lost.UNINSTALLED)


def _relink(tx: Transaction, usable: AbstractSet[PlatformProjectId], at: datetime) -> None:
    """Disconnect links whose platform project no app of ours may use, and restore those that are usable again."""
    for mapping in tx.mappings.live():
        seen = mapping.seen(usable=mapping.platform_project_id in usable, at=at)
        if seen != mapping:
            tx.mappings.put(seen, replacing=mapping.version)


def _note_apps(
    tx: Transaction, account_id: AccountId, before: AbstractSet[Module], now: AbstractSet[Module], ports: Ports
) -> None:
    """Tell the trail which apps came and went on the platform since we looked last; nobody says by whose hand."""
    for app in Module:
        if (app in before) is not (app in now):
            deed = Deed.APP_INSTALLED if app in now else Deed.APP_REMOVED
            note(tx, By(account_id, Via.WORKER), deed, Subject(app.value, app.label), ports)


def _tell(account_id: AccountId, problem: str, ports: Ports) -> None:
    with ports.transaction(account_id) as tx:
        listing = tx.platform_projects.listing()
        tx.platform_projects.put_listing(
            attrs.evolve(listing, problem=problem, version=listing.version + 1), replacing=listing.version
        )
