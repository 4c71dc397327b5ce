"""The one Jinja environment of the pages, and what templates may call."""

import hashlib
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from smartapp_http.views import Banner, RowView, Toast, counted, paths

HERE: Final = Path(__file__).parent
TEMPLATES: Final = HERE / "templates"
STATIC: Final = HERE / "static"
STATIC_URL: Final = "/static"

HASH_CHARS: Final = 12
#: A row of the mapping table is some two kilobytes.
ROWS_KEPT: Final = 2_000


@cache
def asset(path: str) -> str:
    """
    Return the address of a static file, ending in a hash of its content.

    A changed file gets a new address, so browsers may keep every file for good. A path that does not exist raises
    FileNotFoundError when the page is rendered, not a 404 at the customer's.
    """
    digest = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()
    return f"{STATIC_URL}/{path}?v={digest[:HASH_CHARS]}"


def worded(message: Toast | Banner) -> Markup:
    """
    Return the sentence of a toast or banner with its link and its strong part marked up.

    The words stay exactly as given: the part of the sentence that equals the link's text becomes the link; a link
    whose text does not occur follows the sentence.
    """
    sentence = message.message if isinstance(message, Toast) else message.text
    html = escape(sentence)
    strong = message.strong if isinstance(message, Toast) else ""
    if strong:
        name = escape(strong)
        html = html.replace(name, Markup("<strong>{}</strong>").format(strong), 1)
    if message.link is None:
        return html
    anchor = Markup('<a href="{}">{}</a>').format(message.link.url, message.link.text)
    text = escape(message.link.text)
    if text in html:
        return html.replace(text, anchor, 1)
    return html + " " + anchor


def _row_keeper(env: Environment) -> Callable[[RowView], Markup]:
    """
    Return what draws a row of the mapping table, and remembers how.

    A row is a function of its view and nothing else, and most rows of most looks are ones nobody has touched: drawing
    them anew was the largest part of the page.
    """

    @lru_cache(ROWS_KEPT)
    def draw(row: RowView) -> Markup:
        drawn: Markup = env.get_template("partials/row.html").module.row(row)  # type: ignore[attr-defined]
        return drawn

    return draw


def environment(platform: str = "Procore") -> Environment:
    """
    Return a fresh environment: escaping always on, and a forgotten variable is an error, not a blank.

    `platform` is what pages call the platform, macros included.
    """
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals.update(kept_row=_row_keeper(env), asset=asset, counted=counted, paths=paths, platform=platform)
    env.filters.update(worded=worded)
    return env
