"""Turning a decision of the domain into an exception that `answers.py` tells."""

from typing import TypeVar

from smartapp_domain.decisions import Refused
from smartapp_domain.ids import PlatformProjectId
from smartapp_domain.ports.storage import Reading
from smartapp_http.access import RefusedByRule
from smartapp_http.web import Web

T = TypeVar("T")


def accepted(decision: T | Refused) -> T:
    """Return a decision that is a yes; raise `RefusedByRule` for a no."""
    if isinstance(decision, Refused):
        raise RefusedByRule(decision)
    return decision


def accepted_row(decision: T | Refused, web: Web) -> T:
    """Do the same for a decision about a row: the refusal then leads to the page of its Smartapp project."""
    if isinstance(decision, Refused):
        with web.ports.reading(web.actor.account_id) as reading:
            raise about_row(decision, reading)
    return decision


def about_row(refused: Refused, reading: Reading) -> RefusedByRule:
    """Return the refusal with the Smartapp project its way out leads to, and the name to print bold."""
    about = PlatformProjectId(refused.about or "")
    linked = reading.mappings.of_platform_project(about)
    known = reading.platform_projects.some([about]).get(about)
    return RefusedByRule(refused, project_id=linked.project_id if linked else None, strong=known.name if known else "")
