"""What time the business has, from settings: this machine's, or the one of a clock file where nothing is real."""

from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from smartapp_runtime.clock import ClockFileUnusable, FileClock, SystemClock
from smartapp_runtime.hiding import without_passwords
from smartapp_runtime.settings import Settings, SettingsError, env_name

#: Every host the business deals with. Each must be an emulator's, which shares the clock.
_VENDORS: Final = ("procore_login_url", "procore_api_url", "stripe_api_base", "stripe_checkout_origin")


def business_clock(settings: Settings) -> SystemClock | FileClock:
    """
    Return the clock, or raise `SettingsError`.

    Time moves only where it was allowed to, on purpose, and where every vendor is an emulator on this machine: real
    ones would not move along, and real customers would be cut off.
    """
    if settings.clock_file is None:
        return SystemClock()
    problems = tuple(_why_not(settings))
    if problems:
        raise SettingsError(problems)
    try:
        return FileClock(Path(settings.clock_file))
    except ClockFileUnusable as error:
        raise SettingsError([f"{env_name('clock_file')}: {error}"]) from error


def _why_not(settings: Settings) -> Iterator[str]:
    file, remedy = env_name("clock_file"), f"Unset {env_name('clock_file')}"
    if not settings.clock_allow_moving:
        yield (
            f"{file} lets anybody who is signed in move time. {remedy}, or, where nothing is real, set "
            f"{env_name('clock_allow_moving')}=yes."
        )
    if settings.stripe_allow_live:
        yield f"{file} cannot be used with {env_name('stripe_allow_live')}: live money knows real time only. {remedy}."
    for name in _VENDORS:
        if not _on_this_machine(url := getattr(settings, name)):
            yield (
                f"{file} is for emulators on this machine, which share the clock, but {env_name(name)} is "
                f"{without_passwords(url or 'the real host')}. {remedy}, or name an emulator."
            )


def _on_this_machine(url: str | None) -> bool:
    host = urlsplit(url or "").hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
