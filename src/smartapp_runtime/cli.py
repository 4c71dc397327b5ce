"""
The command `smartapp`, as far as it can go on a bare install.

Only the standard library is imported before it is known that the rest is there: whoever installed the package without
extras is told which one is missing, not shown a traceback.
"""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import Final, NamedTuple

#: Per extra, the modules by which one sees that it is installed.
EXTRAS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "cli": ("click", "rich"),
        "sql": ("sqlalchemy", "alembic", "cryptography"),
        "procore": ("httpx", "msgspec"),
        "billing": ("stripe", "httpx"),
        "http": ("litestar", "jinja2", "uvicorn", "msgspec"),
        "workers": ("dramatiq",),
        "emulators": ("litestar", "jinja2", "uvicorn", "httpx", "jsonschema"),
    }
)


class Command(NamedTuple):
    """One command: what it is for, which extras it needs, and the module that has it under its own name."""

    help: str
    module: str
    extras: tuple[str, ...] = ("cli",)


_PRODUCT: Final = ("cli", "sql", "procore", "billing", "http", "workers")
_COMMANDS: Final = "smartapp_runtime.commands"

COMMANDS: Final[Mapping[str, Command]] = MappingProxyType(
    {
        "demo": Command(
            "Start the product with emulated Procore and Stripe.", f"{_COMMANDS}.demo", (*_PRODUCT, "emulators")
        ),
        "serve": Command("Run the web server, and workers unless there is a broker.", f"{_COMMANDS}.serve", _PRODUCT),
        "worker": Command("Run workers only.", f"{_COMMANDS}.worker", _PRODUCT),
        "migrate": Command("Bring the database to this version.", f"{_COMMANDS}.migrate", ("cli", "sql")),
        "config": Command("List every setting, its source and meaning.", f"{_COMMANDS}.config"),
        "doctor": Command("Say what is wrong, and what to do about it.", f"{_COMMANDS}.doctor", _PRODUCT),
        "keys": Command("See and change the keys that seal stored secrets.", f"{_COMMANDS}.keys", ("cli", "sql")),
        "catalog": Command("Compare Stripe's prices with the price book.", f"{_COMMANDS}.catalog", ("cli", "billing")),
        "webhook": Command("Have Stripe send us its notices.", f"{_COMMANDS}.webhook", ("cli", "billing", "http")),
        "jobs": Command("See and settle work that waits for a person.", f"{_COMMANDS}.jobs", ("cli", "sql")),
        "quote": Command("Price a set of selections.", f"{_COMMANDS}.quote"),
        "emulate": Command("Run an emulator: procore or stripe.", f"{_COMMANDS}.emulate", ("cli", "emulators")),
    }
)


def missing_extras(command: str) -> tuple[str, ...]:
    """Return the extras that `command` needs and this installation lacks."""
    needed = COMMANDS[command].extras if command in COMMANDS else ("cli",)
    return tuple(extra for extra in needed if any(find_spec(module) is None for module in EXTRAS[extra]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    command = next((word for word in given if not word.startswith("-")), "")
    missing = missing_extras(command)
    if missing:
        what = f"smartapp {command}" if command in COMMANDS else "smartapp"
        names = ",".join(missing)
        sys.stderr.write(f"`{what}` needs [{names}]. Install it: pip install 'smartapp-connect[{names}]'\n")
        return 2
    status: int = import_module(f"{_COMMANDS}.group").run(given)
    return status


if __name__ == "__main__":
    sys.exit(main())
