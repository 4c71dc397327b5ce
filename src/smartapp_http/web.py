"""What a page handler holds in its hand: the request, who sent it, the ports, and how to answer."""

from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import attrs
import jinja2
from litestar import Request, Response
from litestar.datastructures import Cookie, FormMultiDict, MultiDict
from litestar.enums import MediaType
from litestar.utils.scope.state import ScopeState

from smartapp_domain.identity import Actor, Right, Role
from smartapp_domain.ports import Ports
from smartapp_http import flash, links
from smartapp_http.clock_control import ClockControl
from smartapp_http.intake import Intake
from smartapp_http.present import clock
from smartapp_http.security import form_cookie
from smartapp_http.sessions import Sessions, Visitor
from smartapp_http.settings import HttpSettings
from smartapp_http.text import whole_number
from smartapp_http.views import Area, Chrome, ClockStrip, CurrentCompany, SignedIn, Toast

SEE_OTHER: Final = 303
NO_CONTENT: Final = 204
#: The right a place of the navigation needs; places that are not here are for everybody.
_AREA_RIGHTS: Final = {
    Area.CENTRAL: Right.VIEW_PROJECTS,
    Area.MAPPING: Right.MAP_PROJECTS,
    Area.BILLING: Right.VIEW_BILLING,
    Area.MEMBERS: Right.VIEW_MEMBERS,
}

Html = Response[str]
AnyRequest = Request[Any, Any, Any]


def app_version() -> str:
    try:
        return version("smartapp-connect")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "development"


class BadForm(ValueError):
    """Raised for a form none of our pages sends."""


@attrs.frozen
class Site:
    """What all requests share."""

    ports: Ports
    settings: HttpSettings
    sessions: Sessions
    templates: jinja2.Environment
    intake: Intake
    clock_control: ClockControl | None = None
    version: str = attrs.field(factory=app_version)


@attrs.define(slots=False)
class Web:
    """
    One request of a page.

    Attributes:
        secret: Of the session cookie.
        cookies: Set by whatever answers this request.

    """

    site: Site
    request: AnyRequest
    form: FormMultiDict = attrs.field(factory=FormMultiDict)
    visitor: Visitor = attrs.field(factory=Visitor)
    secret: str | None = None
    cookies: list[Cookie] = attrs.field(factory=list)

    @classmethod
    def of(cls, request: AnyRequest, form: FormMultiDict | None = None) -> "Web":
        site: Site = request.app.state.site
        visitor = getattr(request.state, "visitor", None)
        return cls(
            site,
            request,
            form or FormMultiDict(),
            visitor if isinstance(visitor, Visitor) else Visitor(),
            request.cookies.get(site.sessions.cookie_name),
        )

    @property
    def ports(self) -> Ports:
        return self.site.ports

    @property
    def settings(self) -> HttpSettings:
        return self.site.settings

    @property
    def sessions(self) -> Sessions:
        return self.site.sessions

    def become(self, secret: str) -> None:
        """Go on as the holder of a new session."""
        self.visitor = self.sessions.visitor(secret)
        self.carry(secret)

    def carry(self, secret: str) -> None:
        """Have the browser keep a session, and a form token of its own if the session is new."""
        self.cookies.append(self.sessions.cookie(secret))
        if secret != self.secret:
            self.secret, token = secret, form_cookie(self.settings, secret)
            self.cookies.append(token)
            ScopeState.from_scope(self.request.scope).csrf_token = str(token.value)

    @property
    def actor(self) -> Actor:
        return self.visitor.actor

    @property
    def query(self) -> MultiDict[Any]:
        return self.request.query_params

    def asked(self, name: str, default: str = "") -> str:
        """Return a query parameter without outer blanks, at most 200 characters of it."""
        return str(self.query.get(name, default))[:200].strip()

    def asked_path(self, name: str) -> str | None:
        """Return the page of ours a query parameter names, whole; None for none."""
        return links.safe_next(self.query.get(name))

    def asked_number(self, name: str) -> int:
        """Return a page number; anything else than a positive number is page 1."""
        return whole_number(self.asked(name)) or 1

    def field(self, name: str) -> str:
        """Return a form field; a file or a missing field is ""."""
        value = self.form.get(name, "")
        return value if isinstance(value, str) else ""

    def fields(self, name: str) -> tuple[str, ...]:
        return tuple(value for value in self.form.getall(name, []) if isinstance(value, str))

    @property
    def role_field(self) -> Role | None:
        """Return the role a form names, if it names one."""
        return next((role for role in Role if role.value == self.field("role")), None)

    @property
    def is_htmx(self) -> bool:
        return self.request.headers.get("hx-request") == "true"

    @cached_property
    def _flashed(self) -> Toast | None:
        return flash.take(self.request.cookies.get(flash.COOKIE), self.settings)

    def chrome(self, area: Area | None = None, toasts: Sequence[Toast] = ()) -> Chrome:
        """Return the frame of the page: who is signed in, where they are, what just happened."""
        visitor = self.visitor
        member, account = visitor.member, visitor.account
        shown = (*([self._flashed] if self._flashed else []), *toasts)
        return Chrome(
            csrf_token=str(ScopeState.from_scope(self.request.scope).csrf_token or ""),
            support_email=self.settings.support_email,
            app_version=self.site.version,
            person=SignedIn(member.name, member.email, member.role.label) if member else None,
            company=CurrentCompany(account.name, visitor.can_change_company) if account else None,
            area=area,
            areas=self._areas(),
            toasts=shown,
            clock=self._clock(),
            answers_form=self.request.method == "POST",
        )

    def _clock(self) -> ClockStrip | None:
        control = self.site.clock_control
        return clock.strip(control.now()) if control and self.visitor.member else None

    def _areas(self) -> tuple[Area, ...]:
        if self.visitor.member is None:
            return (Area.HELP,)
        may = self.actor.may
        return tuple(area for area in Area if area not in _AREA_RIGHTS or may(_AREA_RIGHTS[area]))

    def page(
        self, template: str, view: object, *, area: Area | None = None, status: int = 200, toasts: Sequence[Toast] = ()
    ) -> Html:
        chrome = self.chrome(area, toasts)
        if self._flashed:
            self.cookies.append(flash.gone(self.settings))
        return self._html(self.site.templates.get_template(template).render(view=view, chrome=chrome), status)

    def fragment(self, template: str, *, status: int = 200, **values: Any) -> Html:
        """Answer htmx with a part of a page."""
        body = self.site.templates.get_template(f"partials/{template}").render(chrome=self.chrome(), **values)
        return self._html(body, status)

    def toast(self, toast: Toast, *, status: int) -> Html:
        """Answer htmx with words only; what is on the page stays."""
        answer = self.fragment("toasts.html", status=status, toasts=(toast,))
        answer.headers["HX-Reswap"] = "none"
        return answer

    def unchanged(self) -> Html:
        """Answer a poll that nothing is new: htmx leaves the page alone, and with it where the keyboard is."""
        return Response("", status_code=NO_CONTENT, media_type=MediaType.HTML, cookies=self.cookies)

    def _html(self, body: str, status: int) -> Html:
        headers = {"Vary": "HX-Request"}
        return Response(body, status_code=status, media_type=MediaType.HTML, cookies=self.cookies, headers=headers)

    def go(self, to: str, *, toast: Toast | None = None) -> Html:
        """Send the browser on: 303 for pages, `HX-Redirect` for htmx, which would follow a 303 by itself."""
        if toast:
            self.cookies.append(flash.put(toast, self.settings))
        status, header = (NO_CONTENT, "HX-Redirect") if self.is_htmx else (SEE_OTHER, "Location")
        return Response("", status_code=status, media_type=MediaType.HTML, headers={header: to}, cookies=self.cookies)
