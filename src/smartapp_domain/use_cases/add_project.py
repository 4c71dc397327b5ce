"""Smartapp projects of the customer's own making, and their names."""

from contextlib import suppress

import attrs

from smartapp_domain.audit import Deed, Subject
from smartapp_domain.decisions import Refused
from smartapp_domain.identity import Actor, Right
from smartapp_domain.ids import ProjectId
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import NotFound
from smartapp_domain.project import Project, named
from smartapp_domain.use_cases.authority import still_may
from smartapp_domain.use_cases.trail import note


def add_project(actor: Actor, name: str, ports: Ports) -> Project | Refused:
    """Create a project without a link. Equal names are allowed: two jobsites may share one."""
    with ports.transaction(actor.account_id) as tx:
        if refused := still_may(tx, actor, Right.ADD_PROJECTS):
            return refused
        clean = named(name)
        if isinstance(clean, Refused):
            return clean
        project = Project(ProjectId(ports.ids.fresh()), actor.account_id, clean, None, ports.clock.now())
        with suppress(NotFound):  # a request that is repeated gets the ids of the first time
            return tx.projects.get(project.id)
        tx.projects.put(project, replacing=0)
        note(tx, actor, Deed.PROJECT_ADDED, Subject(project.id, project.name), ports)
    return project


def adopt_name(actor: Actor, project_id: ProjectId, ports: Ports) -> Project | Refused:
    """
    Give a linked project the name it has on the platform now; raise `NotFound` for an unknown one.

    A rename over there is shown, never taken over silently (reading 11).
    """
    with ports.transaction(actor.account_id) as tx:
        if refused := still_may(tx, actor, Right.ADD_PROJECTS):
            return refused
        project = tx.projects.get(project_id)
        mapping = tx.mappings.of_project(project_id)
        if mapping is None:
            return project
        there = tx.platform_projects.get(mapping.platform_project_id)
        if (there.name, there.number) != (project.name, project.number):
            before = project.name
            project = attrs.evolve(project, name=there.name, number=there.number, version=project.version + 1)
            tx.projects.put(project, replacing=project.version - 1)
            note(tx, actor, Deed.PROJECT_RENAMED, Subject(project.id, project.name), ports, **{"from": before})
    return project
