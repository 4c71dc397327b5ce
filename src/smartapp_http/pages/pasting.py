"""Paste a list: a look at what its lines come to, then all of it ticked at once."""

from typing import Final

from litestar import get, post
from litestar.di import NamedDependency

from smartapp_domain.catalog import product
from smartapp_domain.decisions import Refused
from smartapp_domain.identity import Right
from smartapp_domain.ids import PlatformProjectId
from smartapp_domain.use_cases.paste_list import PasteList, apply_paste, plan_paste
from smartapp_http.access import needs
from smartapp_http.pools import PAGES
from smartapp_http.present import pasting as present
from smartapp_http.problems import status_of
from smartapp_http.text import whole_number
from smartapp_http.views import Area, PasteView, Toast, Tone, paths
from smartapp_http.web import Html, Web

#: Form fields `line-12` hold the project chosen for line 12.
_CHOICE: Final = "line-"


@get(paths.PASTE, opt=needs(Right.MAP_PROJECTS), include_in_schema=False)
@PAGES
def paste_form(web: NamedDependency[Web]) -> Html:
    """Show the form alone."""
    return web.page("paste_list.html", PasteView(form=present.form()), area=Area.MAPPING)


@post(paths.PASTE, opt=needs(Right.MAP_PROJECTS), status_code=200, include_in_schema=False)
@PAGES
def preview(web: NamedDependency[Web]) -> Html:
    """Show what becomes of each line; nothing is written."""
    return _preview(web, _wish(web))


@post(paths.PASTE_APPLY, opt=needs(Right.MAP_PROJECTS), status_code=200, include_in_schema=False)
@PAGES
def apply(web: NamedDependency[Web]) -> Html:
    """Tick what the list names, or show why not with the list as it is now."""
    wish = _wish(web)
    decision = apply_paste(web.actor, wish, web.ports)
    if isinstance(decision, Refused):
        return _preview(web, wish, decision)
    return web.go(paths.PROJECTS, toast=Toast(present.applied(decision.plan), tone=Tone.OK))


def _preview(web: Web, wish: PasteList, refused: Refused | None = None) -> Html:
    form = present.form(wish.text, wish.products)
    plan = plan_paste(web.actor, wish, web.ports)
    if isinstance(plan, Refused):
        view = PasteView(form=form, problem=plan.message)
        return web.page("paste_list.html", view, area=Area.MAPPING, status=status_of(plan))
    view = present.preview(plan, form, refused.message if refused else "")
    return web.page("paste_list.html", view, area=Area.MAPPING, status=status_of(refused) if refused else 200)


def _wish(web: Web) -> PasteList:
    chosen = {
        line: PlatformProjectId(web.field(name))
        for name in web.form
        if name.startswith(_CHOICE) and web.field(name)
        if (line := whole_number(name.removeprefix(_CHOICE))) is not None
    }
    return PasteList(web.field("text"), tuple(dict.fromkeys(map(product, web.fields("product")))), chosen)


HANDLERS: Final = (paste_form, preview, apply)
