"""What the examples show, runs."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
EXAMPLES = {
    "quote.py": "Yearly: $12,798.00",
    "own_platform.py": "P-1  Harbor Tower, Austin\nP-2  River Bridge, Dallas\n",
    "own_storage.py": "One tick committed 1 transaction(s)",
}


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_example_says_what_it_should(name: str) -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", ROOT / "examples" / name], capture_output=True, text=True, check=False
    )

    assert run.returncode == 0, run.stderr
    assert EXAMPLES[name] in run.stdout


def test_every_example_is_run() -> None:
    assert {path.name for path in (ROOT / "examples").glob("*.py")} == set(EXAMPLES)
