"""What was done in the account, newest first."""

from typing import Final

from litestar import get
from litestar.di import NamedDependency

from smartapp_domain.audit import DeedKind, Place, deeds_of
from smartapp_domain.identity import Member, Right
from smartapp_domain.ids import MemberId
from smartapp_http import links
from smartapp_http.access import needs
from smartapp_http.cursors import BadCursor, cursor_in_trail, place_in_trail
from smartapp_http.pools import PAGES
from smartapp_http.present import activity as present
from smartapp_http.views import ActivityView, Area, Link, paths
from smartapp_http.web import Html, Web

PER_PAGE: Final = 50


@get(paths.ACTIVITY, opt=needs(Right.VIEW_ACTIVITY), include_in_schema=False)
@PAGES
def activity(web: NamedDependency[Web]) -> Html:
    """Show the trail; an address that names no kind, person or place shows it as if it had not."""
    kind = next((each for each in DeedKind if each.value == web.asked("kind")), None)
    with web.ports.reading(web.actor.account_id) as reading:
        people = (*reading.members.all(), *reading.members.former())
        person = next((each for each in people if each.id == web.asked("member")), None)
        member_id = person.id if person else None
        after = _after(web, kind, member_id)
        found = reading.trail.page(
            limit=PER_PAGE + 1,
            after=after,
            deeds=deeds_of([kind]) if kind else (),
            member_id=member_id,
        )
    shown = found[:PER_PAGE]
    here = {"kind": kind.value if kind else None, "member": member_id}
    older = cursor_in_trail(web, shown[-1], kind, member_id) if len(found) > PER_PAGE else None
    now = web.ports.clock.now()
    view = ActivityView(
        rows=tuple(present.entry_row(each, now) for each in shown),
        kinds=_kinds(here["member"]),
        current=links.with_query(paths.ACTIVITY, **here),
        people=_people(people, person),
        keep=kind.value if kind else "",
        older=links.with_query(paths.ACTIVITY, **here, after=older) if older else None,
        newest=links.with_query(paths.ACTIVITY, **here) if after else None,
        narrowed=kind is not None or person is not None,
    )
    return web.page("activity.html", view, area=Area.MEMBERS)


def _after(web: Web, kind: DeedKind | None, member_id: MemberId | None) -> Place | None:
    try:
        return place_in_trail(web, web.asked("after") or None, kind, member_id)
    except BadCursor:
        return None


def _kinds(member: str | None) -> tuple[Link, ...]:
    each = (
        Link(present.KIND_LABELS[k], links.with_query(paths.ACTIVITY, kind=k.value, member=member)) for k in DeedKind
    )
    return (Link("All", links.with_query(paths.ACTIVITY, member=member)), *each)


def _people(people: tuple[Member, ...], chosen: Member | None) -> tuple[tuple[str, str, bool], ...]:
    named = (
        (each.id, each.name if each.removed_at is None else f"{each.name} (removed)", each is chosen) for each in people
    )
    return (("", "Everybody", chosen is None), *named)


HANDLERS: Final = (activity,)
