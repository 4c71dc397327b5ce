"""Keep our list of an account's platform projects true."""

import attrs

from smartapp_domain.ids import AccountId, PlatformProjectId
from smartapp_domain.jobs import JobKind
from smartapp_domain.ports import Ports
from smartapp_domain.ports.platform import AppNotInstalled, PlatformError
from smartapp_domain.ports.storage import OPERATOR, Transaction
from smartapp_domain.project import PlatformProject
from smartapp_domain.use_cases.work import soon


def request_refresh(tx: Transaction, account_id: AccountId, ports: Ports) -> None:
    """Ask for a fresh listing and say so on the page; requests while one runs join it."""
    listing = tx.platform_projects.listing()
    tx.platform_projects.put_listing(
        attrs.evolve(listing, requested_at=ports.clock.now(), version=listing.version + 1), replacing=listing.version
    )
    soon(tx, JobKind.REFRESH_PROJECTS, account_id, "", ports)


def refresh_projects(account_id: AccountId, ports: Ports) -> None:
    """
    List the projects every installed app may use and store them as one whole.

    A listing that fails half-way changes nothing but the words on the page, and raises for the worker to try again.
    """
    with ports.reading(OPERATOR) as reading:
        company_id = reading.accounts.get(account_id).company.company_id
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
        installed, found = set(), {}
    except PlatformError as error:
        _tell(account_id, f"{error} {error.remedy}", ports)
        raise
    with ports.transaction(account_id) as tx:
        tx.platform_projects.replace_all(found.values())
        listing = tx.platform_projects.listing()
        tx.platform_projects.put_listing(
            attrs.evolve(
                listing,
                installed=frozenset(installed),
                refreshed_at=ports.clock.now(),
                problem=None,
                version=listing.version + 1,
            ),
            replacing=listing.version,
        )


def _tell(account_id: AccountId, problem: str, ports: Ports) -> None:
    with ports.transaction(account_id) as tx:
        listing = tx.platform_projects.listing()
        tx.platform_projects.put_listing(
            attrs.evolve(listing, problem=problem, version=listing.version + 1), replacing=listing.version
        )
