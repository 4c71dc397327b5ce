"""
Draw every page with sample data, look for accessibility findings, and save screenshots.

    .venv/bin/python tools/gallery.py OUT [--only NAME …] [--serve]

Each page is drawn at 1280 and 390 px, light and dark, under the same Content-Security-Policy as the product. Exits 1
when axe-core finds anything, a page scrolls sideways, or the policy blocks something. `--serve` just serves them.
"""

import argparse
import contextlib
import mimetypes
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import ConsoleMessage, Page, sync_playwright  # noqa: E402 - the path is set above
from tests.app.ui.samples import PAGES  # noqa: E402

from smartapp_http.templating import STATIC, environment  # noqa: E402

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (1280, 390)
AXE = ROOT / "tests" / "vendor" / "axe.min.js"


class Gallery(BaseHTTPRequestHandler):
    """`/NAME` is a sample page, `/static/…` a file, `/` the list."""

    env = environment()

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            self.answer(200, file.read_bytes(), kind) if file.is_file() else self.answer(404, b"", "text/plain")
        elif path[1:] in PAGES:
            template, view, chrome = PAGES[path[1:]]
            body = self.env.get_template(template).render(view=view, chrome=chrome)
            self.answer(200, body.encode(), "text/html; charset=utf-8")
        else:
            links = "".join(f'<li><a href="/{name}">{name}</a>' for name in PAGES)
            self.answer(200 if path == "/" else 204, f"<ul>{links}</ul>".encode() if path == "/" else b"", "text/html")

    def answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # the page was left meanwhile
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the findings are the output."""


@contextlib.contextmanager
def serving() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gallery)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def look(page: Page, label: str) -> list[str]:
    """Return what is wrong with the page as it stands."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)["violations"]
    wrong = [f"{label}: {v['id']}: {v['nodes'][0]['html'][:160]}" for v in found]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        wrong.append(f"{label}: scrolls sideways")
    return wrong


def complain(wrong: list[str], message: ConsoleMessage) -> None:
    if message.type == "error":
        wrong.append(f"console: {message.text}")


def draw(url: str, out: Path, names: list[str]) -> list[str]:
    wrong: list[str] = []
    with sync_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for width in WIDTHS:
            for scheme in ("light", "dark"):
                page = browser.new_page(
                    viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
                )  # type: ignore[arg-type] # a plain str of the tuple above
                page.on("console", partial(complain, wrong))
                for name in names:
                    page.set_viewport_size({"width": width, "height": 800})
                    page.goto(f"{url}/{name}")
                    page.evaluate("document.fonts.ready")
                    wrong += look(page, f"{name} {width} {scheme}")
                    # As tall as the page: what sticks to the bottom edge is then drawn at its end.
                    page.set_viewport_size({"width": width, "height": page.evaluate("document.body.scrollHeight")})
                    page.screenshot(path=out / f"{name}-{width}-{scheme}.png", full_page=True)
                page.close()
        browser.close()
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description="Draw every page with sample data and check it.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", nargs="*", default=list(PAGES))
    parser.add_argument("--serve", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with serving() as url:
        if options.serve:
            print(url, flush=True)
            threading.Event().wait()
        wrong = draw(url, options.out, options.only)
    print(*wrong, f"{len(wrong)} findings", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
