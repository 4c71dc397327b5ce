"""Choosing the projects that an app may use: the same list when it is installed and whenever that is changed."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from litestar.datastructures import FormMultiDict

from smartapp_emulators.procore import installing
from smartapp_emulators.procore.pages.render import PageError
from smartapp_emulators.procore.world import Project


def picker(projects: list[Project], ticked: Collection[int] | None = None) -> dict[str, Any]:
    """Return what the list of projects needs; without `ticked`, it starts with every active one and no inactive one."""
    ordered = sorted(projects, key=lambda project: (project.name.casefold(), project.id))
    active = [project for project in ordered if project.active]
    return {
        "active": active,
        "inactive": [project for project in ordered if not project.active],
        "ticked": {project.id for project in active} if ticked is None else set(ticked),
    }


def picked(form: FormMultiDict) -> list[int]:
    return [int(value) for value in form.getall("project", []) if str(value).isdigit()]


@contextmanager
def unknown_projects_are_told() -> Iterator[None]:
    try:
        yield
    except installing.UnknownProjects as error:
        raise PageError(422, str(error)) from error
