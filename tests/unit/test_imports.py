"""What `import smartapp_domain` loads, seen from a fresh interpreter."""

import json
import subprocess
import sys

#: Everything of ours or of the test suite's that talks to the outside, and the parts of the domain loaded on demand.
NOT_LOADED = {
    "httpx",
    "requests",
    "stripe",
    "sqlalchemy",
    "alembic",
    "psycopg",
    "cryptography",
    "litestar",
    "jinja2",
    "uvicorn",
    "anyio",
    "msgspec",
    "dramatiq",
    "click",
    "rich",
    "pytest",
    "hypothesis",
    "sqlite3",
    "socket",
    "ssl",
    "http",
    "asyncio",
    "smartapp_domain.marketplace",
    "smartapp_domain.planning",
    "smartapp_domain.testing",
    "smartapp_domain.use_cases",
}


def loaded_by(statement: str) -> set[str]:
    told = "print(json.dumps(sorted(set(sys.modules) - before)))"
    program = f"import sys, json; before = set(sys.modules); {statement}; {told}"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(run.stdout))


def test_importing_the_domain_loads_no_library_that_does_io() -> None:
    assert loaded_by("import smartapp_domain") & NOT_LOADED == set()


def test_importing_the_use_cases_loads_none_either() -> None:
    loaded = loaded_by(
        "import smartapp_domain.use_cases.run_job, smartapp_domain.use_cases.check_out, smartapp_domain.wire"
    )

    assert loaded & (NOT_LOADED - {"smartapp_domain.use_cases"}) == set()


def test_the_domain_needs_no_third_party_but_attrs_and_cattrs() -> None:
    ours = {"smartapp_domain", "attr", "attrs", "cattr", "cattrs", "typing_extensions"}
    roots = {name.partition(".")[0] for name in loaded_by("import smartapp_domain")}

    assert {root for root in roots if root not in sys.stdlib_module_names and not root.startswith("_")} <= ours
