"""Everything that changes while the emulator runs, as plain records that fit into one JSON file."""

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct, field

from smartapp_emulators.procore.world import World

InstallationStatus = Literal["installed", "uninstalled"]


class Installation(Struct, kw_only=True):
    """One app in one company; a re-installation replaces it, with the permitted projects chosen anew."""

    id: int
    client_id: str
    company_id: int
    project_ids: list[int]
    service_user_id: int
    version: str
    installed_at: datetime
    installed_by: int | None = None
    status: InstallationStatus = "installed"
    uninstalled_at: datetime | None = None


class AppRequest(Struct, kw_only=True):
    """Somebody without admin rights asked for an app."""

    id: int
    client_id: str
    company_id: int
    person_id: int
    note: str
    at: datetime
    status: Literal["open", "denied", "installed"] = "open"


class Code(Struct, kw_only=True):
    client_id: str
    person_id: int
    redirect_uri: str
    expires_at: datetime


class Token(Struct, kw_only=True):
    """An access token with its refresh token; `person_id` None means the app's service account."""

    access: str
    client_id: str
    created_at: datetime
    expires_at: datetime
    person_id: int | None = None
    refresh: str | None = None
    refreshable: bool = True


class Fault(Struct, kw_only=True, forbid_unknown_fields=True):
    """
    Something to go wrong for the next `count` requests whose path matches `path` (shell pattern, no query).

    `drop` "request" cuts the connection before anything happens; "answer" cuts it after everything happened and was
    stored. `delay_s` waits real seconds. With a `status` the request never reaches the API.
    """

    path: str = "*"
    method: str | None = None
    count: int = 1
    skip: int = 0
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    drop: Literal["request", "answer"] | None = None
    id: int = 0


class Behavior(Struct, kw_only=True, forbid_unknown_fields=True):
    """
    Switches for what the vendor leaves open; the defaults are the less comfortable choice.

    Attributes:
        lenient: Accept calls without `Procore-Company-Id` where path, query or project name the company.
        rate: (hourly, spike) limits; None counts and tells, but refuses nothing.
        missing_header_status: What a missing `Procore-Company-Id` answers.
        failed_refresh_kills: A refused refresh call (wrong secret, say) kills the refresh token all the same.
        range_end_inclusive: Whether `filters[updated_at]=A...B` includes B.
        uninstall_revokes_tokens: Whether uninstalling kills the tokens; observers could still refresh.
        long_tokens: Access tokens longer than 1 kB.
    """

    lenient: bool = False
    rate: tuple[int, int] | None = None
    missing_header_status: int = 400
    failed_refresh_kills: bool = True
    range_end_inclusive: bool = False
    uninstall_revokes_tokens: bool = False
    long_tokens: bool = True


class JournalEntry(Struct, kw_only=True, omit_defaults=True):
    """One request. Neither tokens nor bodies nor secrets are kept."""

    number: int
    at: datetime
    method: str
    path: str
    query: str = ""
    route: str = ""
    status: int | None = None
    company_header: str | None = None
    company_id: int | None = None
    client_id: str | None = None
    person_id: int | None = None
    grant: str | None = None
    request_id: str = ""
    fault: str | None = None


class State(Struct, kw_only=True):
    """What a state file holds. `seed` is what a reset returns to."""

    world: World
    seed: World
    clock_offset_s: float = 0.0
    clock_frozen_at: datetime | None = None
    last_id: int = 9_000_000_000
    installations: list[Installation] = field(default_factory=list)
    requests: list[AppRequest] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    tokens: list[Token] = field(default_factory=list)
    sessions: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    behavior: Behavior = field(default_factory=Behavior)
    journal: list[JournalEntry] = field(default_factory=list)
    journal_count: int = 0
    counters: dict[str, int] = field(default_factory=dict)
