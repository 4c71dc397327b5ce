"""The mapping page over real HTTP with the domain's rules and a memory, so that the script can be tried alone."""

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import attrs
from tests.app.ui import samples

from smartapp_domain.catalog import product
from smartapp_domain.ids import PlatformProjectId
from smartapp_domain.mapping import DraftRow, Tick, summarize, ticked
from smartapp_http import views as v
from smartapp_http.templating import STATIC, environment

KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "woff2": "font/woff2"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'"
)
Fields = dict[str, list[str]]


class MappingServer:
    """
    Serves `/projects` and takes its ticks; serves `/subscriptions` and changes its interval.

    `posts` is every POST in the order of arrival; `hold` can be cleared to keep answers back; `fail` makes the next
    ticks end in a 500; `refuse` answers them with the words of a locked row; while `reading`, the list is being read,
    and the page asks whether that is done, which it then is. `flashed` is said by the next page, once.
    """

    def __init__(self) -> None:
        self.draft: dict[str, DraftRow] = {}
        self.posts: list[tuple[str, Fields, str | None]] = []
        self.hold = threading.Event()
        self.hold.set()
        self.fail = False
        self.refuse = False
        self.complains = False
        self.reading = False
        self.yearly = True
        self.flashed: tuple[v.Toast, ...] = ()
        self.searches: list[str] = []
        self.taken = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._templates = environment()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.hold.set()
        self._http.shutdown()
        self._http.server_close()

    def row(self, sample: v.RowView) -> v.RowView:
        held = self.draft.get(sample.id)
        on = [p.value for p in held.selection.products] if held else []
        again = samples.row(
            sample.id, sample.name, sample.number or "", sample.place or "", *on, ticked=held is not None
        )
        problem = samples.PROBLEM if self.complains and held and not held.selection else None
        return attrs.evolve(again, accessible_name=sample.accessible_name, problem=problem)

    def rows(self) -> v.RowsView:
        return v.RowsView(rows=tuple(self.row(sample) for sample in samples.OPEN_ROWS), total=8)

    def summary(self) -> v.SummaryView:
        sums = summarize(row.selection for row in self.draft.values())
        planner, safety = (sums.counts.get(product(code), 0) for code in ("planner", "safety"))
        return v.SummaryView(headline=f"{v.counted(sums.projects, 'project')}, {planner} Planner, {safety} Safety")

    def page(self) -> str:
        wrong = [row for row in self.rows().rows if row.problem]
        view = samples.projects(
            refresh=v.RefreshView(read_at="just now", running=self.reading),
            not_licensed=self.rows(),
            summary=self.summary(),
            problems=tuple(
                v.RowProblem(row.name, v.Link("Go to the row", f"#row-{row.id}"), row.id, row.name) for row in wrong
            ),
            problems_title=f"{len(wrong)} without a module" if wrong else "",
        )
        said, self.flashed = self.flashed, ()
        return self._draw("projects.html", view=view, chrome=samples.chrome(v.Area.MAPPING, toasts=said))

    def offer(self) -> str:
        interval = "year" if self.yearly else "month"
        news = None if self.yearly else v.Banner("Not at this moment", "Monthly must wait.")
        lead = f"4 projects, paid by the {interval}."
        view = samples.subscriptions(yearly=self.yearly, fingerprint=interval, lead=lead, banner=news)
        return self._draw("subscriptions.html", view=view, chrome=samples.chrome(v.Area.MAPPING))

    def tick(self, project: str, code: str, *, on: bool) -> None:
        with self._lock:
            key = PlatformProjectId(project)
            after = ticked(self.draft.get(project), Tick(key, product(code) if code else None, on))
            self.draft.pop(project, None)
            if after is not None:
                self.draft[project] = after
        self.taken.release()

    def wait_for_ticks(self, number: int, timeout_s: float = 10) -> None:
        """Return when so many more ticks have been taken."""
        for _ in range(number):
            assert self.taken.acquire(timeout=timeout_s), "A tick never arrived."

    def answer(self, path: str, fields: Fields) -> tuple[int, str]:
        if self.fail:
            return 500, "broken"
        if path == v.paths.PAGE_TICKS:
            for project in fields["project"]:
                self.tick(project, "", on=fields["on"] == ["1"])
            return 200, self._draw("partials/page_ticks.html", rows=self.rows(), summary=self.summary(), toasts=())
        if path == v.paths.INTERVAL:
            self.yearly = fields["interval"] == ["year"]
            return 200, self.offer()
        if path not in (v.paths.TICKS, v.paths.TARGETS):
            return 200, "<h1>Went on</h1>"
        (project,) = fields["project"]
        if path == v.paths.TICKS and not self.refuse:
            self.tick(project, fields.get("product", [""])[0], on=fields["on"] == ["1"])
        sample = next(each for each in samples.OPEN_ROWS if each.id == project)
        toasts = (samples.locked_toast(sample.name),) if self.refuse else ()
        fragment = self._draw("partials/tick.html", row=self.row(sample), summary=self.summary(), toasts=toasts)
        return (409 if self.refuse else 200), fragment

    def _draw(self, template: str, **context: Any) -> str:
        return self._templates.get_template(template).render(**context)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                file = STATIC / path.removeprefix("/static/")
                if path.startswith("/static/") and file.is_file():
                    self.reply(200, file.read_bytes(), KINDS[file.suffix[1:]])
                elif path == v.paths.REFRESH:
                    server.reading = False
                    self.reply(204, b"", "text/html", **{"HX-Refresh": "true"})
                elif path == v.paths.CENTRAL:
                    server.hold.wait()
                    self.reply(200, b"<h1>Went on</h1>", "text/html")
                else:
                    server.searches.append(urlsplit(self.path).query)
                    html = server.offer() if path == v.paths.SUBSCRIPTIONS else server.page()
                    self.reply(200, html.encode(), "text/html; charset=utf-8")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                fields = parse_qs(body, keep_blank_values=True)
                server.posts.append((self.path, fields, self.headers["x-csrftoken"]))
                server.hold.wait()
                status, html = server.answer(self.path, fields)
                self.reply(status, html.encode(), "text/html; charset=utf-8")

            def reply(self, status: int, body: bytes, kind: str, **headers: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Security-Policy", POLICY)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(ConnectionError):  # the page was left meanwhile
                    self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Tests read `posts` instead."""

        return Handler
