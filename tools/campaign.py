"""
The long proofs: `make campaign SEEDS=20 FROM=1`.

Each seed takes a thousand random walks through the use cases (`tests/unit/use_cases/test_walks.py`). The result, with
command, commit and seed range, is added to `docs/proofs.md`; a failure prints the seed that replays it and records
nothing.
"""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROOFS = ROOT / "docs" / "proofs.md"
WALKS_PER_SEED = 1_000


def walk(seed: int) -> bool:
    """Take the walks of one seed; what they print is shown only when one fails."""
    command = [sys.executable, "-m", "pytest", "-q", f"--hypothesis-seed={seed}", "tests/unit/use_cases/test_walks.py"]
    environment = {**os.environ, "SMARTAPP_WALKS": str(WALKS_PER_SEED)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout)
    return done.returncode == 0


def commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "no git"


def main() -> int:
    seeds, first = int(os.environ.get("SEEDS") or "20"), int(os.environ.get("FROM") or "1")
    began_at = commit()
    for seed in range(first, first + seeds):
        if not walk(seed):
            print(f"Seed {seed} failed. Replay it: make campaign SEEDS=1 FROM={seed}")
            return 1
        print(f"seed {seed}: {WALKS_PER_SEED} walks held", flush=True)
    row = (
        f"| {datetime.now(UTC):%Y-%m-%d} | `{began_at}` | `make campaign SEEDS={seeds} FROM={first}` "
        f"| {first}–{first + seeds - 1} | {seeds * WALKS_PER_SEED:,} walks, 0 failed |\n"
    )
    with PROOFS.open("a", encoding="utf-8") as proofs:
        proofs.write(row)
    print(row, end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
