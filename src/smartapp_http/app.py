"""The web application: pages, API, notices, static files, put together from ports and settings."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Litestar, Request
from litestar.datastructures import FormMultiDict, State
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.static_files import create_static_files_router
from litestar.types import LifespanHook

from smartapp_domain.ports import Ports
from smartapp_http.access import Access, guard, needs
from smartapp_http.answers import HANDLERS
from smartapp_http.api import activity as trail
from smartapp_http.api import buying, people, projects, webhooks
from smartapp_http.api.documented import openapi
from smartapp_http.clock_control import ClockControl
from smartapp_http.front import FormTokens, SafeRequest, allowing, answering_head, at_one_address, has_file_name
from smartapp_http.intake import Intake
from smartapp_http.limits import Limiters
from smartapp_http.pages import (
    account,
    activity,
    central,
    clock,
    entry,
    managing,
    mapping,
    members,
    pasting,
    payment,
    service,
    subscriptions,
)
from smartapp_http.security import header_hook
from smartapp_http.sessions import Now, Sessions, real_time
from smartapp_http.settings import HttpSettings
from smartapp_http.templating import STATIC, STATIC_URL, environment
from smartapp_http.web import Site, Web

LARGEST_BODY_BYTES: Final = 1024 * 1024
PAGES: Final = (
    entry,
    mapping,
    pasting,
    subscriptions,
    payment,
    central,
    managing,
    members,
    activity,
    account,
    service,
)
API: Final = (people, trail, projects, buying)


def _site(request: Request[Any, Any, Any]) -> Site:
    site: Site = request.app.state.site
    return site


async def _web(request: Request[Any, Any, Any]) -> Web:
    """Read the form, if there is one, on the event loop; everything after runs in a pool."""
    form = await request.form() if request.method == "POST" else FormMultiDict()
    return Web.of(request, form)


def create_app(
    ports: Ports,
    settings: HttpSettings,
    *,
    on_startup: Sequence[LifespanHook] = (),
    on_shutdown: Sequence[LifespanHook] = (),
    now: Now = real_time,
    clock_control: ClockControl | None = None,
) -> Litestar:
    """
    Return the application.

    `on_startup` and `on_shutdown` are the composition root's: workers, sweepers. `now` is real time, for sessions and
    signatures; the business has its own clock in `ports`. With a `clock_control`
    people may move that one on a page, which does not exist without.
    """
    sessions = Sessions(ports, settings, now)
    site = Site(ports, settings, sessions, environment(settings.platform), Intake(ports, now), clock_control)
    app = Litestar(
        route_handlers=[
            *(handler for module in (*PAGES, *API) for handler in module.HANDLERS),
            *(clock.HANDLERS if clock_control else ()),
            webhooks.payment_notice,
            create_static_files_router(
                path=STATIC_URL, directories=[STATIC], opt=needs(Access.OPEN), guards=[has_file_name]
            ),
        ],
        dependencies={
            "web": Provide(_web),
            "site": Provide(_site, sync_to_thread=False),
        },
        guards=[guard],
        exception_handlers=HANDLERS,
        middleware=[DefineMiddleware(FormTokens.of_sessions, settings=settings)],
        request_class=SafeRequest,
        before_request=at_one_address(settings),
        before_send=[header_hook(settings), allowing],
        state=State({"site": site, "sessions": sessions, "limiters": Limiters(settings.limits)}),
        request_max_body_size=LARGEST_BODY_BYTES,
        logging_config=None,
        openapi_config=openapi(site.version, settings),
        on_startup=list(on_startup),
        on_shutdown=list(on_shutdown),
    )
    app.asgi_handler = answering_head(app.asgi_handler)
    return app
