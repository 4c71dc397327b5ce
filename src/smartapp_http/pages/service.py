"""Help, and what machines ask: whether we are up."""

from functools import cache
from typing import Final

from litestar import MediaType, get
from litestar.di import NamedDependency

from smartapp_domain.ports.storage import OPERATOR
from smartapp_http.access import Access, needs
from smartapp_http.pools import PAGES
from smartapp_http.templating import STATIC
from smartapp_http.views import Area, HelpView, paths
from smartapp_http.web import Html, Site, Web


@cache
def help_pictures() -> frozenset[str]:
    """Return the screenshots there are; they are made by journeys and ship with the package."""
    return frozenset(path.stem for path in (STATIC / "help").glob("*.png"))


@get(paths.HELP, opt=needs(Access.VISITOR), include_in_schema=False)
@PAGES
def guide(web: NamedDependency[Web]) -> Html:
    return web.page("help.html", HelpView(pictures=help_pictures()), area=Area.HELP)


@get("/healthz", opt=needs(Access.OPEN), media_type=MediaType.TEXT, include_in_schema=False)
@PAGES
def healthz(site: NamedDependency[Site]) -> str:
    """Answer ok when the storage answers; anything else is an error page with status 500."""
    with site.ports.reading(OPERATOR) as reading:
        reading.jobs.due(site.ports.clock.now(), 1)
    return "ok"


HANDLERS: Final = (guide, healthz)
