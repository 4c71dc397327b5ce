"""Pages that only say something: errors, signed out, help."""

import attrs

from smartapp_http.views.chrome import Link


@attrs.frozen(kw_only=True)
class ErrorView:
    """
    `error.html`: what happened, what it means for the data, what to do.

    Attributes:
        status: The HTTP status, shown small.
        request_id: To quote to support; "" hides the line.

    """

    status: int
    title: str
    text: str
    fix: str
    action: Link | None = None
    request_id: str = ""


@attrs.frozen(kw_only=True)
class SignedOutView:
    """`signed_out.html`: after Sign out, or when a session ended while its page was open."""

    sign_in_url: str
    expired: bool = False


@attrs.frozen(kw_only=True)
class HelpView:
    """`help.html`. `pictures` lists the files there are, by name without `.png`; missing ones leave no hole."""

    pictures: frozenset[str] = frozenset()
