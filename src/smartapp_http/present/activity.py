"""The audit trail in sentences: who, did what, when, which way."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from smartapp_domain.audit import Deed, DeedKind, Entry
from smartapp_domain.identity import Via
from smartapp_http.present import words
from smartapp_http.views import EntryRow

KIND_LABELS: Mapping[DeedKind, str] = MappingProxyType(
    {
        DeedKind.PEOPLE: "People",
        DeedKind.ACCESS: "Access",
        DeedKind.BUYING: "Buying",
        DeedKind.PROJECTS: "Projects",
        DeedKind.APPS: "Apps",
    }
)
_ICONS: Mapping[DeedKind, str] = MappingProxyType(
    {
        DeedKind.PEOPLE: "users",
        DeedKind.ACCESS: "key-round",
        DeedKind.BUYING: "receipt",
        DeedKind.PROJECTS: "list-checks",
        DeedKind.APPS: "store",
    }
)

D = Deed
#: What each deed says after the name of who did it.
SENTENCES: Mapping[Deed, Callable[[Entry], str]] = MappingProxyType(
    {
        D.MEMBER_JOINED: lambda e: ", ".join(filter(None, (f"joined as {e.detail('role')}", e.detail("how")))),
        D.MEMBER_INVITED: lambda e: f"invited {e.subject.name} as {e.detail('role')}",
        D.INVITATION_RENEWED: lambda e: f"renewed the invitation of {e.subject.name} as {e.detail('role')}",
        D.INVITATION_REVOKED: lambda e: f"revoked the invitation of {e.subject.name}",
        D.INVITATION_ACCEPTED: lambda e: f"accepted an invitation and is {e.detail('role')} now",
        D.ROLE_CHANGED: lambda e: f"changed the role of {e.subject.name} from {e.detail('from')} to {e.detail('to')}",
        D.OWNERSHIP_TRANSFERRED: lambda e: f"handed ownership over to {e.subject.name}",
        D.MEMBER_REMOVED: lambda e: f"removed {e.subject.name}, who was {e.detail('role')}",
        D.MEMBER_LEFT: lambda e: f"left, and was {e.detail('role')}",
        D.SIGNED_IN: lambda _: "signed in",
        D.SIGNED_OUT: lambda e: " on ".join(filter(None, ("signed out", e.detail("device")))),
        D.TOKEN_CREATED: lambda e: f"created the token “{e.subject.name}” as {e.detail('role')}",
        D.TOKEN_REVOKED: lambda e: f"revoked the token “{e.subject.name}”",
        D.ORDER_PLACED: lambda e: f"ordered {e.subject.name}",
        D.ORDER_PROCESSING: lambda e: f"is processing the payment of {e.subject.name}",
        D.ORDER_PAID: lambda e: f"confirmed the payment of {e.subject.name}",
        D.ORDER_CLOSED: lambda e: f"closed the order of {e.subject.name}",
        D.LICENSES_GRANTED: lambda e: f"licensed {e.subject.name}",
        D.LICENSES_CHANGED: lambda e: f"{_NEWS.get(e.by.via, '')}changed {e.subject.name}",
        D.RENEWAL_STOPPED: lambda e: f"stopped the renewal of {e.subject.name}",
        D.RENEWAL_RESUMED: lambda e: f"let {e.subject.name} renew again",
        D.CARD_PAGE_OPENED: lambda _: "opened the payment provider's page for cards",
        D.PROJECT_ADDED: lambda e: f"added the project {e.subject.name}",
        D.PROJECT_RENAMED: lambda e: f"renamed {e.detail('from')} to {e.subject.name}",
        D.APP_INSTALLED: lambda e: f"noticed that the {e.subject.name} app is installed",
        D.APP_REMOVED: lambda e: f"noticed that the {e.subject.name} app was removed",
    }
)
#: Details that the sentence has said already.
_SAID = frozenset({"role", "from", "to", "device", "how"})
#: Details that are states of licenses.
_STATES = frozenset({"was", "now"})
#: A provider changes no license; what it tells does.
_NEWS: Mapping[Via, str] = MappingProxyType({Via.PROVIDER: "sent news that "})
_NOBODY: Mapping[Via, str] = MappingProxyType({Via.PROVIDER: "The payment provider", Via.WORKER: "Smartapp"})


def entry_row(entry: Entry, now: datetime) -> EntryRow:
    """Return one line; `now` is the business's time, as the entry's is."""
    return EntryRow(
        when=_when(entry.at, now),
        exact=f"{words.day(entry.at)}, {entry.at:%H:%M} UTC",
        who=entry.by.name or _NOBODY.get(entry.by.via, "Somebody"),
        what=SENTENCES[entry.deed](entry),
        icon=_ICONS[entry.deed.kind],
        via=_via(entry),
        details=tuple(
            f"{name.replace('_', ' ').capitalize()}: {_plain(name, text)}"
            for name, text in entry.details
            if name not in _SAID
        ),
    )


def _when(at: datetime, now: datetime) -> str:
    """Return "8 minutes ago, 13:57 UTC"; of the day alone nobody could tell what came first."""
    return f"{words.ago(at, now).removeprefix('on ')}, {at:%H:%M} UTC"


def _plain(name: str, text: str) -> str:
    """Return a detail as pages say it: states of licenses in the words of their chips."""
    if name not in _STATES:
        return text
    return ", ".join(words.STATE_WORDS.get(each, each) for each in text.split(", "))


def _via(entry: Entry) -> str:
    match entry.by.via:
        case Via.TOKEN:
            return f"(with the token “{entry.by.token}”)"
        case Via.API:
            return "(through the API)"
        case Via.WORKER if entry.by.name:
            return "(set up by Smartapp)"
        case _:
            return ""
