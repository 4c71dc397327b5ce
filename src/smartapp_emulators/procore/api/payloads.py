"""World records as the JSON the vendor sends. Absent values are sent as null, except where a view leaves them out."""

import zlib
from datetime import UTC, datetime
from typing import Any

from smartapp_emulators.procore.state import Installation
from smartapp_emulators.procore.store import Store
from smartapp_emulators.procore.world import Company, Person, Project

#: Fields that every project of ours leaves empty.
_EMPTY = (
    "accounting_project_number",
    "designated_market_area",
    "origin_code",
    "owners_project_id",
    "parent_job_id",
    "photo_id",
    "project_bid_type_id",
    "project_owner_type_id",
    "project_region_id",
    "store_number",
)


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stage_id(name: str) -> int:
    """Derive a steady id for a stage from its name: worlds know stages by name only."""
    return 5_000_000_000 + zlib.crc32(name.encode())


def project_compact(project: Project) -> dict[str, Any]:
    return {"id": project.id, "name": project.name, "display_name": project.display_name}


def project_v1_0(store: Store, project: Project) -> dict[str, Any]:
    return {
        **_common(store, project),
        "stage": project.stage,
        "fax": None,
        "estimated_value": project.estimated_value,
        "total_value": project.total_value,
    }


def project_v1_1(store: Store, project: Project) -> dict[str, Any]:
    return {
        **_common(store, project),
        # v1.1 sends amounts as numbers where v1.0 sends strings.
        "estimated_value": _number(project.estimated_value),
        "total_value": _number(project.total_value),
    }


def project_v1_1_extended(store: Store, project: Project) -> dict[str, Any]:
    return {**project_v1_1(store, project), **_show_only(project)}


def project_shown(store: Store, project: Project) -> dict[str, Any]:
    return {**project_v1_0(store, project), **_show_only(project)}


def project_minimal(project: Project) -> dict[str, Any]:
    return {**project_compact(project), "project_number": project.project_number, "active": project.active}


def project_short(store: Store, project: Project) -> dict[str, Any]:
    """Return the item of the company's own project list: the address is nested here."""
    creator = _creator(store, project)
    return {
        "id": project.id,
        "name": project.name,
        "address": {
            "street": project.address or "",
            "city": project.city or "",
            "state_code": project.state_code,
            "zip": project.zip or "",
            "country_code": project.country_code or "",
        },
        "stage_name": project.stage,
        "status_name": "Active" if project.active else "Inactive",
        "type_name": None,
        "open_items": [],
        "created_by": {"id": creator["id"], "email": creator["login"]},
    }


def company_item(company: Company) -> dict[str, Any]:
    return {
        "id": company.id,
        "name": company.name,
        "is_active": company.is_active,
        "logo_url": "",
        "pcn_business_experience": None,
        "my_company": True,
    }


def person_in_company(store: Store, person: Person, company: Company) -> dict[str, Any]:
    joined = stamp(min((each.created_at for each in store.projects_of(company.id)), default=store.clock.now()))
    return {
        "id": person.id,
        "name": person.name,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "initials": f"{person.first_name[:1]}{person.last_name[:1]}",
        "email_address": person.login,
        "job_title": person.job_title or None,
        "is_active": True,
        "is_employee": True,
        "employee_id": None,
        "vendor": {"id": company.id, "name": company.name},
        "last_login_at": None,
        "created_at": joined,
        "updated_at": joined,
    }


def service_user_in_company(installation: Installation, name: str, company: Company) -> dict[str, Any]:
    """Return the directory user the vendor makes for an app's service account."""
    return {
        "id": installation.service_user_id,
        "name": name,
        "first_name": None,
        "last_name": name,
        "initials": None,
        "email_address": service_login(installation),
        "job_title": None,
        "is_active": True,
        "is_employee": False,
        "employee_id": None,
        "vendor": {"id": company.id, "name": company.name},
        "last_login_at": None,
        "created_at": stamp(installation.installed_at),
        "updated_at": stamp(installation.installed_at),
    }


def service_login(installation: Installation) -> str:
    return f"service-account-{installation.service_user_id}@apps.example.com"


def installation_item(installation: Installation) -> dict[str, Any]:
    return {
        "id": installation.id,
        "app_uid": installation.client_id,
        "company_id": installation.company_id,
        "project_id": None,
        "status": installation.status,
        "installed_at": stamp(installation.installed_at),
        "uninstalled_at": stamp(installation.uninstalled_at) if installation.uninstalled_at else None,
        "semantic_version": installation.version,
        "components": ["oauth"],
    }


def _common(store: Store, project: Project) -> dict[str, Any]:
    company = store.company(project.company_id)
    return {
        **dict.fromkeys(_EMPTY),
        **project_compact(project),
        "project_number": project.project_number,
        "address": project.address,
        "city": project.city,
        "state_code": project.state_code,
        "country_code": project.country_code,
        "zip": project.zip,
        "county": project.county,
        "time_zone": project.time_zone,
        "latitude": project.latitude,
        "longitude": project.longitude,
        "project_stage": {"id": stage_id(project.stage), "name": project.stage},
        "phone": project.phone,
        "created_at": stamp(project.created_at),
        "updated_at": stamp(project.updated_at),
        "active": project.active,
        "is_demo": project.is_demo,
        "origin_id": project.origin_id,
        "origin_data": project.origin_data,
        "start_date": project.start_date.isoformat() if project.start_date else None,
        "completion_date": project.completion_date.isoformat() if project.completion_date else None,
        "company": {"id": project.company_id, "name": company.name if company is not None else ""},
        "created_by": _creator(store, project),
        "custom_fields": {},
    }


def _show_only(project: Project) -> dict[str, Any]:
    return {
        "description": project.description,
        "departments": [],
        "flag": None,
        "inbound_email": f"project-{project.id}@mail.example.com",
        "logo_url": "",
        "square_feet": None,
        "tz_name": project.time_zone,
        "public_notes": None,
    }


def _creator(store: Store, project: Project) -> dict[str, Any]:
    admins = (person for person in store.state.world.people if person.administers(project.company_id))
    creator = next(admins, store.state.world.people[0])
    return {"id": creator.id, "name": creator.name, "login": creator.login}


def _number(amount: str | None) -> float | None:
    return float(amount) if amount is not None else None
