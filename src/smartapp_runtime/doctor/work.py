"""Work: does the broker take hints, do workers live, does anything wait that should not."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from smartapp_adapters.storage import Inspection
from smartapp_domain.ids import JobId
from smartapp_domain.use_cases.work import PULSE_EVERY
from smartapp_runtime.doctor.findings import Finding, fine, wrong
from smartapp_runtime.parts.broker import open_broker
from smartapp_runtime.settings import Settings, SettingsError
from smartapp_workers.hints import DramatiqHints

BROKER: Final = "broker"
WORKERS: Final = "workers"
OVERDUE: Final = "overdue jobs"
FAILED: Final = "failed jobs"
#: A job that waits longer for a worker than this, while the workers live, waits for too few of them.
PATIENCE: Final = timedelta(minutes=5)
#: A pulse may be a sweep, a busy pool and a slow disk late.
_LATE: Final = 2 * PULSE_EVERY


def check_broker(settings: Settings) -> Iterator[Finding]:
    """Send the broker a hint about no job, which workers overlook."""
    if settings.broker is None:
        yield fine(BROKER, "There is none: each process with workers looks for work itself.")
        return
    fix = "Start the broker or correct SMARTAPP_BROKER; meanwhile work is done, but slower."
    try:
        broker = open_broker(settings)
    except SettingsError as error:
        yield wrong(BROKER, str(error), "Install it, or correct SMARTAPP_BROKER.")
        return
    try:
        DramatiqHints(broker).send(JobId("doctor"))
    except Exception as error:  # noqa: BLE001 - each client has its own
        yield wrong(BROKER, f"It takes no hints: {_told(error)}.", fix)
    else:
        yield fine(BROKER, "It takes hints.")
    finally:
        broker.close()


def _told(error: BaseException) -> str:
    text = str(error).strip().partition("\n")[0]
    return text or type(error.__cause__ or error).__name__


def check_work(inspection: Inspection, now: datetime) -> Iterator[Finding]:
    """Say whether work gets done; `now` is business time, by which jobs are due."""
    queue = inspection.queue(overdue_since=now - PATIENCE)
    start = "Start `smartapp worker`, or `smartapp serve` without a broker, and look at its log."
    if queue.next_pulse is None:
        yield wrong(WORKERS, "No worker has ever run on this database.", start)
    elif queue.next_pulse < now - _LATE:
        since = f"{queue.next_pulse - PULSE_EVERY:%Y-%m-%d %H:%M:%S} UTC"
        yield wrong(WORKERS, f"No worker has shown a sign of life since {since}.", start)
    elif queue.next_pulse > now + _LATE:  # put off by an outage, which is a sign of life from before it
        until = f"{queue.next_pulse:%Y-%m-%d %H:%M:%S} UTC"
        yield wrong(WORKERS, f"The last sign of life was an outage of the storage; none is due until {until}.", start)
    else:
        yield fine(WORKERS, "A worker has shown a sign of life within the last minutes.")
    if queue.overdue:
        says = f"{queue.overdue} jobs wait for a worker, the first since {queue.oldest:%Y-%m-%d %H:%M:%S} UTC."
        yield wrong(OVERDUE, says, f"{start} If workers run, start more of them.")
    else:
        yield fine(OVERDUE, "No job waits longer than five minutes for a worker.")
    if queue.failed:
        fix = "`smartapp jobs failed` lists them; mend the cause, then `smartapp jobs retry` or `resolve` them."
        yield wrong(FAILED, f"{queue.failed} jobs wait for a person.", fix)
    else:
        yield fine(FAILED, "No job waits for a person.")
