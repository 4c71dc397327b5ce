"""
Write `demo.json` from two public project lists.

    python -m smartapp_emulators.procore.worlds.make_demo NYC.csv BUENOS_AIRES.csv

Names, numbers, addresses, places and amounts are the data's own (see NOTICE.md beside this file); companies, people
and the days on which projects were created are invented. Same input, same output.
"""

import csv
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from smartapp_emulators.procore.world import (
    App,
    Company,
    Membership,
    Permission,
    Person,
    Project,
    World,
    parse_world,
    world_schema,
)

KESTREL = 4_294_967_401
PLATA = 4_294_967_402
FIRST_PROJECT = 4_294_970_001
FIRST_PERSON = 4_295_000_501

_NYC_WANTED = 372
_PLATA_WANTED = 60
_EVERY_NTH_SCHOOL = 3
_EVERY_NTH_INACTIVE = 16
_START = datetime(2023, 2, 6, 14, 0, tzinfo=UTC)
_RUNNING = ("En obra", "En ejecución", "En Ejecución", "En construcción", "En licitación")
_STOPPED = ("Neutralizada", "Rescindida")
#: Some names were decoded wrongly before they were published.
_MOJIBAKE = "Â"

Row = dict[str, str]


def main(arguments: list[str]) -> None:
    nyc, buenos_aires = (list(csv.DictReader(Path(name).read_text("utf-8").splitlines())) for name in arguments)
    projects = [*_nyc_projects(nyc), *_plata_projects(buenos_aires)]
    world = World(
        name="Demo",
        notice="Projects: NYC Open Data (School Construction Authority, 2026) and Gobierno de la Ciudad de Buenos "
        "Aires (CC BY 4.0, 2023); see NOTICE.md. Companies and people are invented.",
        apps=[_planner(), _safety()],
        companies=[
            Company(id=KESTREL, name="Kestrel Builders"),
            Company(id=PLATA, name="Obras del Plata", country_code="AR", time_zone="Buenos Aires"),
        ],
        people=_people(projects),
        projects=projects,
    )
    _write("demo.json", world)
    parse_world((Path(__file__).parent / "demo.json").read_bytes())
    _write("world.schema.json", world_schema())


def _nyc_projects(rows: list[Row]) -> list[Project]:
    """Take every third school with all its projects, so that names repeat as they do in the list."""
    schools = sorted({row["School Name"] for row in rows})[::_EVERY_NTH_SCHOOL]
    chosen = [row for row in rows if row["School Name"] in set(schools)][:_NYC_WANTED]
    built: Counter[str] = Counter()
    projects = []
    for index, row in enumerate(chosen):
        building = row["Building ID"].strip()
        built[building] += 1
        projects.append(_nyc_project(index, row, f"{building}-{built[building]:02d}"))
    return projects


def _nyc_project(index: int, row: Row, number: str) -> Project:
    created = _created(index)
    amount = row["Construction Award"].strip()
    return Project(
        id=FIRST_PROJECT + index,
        company_id=KESTREL,
        name=row["School Name"].strip(),
        project_number=number,
        active=index % _EVERY_NTH_INACTIVE != _EVERY_NTH_INACTIVE - 1,
        description=row["Project Description"].strip(),
        address=row["Building Address"].strip() or None,
        city=row["City"].strip() or None,
        state_code="NY",
        country_code="US",
        zip=row["Postcode"].strip() or None,
        county=row["Borough"].strip().title() or None,
        latitude=_coordinate(row["Latitude"]),
        longitude=_coordinate(row["Longitude"]),
        start_date=created.date() + timedelta(days=30),
        estimated_value=f"{float(amount):.2f}" if amount else None,
        created_at=created,
        updated_at=created + timedelta(days=20 + index % 200, minutes=7 * index),
    )


def _plata_projects(rows: list[Row]) -> list[Project]:
    readable = [row for row in rows if _MOJIBAKE not in row["nombre"]]
    running = [row for row in readable if row["etapa"] in _RUNNING]
    stopped = [row for row in readable if row["etapa"] in _STOPPED]
    chosen = [*running[: _PLATA_WANTED - len(stopped)], *stopped]
    return [_plata_project(index, row) for index, row in enumerate(chosen)]


def _plata_project(index: int, row: Row) -> Project:
    created = _created(index * 6)
    return Project(
        id=FIRST_PROJECT + 10_000 + index,
        company_id=PLATA,
        name=row["nombre"].strip(),
        project_number=f"BA-{int(row['id']):04d}",
        active=row["etapa"] not in _STOPPED,
        description=row["descripcion"].strip() or None,
        address=row["direccion"].strip() or None,
        city="Buenos Aires",
        country_code="AR",
        county=row["barrio"].strip() or None,
        time_zone="Buenos Aires",
        stage=row["etapa"],
        latitude=_coordinate(row["lat"]),
        longitude=_coordinate(row["lng"]),
        start_date=_day(row["fecha_inicio"]),
        completion_date=_day(row["fecha_fin_inicial"]),
        created_at=created,
        updated_at=created + timedelta(days=40, minutes=11 * index),
    )


def _people(projects: list[Project]) -> list[Person]:
    handful = [project.id for project in projects if project.company_id == KESTREL and project.active][10:60:10]
    admin, plata_admin = Membership(company_id=KESTREL, admin=True), Membership(company_id=PLATA, admin=True)
    rows: list[tuple[str, str, str, str, list[Membership]]] = [
        ("Dana", "Whitfield", "Operations Director", "kestrel", [admin]),
        ("Luis", "Ortega", "Site Superintendent", "kestrel", [Membership(company_id=KESTREL, project_ids=handful)]),
        ("Morgan", "Reyes", "Group Controller", "holding", [admin, plata_admin]),
        ("Priya", "Nair", "Project Executive", "kestrel", [admin]),
        ("Sofía", "Ordóñez", "Directora de Obra", "plata", [plata_admin]),
    ]
    logins = ("dana.whitfield", "luis.ortega", "morgan.reyes", "priya.nair", "sofia.ordonez")
    return [
        Person(
            id=FIRST_PERSON + index,
            first_name=first,
            last_name=last,
            login=f"{login}@{house}.example.com",
            job_title=job,
            companies=memberships,
        )
        for index, ((first, last, job, house, memberships), login) in enumerate(zip(rows, logins, strict=True))
    ]


def _planner() -> App:
    return _app(
        "planner",
        name="Smartapp Planner",
        subtitle="Procore for Planner",
        tagline="Your plan board, where the field looks",
        description="Planner is a board your trades understand: lanes, weeks, tags. It keeps locations, companies, "
        "roles and people in step with your projects and publishes the plan to Schedule and Documents.",
        features=[
            "Plan by trade, work team or company, in weeks or months",
            "Preview each sync before anything is written",
            "Answer conflicts once, or set a rule",
            "Undo a run",
        ],
        categories=["Scheduling"],
        permissions=[
            *_directory_permissions(),
            Permission(
                area="project", tool="Schedule", level="Standard", reason="Publishes the plan as calendar items"
            ),
            Permission(area="project", tool="Documents", level="Standard", reason="Stores the plan as PDF"),
        ],
    )


def _safety() -> App:
    return _app(
        "safety",
        name="Smartapp Safety",
        subtitle="Procore for Safety",
        tagline="Badges, policies and inspections on every site",
        description="Safety gives everybody on site a badge, a briefing and a place to report what they see. It keeps "
        "locations, companies, roles and people in step with your projects.",
        features=[
            "Issue badges from the people already in your directory",
            "Brief crews by location, in their language",
            "Follow every inspection to its last open point",
            "Preview each sync before anything is written",
        ],
        categories=["Safety"],
        permissions=_directory_permissions(),
    )


def _app(slug: str, **texts: Any) -> App:
    return App(
        client_id=f"{slug}-client-id",
        client_secret=f"{slug}-client-secret",
        slug=slug,
        publisher="Smartapp",
        version="2.3.0",
        redirect_uris=["http://localhost/cb", "http://127.0.0.1:8000/sign-in/callback"],
        grants=["authorization_code", "client_credentials"],
        instructions_query=f"app={slug}",
        post_installation_notes="The app is installed. What is left: choose the projects you want to use it in. "
        "Open the setup page below, sign in with the same account, and follow the list. Projects that you add later "
        "are not permitted by themselves; add them under App Management.",
        **texts,
    )


def _directory_permissions() -> list[Permission]:
    return [
        Permission(area="company", tool="Directory", level="Standard", reason="Reads companies and people"),
        Permission(area="project", tool="Admin", level="Admin", reason="Keeps the tree of locations in step"),
        Permission(area="project", tool="Directory", level="Standard", reason="Adds people you confirm to projects"),
    ]


def _created(index: int) -> datetime:
    return _START + timedelta(days=3 * index % 1200, minutes=index)


def _coordinate(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        day, month, year = (int(part) for part in text.split("/"))
        return date(year, month, day)
    except ValueError:
        return None


def _write(name: str, content: Any) -> None:
    text = msgspec.json.format(msgspec.json.encode(content), indent=1)
    (Path(__file__).parent / name).write_bytes(text + b"\n")


if __name__ == "__main__":
    main(sys.argv[1:])
