"""Schemathesis asks an API everything its own description allows, and much that it does not; we collect findings."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any, Final

import attrs
import httpx
import schemathesis
from schemathesis import Case, HookContext
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.hooks import hook, unregister
from tests.app.api.naming import NAMED

HEADER: Final = "Idempotency-Key"
#: The same questions in every run.
SEED: Final = 20_260_701
PHASES: Final = ("examples", "coverage", "fuzzing", "stateful")


@attrs.frozen
class Finding:
    """A defect: one per operation and kind."""

    operation: str
    title: str
    told: str = attrs.field(eq=False)

    def __str__(self) -> str:
        return f"{self.operation}: {self.title}\n{self.told}"


@attrs.define
class Examined:
    """What came of it: what was found, and how each operation answered how often."""

    findings: dict[Finding, None] = attrs.field(factory=dict)
    answers: dict[str, Counter[int]] = attrs.field(factory=dict)

    def told(self) -> str:
        return "\n\n".join(map(str, self.findings))

    def note(self, recorder: ScenarioRecorder) -> None:
        for case_id, node in recorder.cases.items():
            operation = node.value.operation.label
            interaction = recorder.interactions.get(case_id)
            response = interaction.response if interaction else None
            if response is not None and node.value.method.upper() == node.value.operation.method.upper():
                self.answers.setdefault(operation, Counter())[response.status_code] += 1
            for check in recorder.checks.get(case_id, ()):
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    answer = f"{response.status_code} {response.content[:600]!r}" if response else "no answer"
                    told = f"{failure.message}\n{check.failure_info.code_sample}\n{answer}"
                    self.findings.setdefault(Finding(operation, f"{check.name}: {failure.title}", told))


@attrs.frozen
class Candidate:
    """
    An API to examine.

    Attributes:
        credentials: By security scheme.
        known: Real ids for an operation's parameter, by "METHOD /path/{id}" and name; () for what is no id.
        spared: Ids that must not be written about, and operations that must not succeed, or the examiner would take its
            own rights away.
        work: Does what is due in the background.
        token: An access token to look things up with, as a client does.

    """

    url: str
    credentials: Mapping[str, Mapping[str, str]]
    token: str
    spared: frozenset[str]
    known: Callable[[str, str], Sequence[str]]
    work: Callable[[], object]


def examine(
    candidate: Candidate, *, examples: int, phases: Sequence[str] = PHASES, only: str | None = None
) -> Examined:
    """Ask the API everything, or one address `only`; raise if the examiner itself could not go on."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "generation": {"max-examples": examples, "database": "none", "deterministic": True, "no-shrink": True},
            "auth": {"openapi": candidate.credentials},
        }
    )
    schema = schemathesis.openapi.from_url(f"{candidate.url}/schema", config=config)
    schema.config.phases.update(phases=list(phases))
    if only:
        schema = schema.include(path=only)
    examined = Examined()
    with _as_a_client_would(candidate):
        for event in from_schema(schema).execute():
            match event:
                case events.ScenarioFinished(recorder=recorder):
                    examined.note(recorder)
                case events.NonFatalError(value=error):
                    raise AssertionError(f"The examiner failed at {event.label}.") from error
                case events.FatalError(exception=error):
                    raise AssertionError("The examiner failed.") from error
                case events.Interrupted():
                    raise KeyboardInterrupt
    return examined


@contextmanager
def _as_a_client_would(candidate: Candidate) -> Iterator[None]:
    """
    Put in what no description can tell: where ids and cursors come from, and that an idempotency key is fresh.

    Only where the examiner itself takes a value for a good one, and every other time; all the bad ones stay.
    """
    headers = {"Authorization": f"Bearer {candidate.token}"}
    with httpx.Client(base_url=candidate.url, headers=headers) as client:
        hand = _Hand(candidate, client)

        def before_call(ctx: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
            del ctx, kwargs
            if case.meta is not None and case.meta.generation.mode.is_positive:
                hand.lead(case)
            hand.spare(case)

        hook(before_call)
        try:
            yield
        finally:
            unregister(before_call)


class _Hand:
    """Leads a request to something real."""

    def __init__(self, candidate: Candidate, client: httpx.Client) -> None:
        self._candidate, self._client = candidate, client
        self._turn = count()

    def lead(self, case: Case) -> None:
        if case.headers and HEADER in case.headers:
            case.headers[HEADER] = str(uuid.uuid4())
        if next(self._turn) % 2:
            operation = case.operation.label
            case.path_parameters = self._real(operation, case.path_parameters)
            case.query = self._real(operation, case.query)
            case.body = self._real(operation, case.body)
            if operation.startswith("POST /api/v1/projects/paste"):
                case.body = {"text": self._candidate.known(operation, "text")[0], "products": ["planner"]}
            if operation == "PUT /api/v1/central/projects/{project_id}/renewal":
                self._candidate.work()  # an order that was paid keeps renewals from being changed until it is fulfilled
            if operation == "POST /api/v1/checkout":
                case.body = self._offer() or case.body
        if case.query and "cursor" in case.query:
            asked = {name: value for name, value in case.query.items() if name != "cursor"}
            case.query = {**asked, **self._cursor(case.formatted_path, asked)}

    def spare(self, case: Case) -> None:
        said = case.path_parameters or {}
        named = {case.operation.label, *map(str, said.values())}
        if case.method != "GET" and named & self._candidate.spared:
            case.path_parameters = dict.fromkeys(said, "spared")

    def _cursor(self, path: str, asked: Mapping[str, Any]) -> dict[str, str]:
        found = self._client.get(path, params={**asked, "limit": 1}).json().get("next_cursor")
        return {"cursor": found} if found else {}

    def _real(self, operation: str, said: Any, name: str = "") -> Any:
        """Return what is said with real ids, in turn, in the place of those that were made up."""
        if isinstance(said, Mapping):
            return {
                key: self._real(operation, value, key if (operation, key) in NAMED else name)
                for key, value in said.items()
            }
        if isinstance(said, list):
            return [self._real(operation, value, name) for value in said]
        known = self._candidate.known(operation, name) if isinstance(said, str) else ()
        return known[next(self._turn) % len(known)] if known else said

    def _offer(self) -> dict[str, Any] | None:
        """Take off what cannot be bought, and return what buys the rest: by the month, and in turn by the year."""
        problems = self._client.get("/api/v1/review").json().get("problems", [])
        ticks = [{"project": each["project"], "on": False} for each in problems if each["project"]]
        if ticks:
            self._client.put("/api/v1/ticks", json={"ticks": ticks})
        interval = ("month", "year")[next(self._turn) // 2 % 2]
        offer = self._client.get("/api/v1/offer", params={"interval": interval}).json()
        if "fingerprint" not in offer:
            return None
        prorated_at = offer["extension"]["prorated_at"] if offer["extension"] else None
        return {"interval": interval, "fingerprint": offer["fingerprint"], "prorated_at": prorated_at}
