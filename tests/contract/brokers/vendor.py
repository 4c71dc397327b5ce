"""Just enough of a platform for workers of other processes: it answers when the test lets it, and counts."""

import json
import queue
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, cast
from urllib.parse import parse_qs, urlsplit


class Vendor:
    """
    A server that knows every company, each with one project.

    Attributes:
        arrived: Gets the company of each list of projects that is asked for, before it is answered.
        go_on: While it is not set, those lists are not answered: whoever asked is in the middle of its job.
        lists: How often each company's projects were asked for.

    """

    def __init__(self) -> None:
        self.arrived: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.go_on = threading.Event()
        self.go_on.set()
        self.lists: Counter[str] = Counter()
        self.name = "Old name"
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.vendor = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()

    def companies(self, company: str) -> list[dict[str, Any]]:
        return [{"id": int(company), "name": f"Company {company}", "is_active": True}]

    def projects(self, company: str) -> list[dict[str, Any]]:
        with self._lock:
            self.lists[company] += 1
        project = {
            "id": 7001,
            "name": self.name,
            "active": True,
            "created_at": "2026-01-01T00:00:00Z",
            "company": {"id": int(company)},
        }
        self.arrived.put(company)
        assert self.go_on.wait(60)
        return [project]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    vendor: Vendor


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer({"access_token": "token", "token_type": "Bearer", "expires_in": 5400})

    def do_GET(self) -> None:
        address, vendor = urlsplit(self.path), cast("_Server", self.server).vendor
        if address.path == "/rest/v1.0/companies":
            self._answer(vendor.companies(self.headers["Procore-Company-Id"]))
        else:
            self._answer(vendor.projects(parse_qs(address.query)["company_id"][0]))

    def _answer(self, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if isinstance(body, list):
            self.send_header("Total", str(len(body)))
            self.send_header("Per-Page", "100")
        try:
            self.end_headers()
            self.wfile.write(content)
        except ConnectionError:
            pass  # whoever asked was killed

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""
