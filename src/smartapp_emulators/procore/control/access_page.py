"""The page where tools are switched on and off and levels given, for a company or one of its projects."""

from collections.abc import Collection, Mapping
from typing import get_args

import attrs
from litestar import get, post
from litestar.response import Redirect

from smartapp_emulators.procore import levels
from smartapp_emulators.procore.api.tools import COMPANY_TOOLS, PROJECT_TOOLS, Tool
from smartapp_emulators.procore.levels import Who
from smartapp_emulators.procore.pages.render import Page, PageError, PageRequest, form_of, render, see_other, store_of
from smartapp_emulators.procore.state import PermissionChange
from smartapp_emulators.procore.store import Store
from smartapp_emulators.procore.world import Company, Level, Project

_LEVELS: tuple[Level, ...] = get_args(Level)


@attrs.frozen
class Place:
    """A company, or one of its projects: where levels are held."""

    store: Store
    company: Company
    project: Project | None

    @property
    def tools(self) -> tuple[Tool, ...]:
        return COMPANY_TOOLS if self.project is None else PROJECT_TOOLS

    def everybody(self) -> list[tuple[str, str, Who]]:
        """Return people and service accounts with the key of their form fields and their name."""
        world = self.store.state.world
        people = [each for each in world.people if each.membership(self.company.id) is not None]
        return [
            *((f"person-{each.id}", each.name, Who(person=each)) for each in people),
            *((f"app-{each.client_id}", f"{each.name}, service account", Who(app=each)) for each in world.apps),
        ]

    def is_on(self, tool: Tool) -> bool:
        return self.project is None or levels.is_on(tool, self.project)

    def level(self, who: Who, tool: Tool) -> Level:
        """Return the level that counts while the tool is on."""
        if self.project is None:
            return levels.level_in_company(self.store, who, tool, self.company.id)
        return levels.level_when_on(self.store, who, tool, self.project)

    def switch(self, on: Collection[str]) -> None:
        if self.project is not None:
            off = [tool.name for tool in self.tools if tool.name not in on and not tool.required]
            self.project.disabled_tools = off

    def give(self, who: Who, tool: Tool, wanted: object) -> None:
        level = next((each for each in _LEVELS if each == wanted), None)
        if level is None or level == self.level(who, tool):
            return
        project_id = self.project.id if self.project is not None else None
        wish = PermissionChange(
            tool=tool.name, company_id=self.company.id, project_id=project_id, level=level, **who.key
        )
        levels.change_level(self.store, wish)


@get("/_emulator/access", sync_to_thread=False)
def access_page(request: PageRequest) -> Page:
    place = _place(request, request.query_params)
    return render(
        request,
        "access.html",
        company=place.company,
        project=place.project,
        tools=[(tool, place.is_on(tool)) for tool in place.tools],
        people=[
            (key, name, {tool.name: place.level(who, tool) for tool in place.tools})
            for key, name, who in place.everybody()
        ],
        levels=_LEVELS,
        saved="saved" in request.query_params,
    )


@post("/_emulator/access")
async def save_access(request: PageRequest) -> Redirect:
    form = await form_of(request)
    place = _place(request, form)
    with place.store.changing():
        place.switch(set(form.getall("on", [])))
        for key, _, who in place.everybody():
            for tool in place.tools:
                place.give(who, tool, form.get(f"{key}/{tool.name}"))
    where = f"project={place.project.id}" if place.project is not None else f"company={place.company.id}"
    return see_other(f"/_emulator/access?{where}&saved")


def _place(request: PageRequest, named: Mapping[str, object]) -> Place:
    store = store_of(request)
    project_id, company_id = str(named.get("project", "")), str(named.get("company", ""))
    project = store.project(int(project_id)) if project_id.isdigit() else None
    wanted = str(project.company_id) if project is not None else company_id
    company = store.company(int(wanted)) if wanted.isdigit() else None
    if company is None:
        raise PageError(404, "There is no such company or project in this world.")
    return Place(store, company, project)


HANDLERS = (access_page, save_access)
