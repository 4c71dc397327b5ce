"""
What Procore sends, reduced to what we use.

Keys we do not name are ignored, since Procore adds new ones at any time; a key we name without a default must be
there, or the whole answer is unusable. Numbers may exceed 32 bits; the domain gets them as strings. Names are passed
on letter by letter, but for NUL, which is none and which PostgreSQL stores nowhere.
"""

from datetime import UTC, datetime
from typing import Annotated, TypeVar

import httpx
import msgspec

from smartapp_adapters.procore.errors import Subject, unusable
from smartapp_domain.catalog import Module
from smartapp_domain.ids import PlatformCompanyId, PlatformProjectId, PlatformUserId
from smartapp_domain.ports.platform import PlatformCompany, PlatformPerson
from smartapp_domain.project import PlatformProject

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
T = TypeVar("T")


class Reference(msgspec.Struct, frozen=True):
    """What an answer points to."""

    id: int


class ProjectRow(msgspec.Struct, frozen=True):
    """A project, in the list and alone."""

    id: int
    name: str
    active: bool
    created_at: Moment
    company: Reference
    project_number: str | None = None
    city: str | None = None

    def as_project(self, apps: frozenset[Module] = frozenset()) -> PlatformProject:
        return PlatformProject(
            id=PlatformProjectId(str(self.id)),
            name=_storable(self.name),
            number=_storable(self.project_number or "") or None,
            city=_storable(self.city or "") or None,
            active=self.active,
            apps=apps,
            created_at=self.created_at.astimezone(UTC),
        )


class CompanyRow(msgspec.Struct, frozen=True):
    id: int
    name: str
    is_active: bool

    def as_company(self) -> PlatformCompany:
        return PlatformCompany(PlatformCompanyId(str(self.id)), _storable(self.name))


class Me(msgspec.Struct, frozen=True):
    """The person signed in. Outside a company Procore tells no name."""

    id: int
    login: str
    name: str | None

    def as_person(self) -> PlatformPerson:
        login = _storable(self.login)
        return PlatformPerson(PlatformUserId(str(self.id)), _storable(self.name or "") or login, login)


class Level(msgspec.Struct, frozen=True):
    name: str


class Tool(msgspec.Struct, frozen=True):
    name: str
    friendly_name: str
    user_access_level: Level | None


class Permissions(msgspec.Struct, frozen=True):
    """What the token may do with each tool."""

    tools: list[Tool]


class TokenAnswer(msgspec.Struct, frozen=True):
    """An answer of the login host. Never shown: both tokens are secrets."""

    access_token: Annotated[str, msgspec.Meta(min_length=1)]
    expires_in: Annotated[int, msgspec.Meta(gt=0)]
    refresh_token: str | None = None

    def __repr__(self) -> str:
        return "TokenAnswer(…)"


# msgspec (0.22) learns the fields of a struct when it first decodes one, and threads that meet there end the process.
# So it learns them while there is one thread.
for _each in [each for each in vars().values() if isinstance(each, type) and issubclass(each, msgspec.Struct)]:
    msgspec.json.Decoder(_each)


def _storable(text: str) -> str:
    return text.replace("\0", "")


def decode(response: httpx.Response, type_: type[T], subject: Subject) -> T:
    """Return the body as this type, or raise `AnswerUnusable`."""
    try:
        return msgspec.json.decode(response.content, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # msgspec names the place and the type it wanted, never the value: nothing secret gets out this way.
        raise unusable(subject, f"it has not the documented form ({error})", response) from error
