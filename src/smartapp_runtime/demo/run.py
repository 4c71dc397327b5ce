"""Start the three programs in order, introduce them to each other, and end them together."""

import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NoReturn, Self

import httpx

from smartapp_adapters.billing import ensure_webhook_endpoint
from smartapp_domain.ports.payments import PaymentError
from smartapp_runtime.demo.children import Child
from smartapp_runtime.demo.folder import DemoFolder
from smartapp_runtime.demo.ports import DemoPorts, choose_ports
from smartapp_runtime.demo.problems import DemoProblem
from smartapp_runtime.demo.script import opening
from smartapp_runtime.parts.billing import payments, stripe_settings
from smartapp_runtime.settings import PREFIX, Settings, env_name

#: Any key of this form is good for the emulator; it opens nothing anywhere else.
STRIPE_KEY: Final = "sk_test_demo"
_WATCH_EVERY_S: Final = 0.25
#: Begins the names of settings that are for the demo's own application.
DEMO: Final = "SMARTAPP_DEMO_"


class Ended(BaseException):
    """Somebody wants the demo to end: Ctrl-C, or a signal."""


def run_demo(path: Path, environment: Mapping[str, str], *, reset: bool) -> None:
    """Run until interrupted; raise `DemoProblem` when something keeps it from running."""
    folder = DemoFolder(path)
    try:
        with ended_by_signals():
            ports = choose_ports(environment)
            folder.open(reset=reset)
            print("Starting Smartapp, Procore and Stripe ...", flush=True)  # noqa: T201 - this is a command
            with _Stage(folder, ports, environment) as stage:
                print(stage.open(), flush=True)  # noqa: T201
                stage.watch()
    except Ended:
        print("\nThe demo has ended. `make demo` goes on where it was.", flush=True)  # noqa: T201
    finally:
        folder.close()


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Turn the first interrupt into `Ended`, and let no other disturb the cleaning up."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def end(*_: object) -> NoReturn:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise Ended

    before = {each: signal.signal(each, end) for each in signals}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


class _Stage:
    """The three programs while they run."""

    def __init__(self, folder: DemoFolder, ports: DemoPorts, environment: Mapping[str, str]) -> None:
        self._folder, self._ports = folder, ports
        # Whatever a shell sets for a real deployment must not leak into the demo.
        self._environment = {k: v for k, v in environment.items() if not k.startswith(PREFIX)}
        self._database = _database(folder, environment)
        self._children: list[Child] = []
        self._app_url = f"http://127.0.0.1:{ports.app}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for child in reversed(self._children):
            child.ask_to_end()
        for child in reversed(self._children):
            child.wait_for_end()

    def open(self) -> str:
        """Start everything and return what to tell the person, once all of it answers."""
        stripe_program = self._emulator("Stripe emulator", "stripe", self._ports.stripe, self._folder.stripe_state)
        procore_program = self._emulator(
            "Procore emulator",
            "procore",
            self._ports.procore,
            self._folder.procore_state,
            *("--redirect-uri", f"{self._app_url}/sign-in/callback", "--setup-url", f"{self._app_url}/setup"),
        )
        stripe, procore = stripe_program.address(), procore_program.address()
        world = _json(f"{procore}/_emulator/world")
        app_settings = self._app_settings(world, procore, stripe)
        self._prepare_stripe(app_settings)
        given = {env_name(name): str(value) for name, value in app_settings.items()}
        app = self._start("Smartapp Connect", ["-m", "smartapp_runtime.cli", "serve"], given)
        app_url = app.address()
        for url in (f"{procore}/marketplace", f"{stripe}/_emulator", f"{app_url}/setup"):
            _answers(url)
        return opening(
            start=f"{procore}/marketplace",
            person=_full_name(world["people"][0]),
            app=app_url,
            procore=procore,
            stripe=stripe,
            log=self._folder.log,
            folder=self._folder.path,
        )

    def watch(self) -> NoReturn:
        """Wait for `Ended`; raise `DemoProblem` when one of the programs ends by itself."""
        while True:
            time.sleep(_WATCH_EVERY_S)
            for child in self._children:
                if child.ended:
                    raise DemoProblem(f"{child.name} has ended unexpectedly. It said:\n{child.last_words()}")

    def _emulator(self, name: str, module: str, port: int, state: Path, *more: str) -> Child:
        arguments = ["-m", f"smartapp_emulators.{module}", "--port", str(port), "--state", str(state)]
        arguments += ["--clock", str(self._folder.clock), *more]
        return self._start(name, arguments, {})

    def _start(self, name: str, arguments: list[str], given: Mapping[str, str]) -> Child:
        environment = {**self._environment, "PYTHONUNBUFFERED": "1", **given}
        child = Child.start(name, arguments, self._folder.log, environment)
        self._children.append(child)
        return child

    def _app_settings(self, world: Any, procore: str, stripe: str) -> dict[str, object]:
        return {
            "port": self._ports.app,
            "public_url": self._app_url,
            **self._database,
            "encryption_keys": self._folder.encryption_key(),
            "procore_login_url": procore,
            "procore_api_url": procore,
            "procore_marketplace_url": f"{procore}/marketplace",
            "procore_app_management_url": f"{procore}/app-management",
            "clock_file": self._folder.clock.absolute(),
            "clock_allow_moving": "yes",
            "stripe_api_key": STRIPE_KEY,
            "stripe_api_base": stripe,
            "stripe_checkout_origin": stripe,
            **{
                f"procore_{app['slug']}_{part}": app[part]
                for app in world["apps"]
                for part in ("client_id", "client_secret")
                if f"procore_{app['slug']}_{part}" in Settings.__annotations__
            },
        }

    def _prepare_stripe(self, app_settings: dict[str, object]) -> None:
        """Publish the prices and have notices sent to us, as a first deployment would."""
        settings = Settings(stripe_api_key=STRIPE_KEY, stripe_api_base=str(app_settings["stripe_api_base"]))
        provider = payments(settings)
        try:
            provider.publish_catalog(settings.price_book)
            url = f"{self._app_url}/webhooks/stripe"
            _forget_endpoints_but(url, settings.stripe_api_base)
            lost = self._folder.webhook_secret() is None
            fresh = ensure_webhook_endpoint(stripe_settings(settings), url, replace=lost)
        except PaymentError as error:
            raise DemoProblem(f"The Stripe emulator could not be prepared: {error} {error.remedy}") from error
        finally:
            provider.close()
        app_settings["stripe_webhook_secret"] = self._folder.webhook_secret(fresh)


def _database(folder: DemoFolder, environment: Mapping[str, str]) -> dict[str, object]:
    """Return where the demo stores: in its folder, or on a PostgreSQL that is named and migrated."""
    names = ("database_url", "operator_database_url")
    given: dict[str, object] = {
        name: environment[DEMO + name.upper()] for name in names if environment.get(DEMO + name.upper())
    }
    return given or {"database_url": folder.database_url}


def _forget_endpoints_but(url: str, stripe: str) -> None:
    """Remove where earlier runs on other ports had notices sent: nobody listens there any more."""
    with httpx.Client(base_url=stripe, auth=(STRIPE_KEY, ""), timeout=20, trust_env=False) as client:
        for endpoint in client.get("/v1/webhook_endpoints").raise_for_status().json()["data"]:
            if endpoint["url"] != url:
                client.delete(f"/v1/webhook_endpoints/{endpoint['id']}").raise_for_status()


def _json(url: str) -> Any:
    return httpx.get(url, timeout=20, trust_env=False).raise_for_status().json()


def _answers(url: str) -> None:
    response = httpx.get(url, timeout=20, trust_env=False, follow_redirects=False)
    if response.is_error:
        raise DemoProblem(f"{url} answers {response.status_code}. The log says why.")


def _full_name(person: Any) -> str:
    return f"{person['first_name']} {person['last_name']}"
