"""
House rules no linter knows; part of `make check`. Needs no git: a source archive can be checked as well.

Names every breach and exits 1 when there is one. Which of the numbered readings have no test yet is listed, not
punished: each comes with the part it speaks of.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import draw_docs

ROOT = Path(__file__).parent.parent
READINGS = 51
#: Bytes; larger files are data.
LARGE = 3_000_000
#: Made by tools, never part of the project.
SKIPPED = {".git", ".venv", ".demo", "__pycache__", "node_modules", "build", "dist"}
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".html",
    ".css",
    ".js",
    ".json",
    ".yml",
    ".yaml",
    ".lock",
    ".sh",
    ".cfg",
    ".ini",
    "",
}
#: A place packages are fetched from. Which one is used is the business of each machine's own settings.
#: Hosts are put together here, so that this file does not name one either.
_HOSTS = "|".join(
    re.escape(".".join(parts))
    for parts in (
        ("pypi", "org/simple"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
    )
)
REGISTRY = re.compile(rf"https?://[^\s\"'`)]*(/simple\b|/packages/)|--?(extra-)?index-url|find-links|\b({_HOSTS})\b")
MACHINE = re.compile(r"(?<![\w.])/(home/[a-z]\w*|Users/\w+|work|root|mnt/\w+|opt/\w+)/[\w.]")
LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s#]+)[^)]*\)")
#: Vendored material, and the license that must lie beside it: directory → file.
NOTICES = {
    "src/smartapp_http/static/vendor": "*LICENSE*",
    "src/smartapp_emulators/procore/worlds": "NOTICE*",
    "src/smartapp_emulators/procore/openapi": "NOTICE*",
    "src/smartapp_emulators/stripe/spec_data": "*NOTICE*",
    "tests/emulators/stripe/recorded": "NOTICE*",
    "tests/vendor": "*LICENSE*",
}


def files() -> Iterator[Path]:
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        ignored = any(p in SKIPPED or p.endswith((".egg-info", "_cache")) or p == ".hypothesis" for p in parts)
        if path.is_file() and not ignored:
            yield path


def forbidden_words() -> Iterator[str]:
    for path in files():
        if path.suffix not in TEXT or path == Path(__file__) or path.stat().st_size > LARGE:
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            where = f"{path.relative_to(ROOT)}:{number}"
            if REGISTRY.search(line):
                yield f"{where}: names a package registry. Leave that to each machine's own settings."
            if MACHINE.search(line):
                yield f"{where}: names a path of one machine."


def dead_links() -> Iterator[str]:
    for path in files():
        if path.suffix != ".md":
            continue
        for match in LINK.finditer(path.read_text("utf-8")):
            target = match["target"]
            if "://" not in target and not target.startswith(("mailto:", "<")) and not (path.parent / target).exists():
                yield f"{path.relative_to(ROOT)}: links {target}, which is not there."


def missing_notices() -> Iterator[str]:
    if not (ROOT / "LICENSE").is_file():
        yield "LICENSE is missing."
    for directory, pattern in NOTICES.items():
        place = ROOT / directory
        if place.is_dir() and not any(place.rglob(pattern)):
            yield f"{directory} holds material of others, but no {pattern} file."


def unplaced_packages() -> Iterator[str]:
    """Import-linter's layers are exhaustive inside packages; this makes them so for the packages themselves."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    there = {path.parent.name for path in (ROOT / "src").glob("*/__init__.py")}
    for told, where in (
        (set(config["tool"]["importlinter"]["root_packages"]), "tool.importlinter.root_packages"),
        (set(config["tool"]["mypy"]["packages"]), "tool.mypy.packages"),
        ({Path(p).name for p in config["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]}, "the wheel"),
    ):
        if told != there:
            yield f"pyproject.toml: {where} and src/ differ: {', '.join(sorted(told ^ there))}."


def untested_readings() -> list[int]:
    found = {
        int(number)
        for path in (ROOT / "tests").rglob("*.py")
        for number in re.findall(r"def test_\w*reading_(\d\d)", path.read_text("utf-8"))
    }
    return [number for number in range(1, READINGS + 1) if number not in found]


def main() -> int:
    drawings = (draw_docs.problems(page) for page in draw_docs.DRAWN)
    rules = (forbidden_words(), dead_links(), missing_notices(), unplaced_packages(), *drawings)
    breaches = [breach for rule in rules for breach in rule]
    print("\n".join(breaches) or "House rules: kept.")
    open_ones = untested_readings()
    if open_ones:
        print(f"Readings without a test: {', '.join(f'{n:02d}' for n in open_ones)} ({len(open_ones)} of {READINGS}).")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
