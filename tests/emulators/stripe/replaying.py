"""
Asks the emulator what was once asked of the provider, and tells where the two answers differ.

Ids of the recording are replaced by those the emulator gave at the same place; moments may differ by the few seconds
the provider took. Everything else that differs is a difference.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import attrs

from smartapp_emulators.clock import MovableClock
from smartapp_emulators.stripe.app import create_app
from smartapp_emulators.stripe.gateway import Gateway, Request

Json = dict[str, Any]

_FILE = Path(__file__).parent / "recorded" / "api-flows-recorded-2025.jsonl"
#: What the recorder made of the word, and what it was.
_PLACEHOLDER, _WORD = "<PADDLE_API_KEY>", "secret"
_AUTHORIZED = {"authorization": "Bearer sk_test_replay", "content-type": "application/x-www-form-urlencoded"}

#: Fields whose value is anybody's: ids and what is made of them, addresses, chance.
_FREE = re.compile(
    r"(^|\.)(id|number|fingerprint|client_secret|url|hosted_invoice_url|invoice_pdf|invoice_prefix|request_log_url|"
    r"doc_url|receipt_url|network_transaction_id|calculated_statement_descriptor|account_name|display_name)$"
)
_MOMENT = re.compile(
    r"(^|\.)(created|date|start|end|start_date|updated_at|period_start|period_end|current_period_start|"
    r"current_period_end|billing_cycle_anchor|effective_at|finalized_at|paid_at|webhooks_delivered_at|expires_at|"
    r"available_on)$"
)
#: Seconds between asking and what the provider wrote down.
_TOLERANCE_S = 8
_ID = re.compile(r"^[a-z]+(_test)?_[A-Za-z0-9]{8,}$")


@attrs.frozen
class Difference:
    """One field of one kind of object: what was recorded and what the emulator says instead."""

    field: str
    how: str


@attrs.frozen
class Exchange:
    """One recorded request with both answers."""

    flow: str
    what: str
    recorded_status: int
    status: int
    differences: frozenset[Difference]


class Replay:
    """One flow against an emulator of its own, whose clock stands where the recording stood."""

    def __init__(self, flow: str, interactions: list[Json], prices: Mapping[str, Json]) -> None:
        self._flow = flow
        self._prices = prices
        self._interactions = interactions
        self._clock = MovableClock.frozen(_moment(interactions[0]))
        self._gateway: Gateway = create_app(clock=self._clock).state.gateway
        self._ids: dict[str, str] = {}

    def run(self) -> Iterator[Exchange]:
        self._stock()
        for each in self._interactions:
            self._clock.set_to(_moment(each))
            status, answer = self._ask(each["method"], each["path"], each["query"], each["form"])
            self._learn(each["response"], answer)
            what = f"{each['method']} {re.sub('/(pm_card_)?[a-z]+_[A-Za-z0-9]{8,}', '/{id}', each['path'])}"
            same = each["status"] == status
            found = frozenset(self._differences(each["response"], answer)) if same else frozenset[Difference]()
            yield Exchange(self._flow, what, each["status"], status, found)

    def _differences(self, recorded: Json, answer: Json) -> Iterator[Difference]:
        kind = "error" if "error" in recorded else str(recorded["object"])
        return _compare(_renamed(recorded, self._ids), answer, kind, "")

    def _stock(self) -> None:
        """Make the products and prices the account already had."""
        for price in self._prices.values():
            _, product = self._ask("POST", "/v1/products", {}, {"name": "Test Subscription", "unit_label": "user"})
            recurring = {f"recurring[{name}]": price["recurring"][name] for name in ("interval", "interval_count")}
            plain = {name: price[name] for name in ("currency", "unit_amount", "tax_behavior") if price[name]}
            named = {"nickname": price["nickname"]} if price["nickname"] else {}
            _, made = self._ask("POST", "/v1/prices", {}, {"product": product["id"], **plain, **named, **recurring})
            self._ids |= {price["id"]: made["id"], price["product"]: product["id"]}

    def _ask(self, method: str, path: str, query: Json, form: Json) -> tuple[int, Json]:
        path = "/".join(self._ids.get(segment, segment) for segment in path.split("/"))
        sent, asked = (urlencode({k: self._ids.get(str(v), v) for k, v in part.items()}) for part in (form, query))
        answer = self._gateway.answer(Request(method, path, asked, dict(_AUTHORIZED), sent.encode()))
        return answer.status, answer.body

    def _learn(self, recorded: Any, answer: Any) -> None:
        """Remember which id of ours stands where one was recorded."""
        if isinstance(recorded, dict) and isinstance(answer, dict):
            for name, value in recorded.items():
                self._learn(value, answer.get(name))
        elif isinstance(recorded, list) and isinstance(answer, list):
            for one, other in zip(recorded, answer, strict=False):
                self._learn(one, other)
        elif isinstance(recorded, str) and isinstance(answer, str) and _ID.match(recorded) and _ID.match(answer):
            self._ids.setdefault(recorded, answer)


def flows() -> dict[str, list[Json]]:
    """Return the recorded flows by name."""
    lines = _FILE.read_text(encoding="utf-8").replace(_PLACEHOLDER, _WORD).splitlines()
    return {flow["flow"]: flow["interactions"] for flow in map(json.loads, lines)}


def _renamed(node: Any, ids: Mapping[str, str]) -> Any:
    """Return a recorded answer with our ids in place of its own."""
    if isinstance(node, dict):
        return {name: _renamed(part, ids) for name, part in node.items()}
    if isinstance(node, list):
        return [_renamed(part, ids) for part in node]
    return ids.get(node, node) if isinstance(node, str) else node


def _moment(interaction: Json) -> datetime:
    return parsedate_to_datetime(interaction["date"]).astimezone(UTC)


def prices(node: Any) -> dict[str, Json]:
    """Return all recurring prices that answers show, by id."""
    if isinstance(node, list):
        return {key: price for part in node for key, price in prices(part).items()}
    if not isinstance(node, dict):
        return {}
    below = {key: price for part in node.values() for key, price in prices(part).items()}
    return below | ({node["id"]: node} if node.get("object") == "price" and node["recurring"] else {})


def _compare(recorded: Any, answer: Any, kind: str, path: str) -> Iterator[Difference]:
    if isinstance(recorded, dict) and isinstance(answer, dict):
        inner = recorded.get("object")
        if isinstance(inner, str) and inner != "list" and path:
            kind, path = inner, ""
        for name in sorted({*recorded, *answer}):
            where = f"{path}.{name}" if path else name
            if name not in answer:
                yield Difference(f"{kind}.{where}", "missing")
            elif name not in recorded:
                yield Difference(f"{kind}.{where}", "added")
            else:
                yield from _compare(recorded[name], answer[name], kind, where)
    elif isinstance(recorded, list) and isinstance(answer, list):
        if len(recorded) != len(answer):
            yield Difference(f"{kind}.{path}", "other")
        for one, other in zip(recorded, answer, strict=False):
            yield from _compare(one, other, kind, f"{path}[]")
    elif not _same(recorded, answer, path):
        yield Difference(f"{kind}.{path}", "other")


def _same(recorded: Any, answer: Any, path: str) -> bool:
    if recorded == answer or (_FREE.search(path) and type(recorded) is type(answer)):
        return True
    if _MOMENT.search(path) and isinstance(recorded, int) and isinstance(answer, int):
        return abs(recorded - answer) <= _TOLERANCE_S
    if isinstance(recorded, str) and isinstance(answer, str):
        return bool(_ID.match(recorded) and _ID.match(answer)) or _plain(recorded) == _plain(answer)
    return False


def _plain(text: str) -> str:
    """Return a text without the ids in it."""
    return re.sub(r"\b[a-z]+(_test)?_[A-Za-z0-9]{8,}", "{id}", text)
