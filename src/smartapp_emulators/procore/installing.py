"""Installing, uninstalling and requesting apps, as the people on the other side do it."""

from collections.abc import Collection
from typing import Literal

from smartapp_emulators.procore import tokens
from smartapp_emulators.procore.state import AppRequest, Installation
from smartapp_emulators.procore.store import Store
from smartapp_emulators.procore.world import App

AllProjects = Literal["all"]


class UnknownProjects(ValueError):
    """Projects that the company does not have."""


def install(
    store: Store,
    app: App,
    company_id: int,
    project_ids: Collection[int] | AllProjects,
    *,
    by: int | None = None,
) -> Installation:
    """
    Install an app, or replace its installation.

    Args:
        store: The emulator's memory.
        app: One of the world's apps.
        company_id: An existing company.
        project_ids: The permitted projects; "all" permits every present one, inactive ones included.
        by: The installing person.

    Raises:
        UnknownProjects: Some projects are not the company's.
    """
    with store.changing() as state:
        own = [project.id for project in store.projects_of(company_id)]
        permitted = own if isinstance(project_ids, str) else _checked(own, project_ids, company_id)
        before = store.any_installation(app.client_id, company_id)
        if before is not None:
            state.installations.remove(before)
        installation = Installation(
            id=before.id if before is not None else store.next_id(),
            client_id=app.client_id,
            company_id=company_id,
            project_ids=permitted,
            service_user_id=before.service_user_id if before is not None else store.next_id(),
            version=app.version,
            installed_at=store.clock.now(),
            installed_by=by,
        )
        state.installations.append(installation)
        for request in state.requests:
            if (request.client_id, request.company_id, request.status) == (app.client_id, company_id, "open"):
                request.status = "installed"
        return installation


def uninstall(store: Store, client_id: str, company_id: int) -> Installation | None:
    """End the installation; its permitted projects are forgotten. None when nothing was installed."""
    with store.changing():
        found = store.installation(client_id, company_id)
        if found is None:
            return None
        found.status = "uninstalled"
        found.uninstalled_at = store.clock.now()
        found.project_ids = []
        if store.state.behavior.uninstall_revokes_tokens:
            members = {person.id for person in store.state.world.people if person.membership(company_id)}
            for person_id in sorted(members):
                tokens.revoke_all(store, client_id=client_id, person_id=person_id)
        return found


def publish_version(store: Store, app: App, version: str) -> None:
    """Promote a new version of an app; installed companies see that an update is available."""
    with store.changing():
        app.version = version


def update(store: Store, installation: Installation) -> None:
    """
    Accept the newest version of an app, as a company's admin does.

    The settings of the projects do not carry over: permitted projects have to be chosen again.
    """
    with store.changing() as state:
        app = next(each for each in state.world.apps if each.client_id == installation.client_id)
        installation.version = app.version
        installation.project_ids = []


def permit(store: Store, installation: Installation, project_ids: Collection[int]) -> None:
    """Change the permitted projects of a living installation."""
    with store.changing():
        own = [project.id for project in store.projects_of(installation.company_id)]
        installation.project_ids = _checked(own, project_ids, installation.company_id)


def request_app(store: Store, app: App, company_id: int, person_id: int, note: str) -> AppRequest:
    """Ask the company's admins for an app."""
    with store.changing() as state:
        request = AppRequest(
            id=store.next_id(),
            client_id=app.client_id,
            company_id=company_id,
            person_id=person_id,
            note=note.strip(),
            at=store.clock.now(),
        )
        state.requests.append(request)
        return request


def deny_request(store: Store, request_id: int, company_id: int) -> None:
    with store.changing() as state:
        for request in state.requests:
            if (request.id, request.company_id, request.status) == (request_id, company_id, "open"):
                request.status = "denied"


def _checked(own: list[int], wanted: Collection[int], company_id: int) -> list[int]:
    foreign = sorted(set(wanted) - set(own))
    if foreign:
        raise UnknownProjects(f"Company {company_id} has no project {', '.join(map(str, foreign))}.")
    return [project_id for project_id in own if project_id in set(wanted)]
