"""
Which fields an answer must carry, by operation and view.

The schemas say hardly anything about presence, so it is written down here. A field that may be null is still listed
when it is always sent. Nesting: `company.id`; items of a list inside an object: `tools[].id`.
"""

from collections.abc import Mapping

import attrs


@attrs.frozen
class MustHave:
    """
    What one kind of answer carries.

    Attributes:
        fields: Present in the object, or in every item when the answer is a list.
        headers: Present in the answer.
        nullable: Fields that may be null although the schema does not say so.
    """

    fields: tuple[str, ...]
    headers: tuple[str, ...] = ()
    nullable: tuple[str, ...] = ()


RATE = ("X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Reset")
PAGE = ("Total", "Per-Page", *RATE)

_PROJECT = (
    "id",
    "name",
    "display_name",
    "time_zone",
    "created_at",
    "updated_at",
    "active",
    "is_demo",
    "company.id",
    "company.name",
    "created_by.id",
    "created_by.name",
    "created_by.login",
    "custom_fields",
)
_LOCATION = ("id", "name", "node_name", "parent_id", "code", "created_at", "updated_at")
_COMPACT = ("id", "name", "display_name")
_USER = ("id", "name", "last_name", "email_address", "is_active", "created_at", "updated_at")
_INSTALLATION = ("id", "app_uid", "status", "installed_at", "semantic_version", "components")
_ACTION = ("id", "action_name", "label", "tool_name")
_TOOL = (
    "id",
    "name",
    "friendly_name",
    "domain_id",
    "available_for_user",
    "url",
    "user_access_level.id",
    "user_access_level.name",
    *(f"permitted_actions[].{name}" for name in _ACTION),
)

#: (method, path template, view or "") → what its 2xx answer carries.
TABLE: Mapping[tuple[str, str, str], MustHave] = {
    ("POST", "/oauth/token", ""): MustHave(("access_token", "token_type", "expires_in", "created_at")),
    ("GET", "/oauth/token/info", ""): MustHave(
        ("resource_owner_id", "scopes", "expires_in_seconds", "application.uid", "created_at")
    ),
    ("POST", "/oauth/revoke", ""): MustHave(()),
    # The schema calls the name a string; without a company it is null.
    ("GET", "/rest/v1.0/me", ""): MustHave(("id", "login", "name"), RATE, nullable=("name",)),
    ("GET", "/rest/v1.0/companies", ""): MustHave(("id", "name", "is_active", "my_company"), PAGE),
    ("GET", "/rest/v1.0/companies/{company_id}/projects", ""): MustHave(
        ("id", "name", "address", "stage_name", "status_name", "type_name"), PAGE
    ),
    # Nullable everywhere else, and a project without an address has no country.
    ("GET", "/rest/v1.0/projects", ""): MustHave(_PROJECT, PAGE, nullable=("country_code",)),
    ("GET", "/rest/v1.0/projects", "compact"): MustHave(_COMPACT, PAGE),
    ("GET", "/rest/v1.1/projects", ""): MustHave(_PROJECT, PAGE),
    ("GET", "/rest/v1.1/projects", "ids"): MustHave(("id",), PAGE),
    ("GET", "/rest/v1.1/projects", "compact"): MustHave(_COMPACT, PAGE),
    ("GET", "/rest/v1.1/projects", "normal"): MustHave(_PROJECT, PAGE),
    ("GET", "/rest/v1.1/projects", "extended"): MustHave((*_PROJECT, "tz_name", "inbound_email"), PAGE),
    ("GET", "/rest/v1.0/projects/{id}", ""): MustHave((*_PROJECT, "tz_name", "inbound_email"), RATE),
    ("GET", "/rest/v1.0/projects/{id}", "minimal"): MustHave(_COMPACT, RATE),
    ("GET", "/rest/v1.0/projects/{project_id}/tools", ""): MustHave(
        ("id", "engine_name", "is_active", "position", "required", "title"), PAGE
    ),
    ("GET", "/rest/v1.0/projects/{project_id}/locations", ""): MustHave(_LOCATION, PAGE),
    ("POST", "/rest/v1.0/projects/{project_id}/locations", ""): MustHave(_LOCATION, RATE),
    ("GET", "/rest/v1.0/projects/{project_id}/locations/{location_id}", ""): MustHave(_LOCATION, RATE),
    ("GET", "/rest/v1.0/projects/{project_id}/schedule", ""): MustHave(("project.id", "schedule_present"), RATE),
    ("GET", "/rest/v1.0/settings/permissions", ""): MustHave(tuple(f"tools[].{name}" for name in _TOOL), RATE),
    ("GET", "/rest/v1.0/app_installations", ""): MustHave(_INSTALLATION, PAGE),
    ("GET", "/rest/v1.0/app_installations/{id}", ""): MustHave(_INSTALLATION, RATE),
    ("GET", "/rest/v1.0/company_base_url", ""): MustHave(("zone", "web_base_url"), RATE),
    **{("GET", f"/rest/v1.{minor}/companies/{{company_id}}/me", ""): MustHave(_USER, RATE) for minor in range(4)},
}

#: Error answers carry these headers whatever the operation.
BY_STATUS: Mapping[int, tuple[str, ...]] = {429: ("Retry-After", *RATE), 503: ("Retry-After",)}
