"""Platform projects, drafts, Smartapp projects and their mappings in memory."""

from collections.abc import Iterable
from types import MappingProxyType

import attrs

from smartapp_domain.folding import folded
from smartapp_domain.ids import MemberId, PlatformProjectId, ProjectId
from smartapp_domain.installation import ProjectListing
from smartapp_domain.mapping import DraftRow, MappingDraft, MappingState, ProjectMapping
from smartapp_domain.ports.storage import NotFound, Taken
from smartapp_domain.project import PlatformProject, Project
from smartapp_domain.testing.memory_state import Door, Rows, fitting

LIVE_LINKS = frozenset({MappingState.LINKED, MappingState.DISCONNECTED})


class MemoryPlatformProjects:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = Rows(door, door.state.platform_projects)
        self._listings = Rows(door, door.state.listings)

    def get(self, id: PlatformProjectId) -> PlatformProject:
        found = self._rows.find(id)
        if found is None:
            raise NotFound("platform project", id)
        return found

    def some(self, ids: Iterable[PlatformProjectId]) -> dict[PlatformProjectId, PlatformProject]:
        found = {id: self._rows.find(id) for id in ids}
        return {id: project for id, project in found.items() if project is not None}

    def replace_all(self, projects: Iterable[PlatformProject]) -> None:
        self._door.writing()
        listed = {project.id: project for project in projects}
        for id, known in self._rows.items():
            if id not in listed:
                self._rows.put(id, attrs.evolve(known, apps=frozenset()))
        for id, project in listed.items():
            self._rows.put(id, project)

    def note(self, projects: Iterable[PlatformProject]) -> None:
        self._door.writing()
        for project in projects:
            known = self._rows.find(project.id)
            self._rows.put(project.id, attrs.evolve(project, apps=known.apps) if known else project)

    def listing(self) -> ProjectListing:
        return self._listings.find("") or ProjectListing(self._door.account_id, version=0)

    def put_listing(self, listing: ProjectListing, *, replacing: int) -> None:
        self._door.own(listing.account_id)
        self._door.writing()
        fitting("project listing", listing.account_id, self._listings.find(""), listing, replacing)
        self._listings.put("", listing)


class MemoryDrafts:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = Rows(door, door.state.drafts)

    def get(self, member_id: MemberId) -> MappingDraft:
        mine = {project_id: row for (owner, project_id), row in self._rows.items() if owner == member_id}
        return MappingDraft(self._door.account_id, member_id, MappingProxyType(dict(sorted(mine.items()))))

    def row(self, member_id: MemberId, project_id: PlatformProjectId) -> DraftRow | None:
        return self._rows.find((member_id, project_id))

    def put(self, member_id: MemberId, row: DraftRow) -> None:
        self._rows.put((member_id, row.platform_project_id), row)

    def drop(self, member_id: MemberId, project_id: PlatformProjectId) -> None:
        self._rows.drop((member_id, project_id))

    def drop_everywhere(self, project_ids: Iterable[PlatformProjectId]) -> None:
        gone = set(project_ids)
        self._door.writing()
        for member_id, project_id in [key for key, _ in self._rows.items()]:
            if project_id in gone:
                self._rows.drop((member_id, project_id))


class MemoryProjects:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = Rows(door, door.state.projects)
        self._mappings = Rows(door, door.state.mappings)

    def get(self, id: ProjectId) -> Project:
        found = self._rows.find(id)
        if found is None:
            raise NotFound("project", id)
        return found

    def put(self, project: Project, *, replacing: int) -> None:
        self._door.own(project.account_id)
        self._door.writing()
        fitting("project", project.id, self._rows.find(project.id), project, replacing)
        self._rows.put(project.id, project)

    def unlinked(self) -> tuple[Project, ...]:
        linked = {each.project_id for each in self._mappings.all() if each.state in LIVE_LINKS}
        free = [project for project in self._rows.all() if project.id not in linked]
        return tuple(sorted(free, key=lambda p: (folded(p.name), folded(p.number or ""), p.id)))


class MemoryMappings:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = Rows(door, door.state.mappings)

    def of_platform_project(self, id: PlatformProjectId) -> ProjectMapping | None:
        return self._rows.find(id)

    def of_project(self, id: ProjectId) -> ProjectMapping | None:
        return next((each for each in self._rows.all() if each.project_id == id and each.state in LIVE_LINKS), None)

    def live(self) -> tuple[ProjectMapping, ...]:
        found = (each for each in self._rows.all() if each.state in LIVE_LINKS)
        return tuple(sorted(found, key=lambda each: each.platform_project_id))

    def put(self, mapping: ProjectMapping, *, replacing: int) -> None:
        self._door.own(mapping.account_id)
        self._door.writing()
        stored = self._rows.find(mapping.platform_project_id)
        if stored and replacing == 0 and stored.state in LIVE_LINKS:
            raise Taken("This platform project is linked already.")
        if not (stored and replacing == 0):
            fitting("mapping", mapping.platform_project_id, stored, mapping, replacing)
        other = self.of_project(mapping.project_id) if mapping.state in LIVE_LINKS else None
        if other and other.platform_project_id != mapping.platform_project_id:
            raise Taken("This Smartapp project has a live link already.")
        self._rows.put(mapping.platform_project_id, mapping)
