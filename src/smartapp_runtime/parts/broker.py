"""What wakes the workers, from settings."""

from datetime import timedelta

import dramatiq

from smartapp_domain.ports.jobs import JobHints
from smartapp_runtime.settings import Settings, SettingsError
from smartapp_workers.addresses import BadBroker
from smartapp_workers.brokers import make_broker
from smartapp_workers.hints import BackgroundHints, DramatiqHints
from smartapp_workers.pool import Pace


def open_broker(settings: Settings) -> dramatiq.Broker:
    """Return the broker, or raise `SettingsError`; nothing is connected yet."""
    try:
        return make_broker(settings.broker)
    except BadBroker as error:
        raise SettingsError([f"SMARTAPP_BROKER {error}."]) from error


def hints_through(broker: dramatiq.Broker, settings: Settings, *, workers_here: bool) -> JobHints | None:
    """
    Return what tells workers of jobs.

    None for a process without workers and without a broker: nobody would take what it says; the workers of other
    processes look for themselves.
    """
    if settings.broker:
        return BackgroundHints(DramatiqHints(broker).send)
    return DramatiqHints(broker) if workers_here else None


def pace(settings: Settings) -> Pace:
    return Pace(
        threads=settings.worker_threads,
        lease=timedelta(seconds=settings.worker_lease_s),
        stop_within_s=settings.stop_within_s,
    )
