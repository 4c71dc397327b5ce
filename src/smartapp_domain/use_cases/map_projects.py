"""Ticking projects and modules, and checking that what is ticked can be bought."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

import attrs

from smartapp_domain.catalog import Interval, Module
from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.identity import Actor, Right, require
from smartapp_domain.ids import PlatformProjectId, ProjectId
from smartapp_domain.installation import ProjectListing, apps_missing, not_let_in
from smartapp_domain.mapping import (
    DraftRow,
    ExistingProject,
    MappingDraft,
    NewProject,
    Summary,
    Target,
    Tick,
    locked,
    module_missing,
    summarize,
    ticked,
)
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import Reading, Transaction
from smartapp_domain.ports.views import MappingRow
from smartapp_domain.pricing import Quote, fingerprint, quote
from smartapp_domain.selection import Selection
from smartapp_domain.use_cases.authority import still_may


@attrs.frozen
class Ticked:
    """The rows a write touched, as they are now, and the footer's counts."""

    rows: tuple[DraftRow | None, ...]
    summary: Summary


_NO_TARGETS: Final[Mapping[PlatformProjectId, Target]] = MappingProxyType({})


def tick(actor: Actor, ticks: Sequence[Tick], ports: Ports) -> Ticked | Refused:
    """Apply absolute ticks; all of them, or none and the first refusal."""
    return save_rows(actor, ticks, _NO_TARGETS, ports)


def save_rows(
    actor: Actor, ticks: Sequence[Tick], targets: Mapping[PlatformProjectId, Target], ports: Ports
) -> Ticked | Refused:
    """Apply absolute ticks, then the chosen Smartapp projects, which tick; all of it, or none and the first refusal."""
    with ports.transaction(actor.account_id) as tx:
        if refused := still_may(tx, actor, Right.MAP_PROJECTS):
            return refused
        draft = tx.drafts.get(actor.member_id)
        touched = tuple(dict.fromkeys((*(each.platform_project_id for each in ticks), *targets)))
        known = tx.views.mapping_rows(actor.member_id, touched, at=ports.clock.now())
        lost = not_let_in(tx.platform_projects.listing())
        if refused := _first_refusal(touched, known, draft, ticks, targets, lost=lost) or _first_taken(targets, tx):
            return refused
        rows = _changed(touched, draft, ticks, targets)
        _store(rows, actor, tx)
        summary = summarize(tx.drafts.get(actor.member_id).selections.values())
    return Ticked(tuple(rows.values()), summary)


def _first_refusal(
    touched: Sequence[PlatformProjectId],
    known: Mapping[PlatformProjectId, MappingRow],
    draft: MappingDraft,
    ticks: Sequence[Tick],
    targets: Collection[PlatformProjectId],
    *,
    lost: Refused | None,
) -> Refused | None:
    for id in touched:
        refused = _why_not(known.get(id), id, lost)
        lets_go = id in draft.rows and id not in targets and _only_unticks(ticks, id)
        if refused and not (lets_go and refused.reason not in (Reason.LICENSED, Reason.CONNECTION_LOST)):
            return refused
    return None


def _first_taken(targets: Mapping[PlatformProjectId, Target], reading: Reading) -> Refused | None:
    free = {project.id for project in reading.projects.unlinked()} if targets else set()
    return next((refused for id, target in targets.items() if (refused := _taken(id, target, free))), None)


def _changed(
    touched: Sequence[PlatformProjectId],
    draft: MappingDraft,
    ticks: Sequence[Tick],
    targets: Mapping[PlatformProjectId, Target],
) -> dict[PlatformProjectId, DraftRow | None]:
    rows = {id: draft.rows.get(id) for id in touched}
    for each in ticks:
        rows[each.platform_project_id] = ticked(rows[each.platform_project_id], each)
    for id, target in targets.items():
        rows[id] = attrs.evolve(rows[id] or DraftRow(id), target=target)
    return rows


def _store(rows: Mapping[PlatformProjectId, DraftRow | None], actor: Actor, tx: Transaction) -> None:
    for id, row in rows.items():
        if row is None:
            tx.drafts.drop(actor.member_id, id)
        else:
            tx.drafts.put(actor.member_id, row)


def _only_unticks(ticks: Sequence[Tick], project_id: PlatformProjectId) -> bool:
    """Letting go is possible where ticking is not: of a project that became inactive, say, or is in others' hands."""
    return not any(each.on for each in ticks if each.platform_project_id == project_id)


def choose_target(actor: Actor, project_id: PlatformProjectId, target: Target, ports: Ports) -> Ticked | Refused:
    """Say whether buying creates a Smartapp project or links one that is there; ticks the project."""
    return save_rows(actor, (), {project_id: target}, ports)


def _why_not_bought(row: MappingRow, free: set[ProjectId]) -> Refused | None:
    assert row.draft is not None
    return module_missing(row.draft, row.project) or _taken(row.project.id, row.draft.target, free)


def _taken(project_id: PlatformProjectId, target: Target, free: set[ProjectId]) -> Refused | None:
    if isinstance(target, NewProject) or target.project_id in free:
        return None
    return Refused(
        Reason.LINK_TAKEN,
        "That Smartapp project is linked already, or is not there any more. Choose another one, or New project.",
        WayOut.PROJECTS,
        about=project_id,
    )


def _why_not(row: MappingRow | None, project_id: PlatformProjectId, lost: Refused | None) -> Refused | None:
    if lost is not None and not (row and row.licenses):
        return lost
    if row is not None:
        return why_locked(row)
    return Refused(
        Reason.UNKNOWN_PROJECT,
        "This project is not in your list any more. Reload the page to see the current list.",
        WayOut.PROJECTS,
        about=project_id,
    )


def why_locked(row: MappingRow) -> Refused | None:
    """Return why this row cannot be edited now, or None."""
    project = row.project
    if row.licenses:
        return locked(project.name, project.id)
    if row.claim is not None and row.claim.blocks:
        return Refused(
            Reason.IN_OPEN_ORDER,
            f"{project.name} is being paid for right now. Finish that payment or give it up in Project Central, or "
            "wait until it ends.",
            WayOut.PROJECT_CENTRAL,
            about=project.id,
        )
    if not project.active:
        return Refused(
            Reason.PROJECT_INACTIVE,
            f"{project.name} is inactive on the platform. Activate it there, then refresh the list.",
            WayOut.PROJECTS,
            about=project.id,
        )
    if not project.apps:
        return Refused(
            Reason.UNKNOWN_PROJECT,
            f"{project.name} is not permitted for our apps. Add it to the permitted projects, then refresh the list.",
            WayOut.PROJECTS,
            about=project.id,
        )
    return None


@attrs.frozen
class Reviewed:
    """
    What NEXT finds.

    Attributes:
        rows: The ticked rows that can be bought, by name, number and id.
        problems: Why it cannot go on; each names its project. Empty means NEXT works.
        warnings: Sentences that do not stop anybody.
        quotes: One quote per interval over `rows`.

    """

    rows: tuple[MappingRow, ...]
    problems: tuple[Refused, ...]
    warnings: tuple[str, ...]
    quotes: dict[Interval, Quote]
    summary: Summary

    def fingerprint(self, interval: Interval, ports: Ports) -> str:
        return fingerprint(selections(self.rows), self.quotes[interval], ports.price_book, _links(self.rows))


def selections(rows: Sequence[MappingRow]) -> dict[str, Selection]:
    return {row.project.id: row.draft.selection for row in rows if row.draft is not None}


def _links(rows: Sequence[MappingRow]) -> dict[str, str]:
    targets = {row.project.id: row.draft.target for row in rows if row.draft is not None}
    return {id: target.project_id for id, target in targets.items() if isinstance(target, ExistingProject)}


def review(actor: Actor, ports: Ports) -> Reviewed | Refused:
    """Check the member's draft against licenses, orders and prices as they are now."""
    if refused := require(actor, Right.MAP_PROJECTS):
        return refused
    now = ports.clock.now()
    with ports.reading(actor.account_id) as reading:
        return review_in(reading, actor, now, ports)


def review_in(reading: Reading, actor: Actor, at: datetime, ports: Ports) -> Reviewed:
    """Review within a door that is open already, so that ordering decides on what it then stores."""
    listing = reading.platform_projects.listing()
    if refused := not_let_in(listing):
        return _reviewed((), (refused,), listing, ports)
    rows, problems = [], []
    free = {project.id for project in reading.projects.unlinked()}
    for row in reading.views.draft_rows(actor.member_id, at=at):
        if refused := why_locked(row) or _why_not_bought(row, free):
            problems.append(refused)
            continue
        rows.append(row)
        if row.draft is not None and isinstance(row.draft.target, ExistingProject):
            free.discard(row.draft.target.project_id)  # one project is linked once, within an order too
    if not rows and not problems:
        problems.append(
            Refused(Reason.NOTHING_SELECTED, "No project is ticked. Tick at least one project.", WayOut.PROJECTS)
        )
    return _reviewed(rows, problems, listing, ports)


def _reviewed(
    rows: Sequence[MappingRow], problems: Sequence[Refused], listing: ProjectListing, ports: Ports
) -> Reviewed:
    chosen = selections(rows)
    return Reviewed(
        rows=tuple(rows),
        problems=tuple(problems),
        warnings=_warnings(listing, chosen),
        quotes={interval: quote(chosen.values(), interval, ports.price_book) for interval in Interval},
        summary=summarize(chosen.values()),
    )


def _warnings(listing: ProjectListing, chosen: dict[str, Selection]) -> tuple[str, ...]:
    missing = apps_missing(listing.installed, chosen)
    return tuple(
        f"The {module.label} app is not installed in your company. {module.label} can be bought now; "
        "its data flows once the app is installed."
        for module in Module
        if module in missing
    )
