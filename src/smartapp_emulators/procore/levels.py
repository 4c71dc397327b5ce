"""
Which level somebody has on a tool: what comes with a person's place or an app's manifest, unless it was changed.

A tool that is switched off in a project gives nobody anything there.
"""

from typing import Any

import attrs

from smartapp_emulators.procore.api.tools import (
    COMPANY_TOOLS,
    LEVEL_IDS,
    PROJECT_TOOLS,
    Tool,
    person_level,
    service_level,
)
from smartapp_emulators.procore.state import PermissionChange
from smartapp_emulators.procore.store import Store
from smartapp_emulators.procore.world import App, Level, Person, Project


@attrs.frozen
class Who:
    """A person, or the service account of an app."""

    person: Person | None = None
    app: App | None = None

    @property
    def key(self) -> dict[str, Any]:
        """Return how changes name them."""
        if self.person is not None:
            return {"person_id": self.person.id, "client_id": None}
        return {"person_id": None, "client_id": self.app.client_id if self.app is not None else None}


def tool_named(name: str, *, in_project: bool) -> Tool | None:
    return next((tool for tool in (PROJECT_TOOLS if in_project else COMPANY_TOOLS) if tool.name == name), None)


def is_on(tool: Tool, project: Project) -> bool:
    return tool.name not in project.disabled_tools


def level_in_company(store: Store, who: Who, tool: Tool, company_id: int) -> Level:
    return _changed(store, who, tool, company_id, None) or _given(who, tool, company_id)


def level_in_project(store: Store, who: Who, tool: Tool, project: Project) -> Level:
    return level_when_on(store, who, tool, project) if is_on(tool, project) else "None"


def level_when_on(store: Store, who: Who, tool: Tool, project: Project) -> Level:
    return _changed(store, who, tool, project.company_id, project.id) or _given(who, tool, project.company_id)


def reaches(level: Level, needs: Level) -> bool:
    return LEVEL_IDS[level] >= LEVEL_IDS[needs]


def change_level(store: Store, wish: PermissionChange) -> None:
    """Set a level, or go back to the one that comes by itself when the wish names none."""
    with store.changing() as state:
        state.permissions = [each for each in state.permissions if not _same(each, wish)]
        if wish.level is not None:
            state.permissions.append(wish)


def impossible(store: Store, wish: PermissionChange) -> str | None:
    """Say what is wrong with a wish to change a level, None when it can be done."""
    known = PROJECT_TOOLS if wish.project_id is not None else COMPANY_TOOLS
    projects = {each.id for each in store.projects_of(wish.company_id)}
    wrong = (
        (
            (wish.person_id is None) == (wish.client_id is None),
            "Name a person_id, or a client_id for its service account",
        ),
        (wish.person_id is not None and store.person(wish.person_id) is None, f"There is no person {wish.person_id}"),
        (wish.client_id is not None and store.app(wish.client_id) is None, f"There is no app {wish.client_id!r}"),
        (store.company(wish.company_id) is None, f"There is no company {wish.company_id}"),
        (wish.project_id is not None and wish.project_id not in projects, f"It has no project {wish.project_id}"),
        (wish.tool not in {tool.name for tool in known}, f"The tools are {', '.join(tool.name for tool in known)}"),
    )
    return next((f"{sentence}." for is_wrong, sentence in wrong if is_wrong), None)


def _given(who: Who, tool: Tool, company_id: int) -> Level:
    if who.person is not None:
        return person_level(tool, admin=who.person.administers(company_id))
    return service_level(who.app, tool) if who.app is not None else "None"


def _changed(store: Store, who: Who, tool: Tool, company_id: int, project_id: int | None) -> Level | None:
    wanted = PermissionChange(tool=tool.name, company_id=company_id, project_id=project_id, **who.key)
    return next((each.level for each in store.state.permissions if _same(each, wanted)), None)


def _same(one: PermissionChange, other: PermissionChange) -> bool:
    return all(
        getattr(one, name) == getattr(other, name)
        for name in ("tool", "company_id", "project_id", "person_id", "client_id")
    )
