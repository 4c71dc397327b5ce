"""
A world: the companies, people, projects and apps an emulator starts with, read from one JSON file.

The JSON Schema is `worlds/world.schema.json`; what a schema cannot say (unique ids, references) is checked here too.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct, field

Id = Annotated[int, Meta(gt=0, description="Positive; real ids exceed 32 bits.")]
Words = Annotated[str, Meta(min_length=1)]
Level = Literal["None", "Read Only", "Standard", "Admin"]
GrantType = Literal["authorization_code", "client_credentials"]


class WorldError(ValueError):
    """The world file cannot be used; the message names every mistake found, one a line."""


class Permission(Struct, forbid_unknown_fields=True, kw_only=True):
    """What an app asks for on one tool, and the reason shown to the admin."""

    area: Literal["company", "project"]
    tool: Words
    level: Level
    reason: str = ""


class App(Struct, forbid_unknown_fields=True, kw_only=True):
    client_id: Words
    client_secret: Words
    slug: Annotated[str, Meta(pattern=r"^[a-z0-9-]+$", description="Names the listing in addresses.")]
    name: Words
    subtitle: str = ""
    tagline: str = ""
    description: str = ""
    features: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    publisher: str = ""
    version: str = "1.0.0"
    redirect_uris: list[str] = field(default_factory=list)
    grants: list[GrantType] = field(default_factory=lambda: ["authorization_code"])
    permissions: list[Permission] = field(default_factory=list)
    post_installation_notes: str = ""
    instructions_label: str = "App Setup Instructions"
    instructions_query: Annotated[str, Meta(description="Query string added to the setup address.")] = ""


class Company(Struct, forbid_unknown_fields=True, kw_only=True):
    id: Id
    name: Words
    is_active: bool = True
    country_code: str = "US"
    time_zone: str = "US/Eastern"


class Membership(Struct, forbid_unknown_fields=True, kw_only=True):
    """A person's place in one company: an admin sees every project, anybody else those named here."""

    company_id: Id
    admin: bool = False
    project_ids: list[Id] = field(default_factory=list)


class Person(Struct, forbid_unknown_fields=True, kw_only=True):
    id: Id
    first_name: str
    last_name: Words
    login: Words
    job_title: str = ""
    companies: list[Membership] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def membership(self, company_id: int) -> Membership | None:
        return next((each for each in self.companies if each.company_id == company_id), None)

    def administers(self, company_id: int) -> bool:
        membership = self.membership(company_id)
        return membership is not None and membership.admin


class Location(Struct, forbid_unknown_fields=True, kw_only=True):
    """A place in a project; its parent is named before it."""

    id: Id
    node_name: Words
    created_at: datetime
    updated_at: datetime
    parent_id: Id | None = None
    code: str | None = None


class Project(Struct, forbid_unknown_fields=True, kw_only=True):
    id: Id
    company_id: Id
    name: Words
    created_at: datetime
    updated_at: datetime
    project_number: str | None = None
    active: bool = True
    is_demo: bool = False
    description: str | None = None
    address: str | None = None
    city: str | None = None
    state_code: str | None = None
    country_code: str | None = None
    zip: str | None = None
    county: str | None = None
    time_zone: str = "US/Eastern"
    latitude: float | None = None
    longitude: float | None = None
    stage: str = "Course of Construction"
    phone: str | None = None
    start_date: date | None = None
    completion_date: date | None = None
    estimated_value: Annotated[str, Meta(pattern=r"^\d+(\.\d+)?$")] | None = None
    total_value: Annotated[str, Meta(pattern=r"^\d+(\.\d+)?$")] | None = None
    origin_id: str | None = None
    origin_data: str | None = None
    disabled_tools: list[str] = field(default_factory=list)
    locations: list[Location] = field(default_factory=list)

    @property
    def display_name(self) -> str:
        return f"{self.project_number} - {self.name}" if self.project_number else self.name


class World(Struct, forbid_unknown_fields=True, kw_only=True):
    name: Words
    apps: Annotated[list[App], Meta(min_length=1)]
    companies: Annotated[list[Company], Meta(min_length=1)]
    people: Annotated[list[Person], Meta(min_length=1)]
    projects: list[Project] = field(default_factory=list)
    notice: Annotated[str, Meta(description="Where the data comes from and under which license.")] = ""


def load_world(path: Path) -> World:
    """
    Read a world file.

    Raises:
        WorldError: It cannot be read, does not fit the schema, or contradicts itself.
    """
    try:
        return parse_world(path.read_bytes())
    except OSError as error:
        raise WorldError(f"Cannot read the world file {path}: {error.strerror}.") from error
    except WorldError as error:
        raise WorldError(f"{path}: {error}") from error


def parse_world(text: bytes) -> World:
    """Read a world from JSON text; see `load_world`."""
    try:
        world = msgspec.json.decode(text, type=World)
    except msgspec.DecodeError as error:  # ValidationError included: its text names the path, as in `$.apps[0].name`
        raise WorldError(f"This is not a world: {error}.") from error
    mistakes = list(_contradictions(world))
    if mistakes:
        raise WorldError("\n".join(mistakes))
    return world


def demo_world() -> World:
    """Return the world of the demo, a fresh copy each time."""
    return parse_world(resources.files(__package__).joinpath("worlds/demo.json").read_bytes())


def world_schema() -> dict[str, object]:
    """Return the JSON Schema of a world file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(World)}


def _contradictions(world: World) -> Iterator[str]:
    yield from _repeated("app client_id", (app.client_id for app in world.apps))
    yield from _repeated("app slug", (app.slug for app in world.apps))
    yield from _repeated("company id", (company.id for company in world.companies))
    yield from _repeated("person id", (person.id for person in world.people))
    yield from _repeated("person login", (person.login for person in world.people))
    yield from _repeated("project id", (project.id for project in world.projects))
    companies = {company.id for company in world.companies}
    company_of = {project.id: project.company_id for project in world.projects}
    for project in world.projects:
        if project.company_id not in companies:
            yield f'Project {project.id} "{project.name}" names company {project.company_id}, which does not exist.'
        if project.created_at.tzinfo is None or project.updated_at.tzinfo is None:
            yield f'Project {project.id} "{project.name}" has a time without a zone; end it with Z.'
        yield from _misplaced(project)
    for person in world.people:
        yield from _wrong_memberships(person, companies, company_of)


def _misplaced(project: Project) -> Iterator[str]:
    known: set[int] = set()
    yield from _repeated(f"location id of project {project.id}", (each.id for each in project.locations))
    for location in project.locations:
        if location.parent_id is not None and location.parent_id not in known:
            yield f"Location {location.id} of project {project.id} stands before its parent {location.parent_id}."
        if location.created_at.tzinfo is None or location.updated_at.tzinfo is None:
            yield f"Location {location.id} of project {project.id} has a time without a zone; end it with Z."
        known.add(location.id)


def _wrong_memberships(person: Person, companies: set[int], company_of: dict[int, int]) -> Iterator[str]:
    yield from _repeated(f"company of {person.name}", (each.company_id for each in person.companies))
    for membership in person.companies:
        if membership.company_id not in companies:
            yield f"{person.name} belongs to company {membership.company_id}, which does not exist."
        for project_id in membership.project_ids:
            if company_of.get(project_id) != membership.company_id:
                yield f"{person.name} is on project {project_id}, which company {membership.company_id} does not have."


def _repeated(what: str, values: Iterable[object]) -> Iterator[str]:
    for value, count in Counter(values).items():
        if count > 1:
            yield f"The {what} {value!r} appears {count} times; it must be unique."
