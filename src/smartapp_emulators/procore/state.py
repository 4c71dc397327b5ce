"""Everything that changes while the emulator runs, as plain records that fit into one JSON file."""

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct, field

from smartapp_emulators.procore.shapes import Shape
from smartapp_emulators.procore.world import Level, World

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
    Something to go wrong for requests that fit.

    Attributes:
        path: Shell pattern for the path, without the query.
        method: Only this one.
        client_id: Only calls of this app.
        company_id: Only calls about this company, by header, path or query.
        count: For so many requests; None until it is lifted.
        skip: Let so many pass first.
        status: Answer this; without `after` the request never reaches the API.
        shape: The form of the body, one of those seen with the status.
        body: A body of your own; a text is sent as it is.
        headers: Sent with `status`.
        after: Everything is done and stored first, and only then `status` is answered: the answer is lost on the way.
        drop: "request" cuts the connection before anything happens, "answer" after everything happened and was stored,
            "body" in the middle of the answer's body.
        delay_s: Waits so many real seconds before anything happens.
        late_s: Waits so many real seconds after everything happened, before the answer.
        drip_s: Sends the body in small pieces with so many real seconds between them.

    """

    path: str = "*"
    method: str | None = None
    client_id: str | None = None
    company_id: int | None = None
    count: int | None = 1
    skip: int = 0
    status: int | None = None
    shape: Shape | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    after: bool = False
    drop: Literal["request", "answer", "body"] | None = None
    delay_s: float = 0.0
    late_s: float = 0.0
    drip_s: float = 0.0
    id: int = 0

    def in_words(self) -> str:
        """Say it for the page and the journal."""
        said = [
            f"{self.delay_s:g} s late" if self.delay_s else "",
            f"done, then {self.late_s:g} s late" if self.late_s else "",
        ]
        if self.status is not None:
            said.append(f"{'done, then ' if self.after else ''}{self.status}{f' ({self.shape})' if self.shape else ''}")
        said.append({"request": "dropped", "answer": "done, answer lost", "body": "cut off"}.get(self.drop or "", ""))
        said.append(f"a piece every {self.drip_s:g} s" if self.drip_s else "")
        return ", ".join(word for word in said if word)


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


class PermissionChange(Struct, kw_only=True, forbid_unknown_fields=True):
    """
    A level other than the one that comes by itself, on a company's tool or, with `project_id`, on a project's.

    Either `person_id` or `client_id`, which stands for the app's service account; `level` None takes the change back.
    """

    tool: str
    company_id: int
    project_id: int | None = None
    person_id: int | None = None
    client_id: str | None = None
    level: Level | None = None


#: What a state file says of itself; the number rises when an older emulator's file cannot be gone on with.
FORMAT, FORMAT_VERSION = "procore-emulator-state", 2


class Head(Struct, kw_only=True):
    """What is read of a state file first."""

    format: str = ""
    format_version: int = 1


class Window(Struct, kw_only=True):
    """A fixed rate window that opens with the first request in it; moments are unix seconds."""

    length_s: int
    opened_at: float = float("-inf")
    used: int = 0


class State(Struct, kw_only=True):
    """What a state file holds. `seed` is what a reset returns to; `windows` are of the hour and of ten seconds."""

    format: str = FORMAT
    format_version: int = FORMAT_VERSION
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
    permissions: list[PermissionChange] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    behavior: Behavior = field(default_factory=Behavior)
    journal: list[JournalEntry] = field(default_factory=list)
    journal_count: int = 0
    counters: dict[str, int] = field(default_factory=dict)
    windows: dict[str, tuple[Window, Window]] = field(default_factory=dict)
