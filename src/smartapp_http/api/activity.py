"""The audit trail as JSON."""

from typing import Annotated, Final

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from smartapp_domain.audit import DeedKind, Entry, deeds_of
from smartapp_domain.identity import Right
from smartapp_domain.ids import MemberId
from smartapp_http.access import needs
from smartapp_http.api import paging
from smartapp_http.api.addresses import BASE
from smartapp_http.api.documented import problems
from smartapp_http.api.paging import Cursor, Limit
from smartapp_http.api.people import TAG
from smartapp_http.api.schemas import ActivityOut, EntryOut, IdInQuery
from smartapp_http.cursors import cursor_in_trail, place_in_trail
from smartapp_http.pools import PAGES
from smartapp_http.web import Web


@get(f"{BASE}/activity", opt=needs(Right.VIEW_ACTIVITY), responses=problems(), tags=TAG)
@PAGES
def activity(
    *,
    web: NamedDependency[Web],
    kind: Annotated[DeedKind | None, QueryParameter(description="Only deeds of this kind.")] = None,
    member: IdInQuery = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[ActivityOut]:
    """Return what was done in the account, newest first, or part of it."""
    member_id = MemberId(member) if member is not None else None
    with web.ports.reading(web.actor.account_id) as reading:
        found = reading.trail.page(
            limit=limit + 1,
            after=place_in_trail(web, cursor, kind, member_id),
            deeds=deeds_of([kind]) if kind else (),
            member_id=member_id,
        )
    last = found[limit - 1] if len(found) > limit else None
    next_cursor = cursor_in_trail(web, last, kind, member_id) if last else None
    answer = ActivityOut([_entry(each) for each in found[:limit]], next_cursor)
    return Response(answer, headers=paging.link(web, next_cursor))


def _entry(of: Entry) -> EntryOut:
    return EntryOut(
        id=of.id,
        at=of.at,
        deed=of.deed.value,
        kind=of.deed.kind,
        via=of.by.via,
        member=of.by.member_id,
        name=of.by.name,
        token=of.by.token or None,
        subject=of.subject.name,
        subject_id=of.subject.id,
        details=dict(of.details),
    )


HANDLERS: Final = (activity,)
