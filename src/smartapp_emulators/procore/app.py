"""Put the emulator together: OAuth, API, web pages and controls in one ASGI application."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response
from litestar.datastructures import State as AppState
from litestar.exceptions import HTTPException
from litestar.static_files import create_static_files_router

from smartapp_emulators.clock import MovableClock
from smartapp_emulators.procore.api import locations, oauth, people, projects, settings
from smartapp_emulators.procore.api.errors import ApiError, on_api_error, on_http_error
from smartapp_emulators.procore.control import access_page, world_api
from smartapp_emulators.procore.control import api as control_api
from smartapp_emulators.procore.control import page as control_page
from smartapp_emulators.procore.front_door import FrontDoor
from smartapp_emulators.procore.pages import app_management, install, marketplace, sign_in
from smartapp_emulators.procore.pages.render import PageError, on_page_error
from smartapp_emulators.procore.state import Behavior
from smartapp_emulators.procore.store import Store
from smartapp_emulators.procore.world import World

DEFAULT_SETUP_URL = "http://127.0.0.1:8000/setup"

_LOG = logging.getLogger(__name__)

_HANDLERS = (
    *oauth.HANDLERS,
    *people.HANDLERS,
    *projects.HANDLERS,
    *locations.HANDLERS,
    *settings.HANDLERS,
    *sign_in.HANDLERS,
    *marketplace.HANDLERS,
    *install.HANDLERS,
    *app_management.HANDLERS,
    *control_api.HANDLERS,
    *world_api.HANDLERS,
    *control_page.HANDLERS,
    *access_page.HANDLERS,
)
_JSON_PREFIXES = ("/rest/", "/oauth/token", "/oauth/revoke", "/_emulator/")


def create_app(
    world: World,
    *,
    lenient: bool = False,
    rate: tuple[int, int] | None = None,
    state_file: Path | None = None,
    clock: MovableClock | None = None,
    extra_redirect_uris: Sequence[str] = (),
    setup_url: str = DEFAULT_SETUP_URL,
) -> Litestar:
    """
    Build the emulator.

    Args:
        world: What a reset returns to; a state file that exists wins over it.
        lenient: Accept calls without `Procore-Company-Id` where something else names the company.
        rate: (hourly, spike) limits; None tells headers and refuses nothing.
        state_file: Keeps everything across restarts.
        clock: Drives every time; by default a running one.
        extra_redirect_uris: Accepted for every app beside those of the world.
        setup_url: Where "App Setup Instructions" leads; each app's query string is added.

    Raises:
        StateFileError: The state file exists and cannot be used.
    """
    behavior = Behavior(lenient=lenient, rate=rate)
    store = Store(world, behavior=behavior, clock=clock or MovableClock(), file=state_file)
    store.extra_redirect_uris = tuple(extra_redirect_uris)
    static = create_static_files_router(path="/static", directories=[Path(__file__).parent / "static"])
    app = Litestar(
        route_handlers=[*_HANDLERS, static],
        exception_handlers={
            ApiError: on_api_error,
            PageError: on_page_error,
            HTTPException: _on_http_error,
            Exception: _on_defect,
        },
        on_shutdown=[store.save],
        state=AppState({"store": store, "setup_url": setup_url}),
        openapi_config=None,
        logging_config=None,
    )
    app.asgi_handler = FrontDoor(app.asgi_handler, store)
    return app


def _on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    if request.url.path.startswith(_JSON_PREFIXES):
        return on_http_error(request, error)
    return on_page_error(request, PageError(error.status_code, _plain(error)))


def _on_defect(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Own up to a mistake of the emulator's, so that nobody takes it for one of the platform's."""
    _LOG.error("The emulator failed at %s %s", request.method, request.url.path, exc_info=error)
    message = f"The emulator itself failed: {type(error).__name__}. Its log tells more."
    return _on_http_error(request, HTTPException(message, status_code=500))


def _plain(error: HTTPException) -> str:
    not_found = 404
    return "There is no page at this address." if error.status_code == not_found else error.detail
