"""The form every cookie of ours has: for our pages alone, out of reach of scripts."""

from litestar.datastructures import Cookie

from smartapp_http.settings import HttpSettings


def cookie(key: str, value: str, max_age_s: int, settings: HttpSettings) -> Cookie:
    """Return a cookie that a browser keeps so long; 0 takes it away."""
    return Cookie(
        key=key,
        value=value,
        max_age=max_age_s,
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings.secure_cookies,
    )


def no_cookie(key: str, settings: HttpSettings) -> Cookie:
    return cookie(key, "", 0, settings)
