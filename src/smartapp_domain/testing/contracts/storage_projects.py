"""Platform projects, drafts, Smartapp projects and mappings."""

from datetime import timedelta

import attrs
import pytest

from smartapp_domain.catalog import AddOn, Module
from smartapp_domain.ids import MemberId, PlatformProjectId, ProjectId
from smartapp_domain.installation import ProjectListing
from smartapp_domain.mapping import ExistingProject, MappingEvent, MappingState
from smartapp_domain.ports.storage import NotFound, Stale, Storage, Taken
from smartapp_domain.selection import Selection
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.contracts.storage_bench import ACME, StorageBench

PAT, SAM = MemberId("pat"), MemberId("sam")
TOWER, ANNEX = PlatformProjectId("tower"), PlatformProjectId("annex")
NO_APPS: frozenset[Module] = frozenset()


class PlatformProjectContract(StorageBench):
    def test_a_listing_is_stored_whole(self, opened: Storage) -> None:
        tower = some.platform_project(number="A-1", city=None, active=False, created_at=None)

        with opened.transaction(ACME) as tx:
            tx.platform_projects.replace_all([tower, some.platform_project("annex")])

        with opened.reading(ACME) as reading:
            assert reading.platform_projects.get(TOWER) == tower
            assert reading.platform_projects.some([ANNEX, PlatformProjectId("nowhere")]) == {
                ANNEX: some.platform_project("annex")
            }

    def test_a_new_listing_changes_adds_and_takes_apps_away_but_forgets_nothing(self, opened: Storage) -> None:
        renamed = some.platform_project(name="Tower II", apps=frozenset({Module.SAFETY}))
        with opened.transaction(ACME) as tx:
            tx.platform_projects.replace_all([some.platform_project(), some.platform_project("annex")])

        with opened.transaction(ACME) as tx:
            tx.platform_projects.replace_all([renamed, some.platform_project("barn")])

        with opened.reading(ACME) as reading:
            projects = reading.platform_projects
            assert projects.get(TOWER) == renamed
            assert projects.get(ANNEX) == some.platform_project("annex", apps=NO_APPS)
            assert projects.get(PlatformProjectId("barn")) == some.platform_project("barn")

    def test_a_noted_project_keeps_its_apps_and_a_new_one_gets_none(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.platform_projects.replace_all([some.platform_project()])
            tx.platform_projects.note(
                [some.platform_project(name="Renamed", apps=NO_APPS), some.platform_project("annex", apps=NO_APPS)]
            )

        with opened.reading(ACME) as reading:
            assert reading.platform_projects.get(TOWER) == some.platform_project(name="Renamed")
            assert reading.platform_projects.get(ANNEX).apps == NO_APPS

    def test_thousands_of_projects_are_one_listing(self, opened: Storage) -> None:
        many = [some.platform_project(f"p{n}") for n in range(3_000)]

        with opened.transaction(ACME) as tx:
            tx.platform_projects.replace_all(many)

        with opened.reading(ACME) as reading:
            assert len(reading.platform_projects.some(each.id for each in many)) == len(many)

    def test_a_fresh_account_has_an_empty_listing(self, opened: Storage) -> None:
        with opened.reading(ACME) as reading:
            assert reading.platform_projects.listing() == ProjectListing(ACME, version=0)

    def test_how_the_last_listing_went_is_versioned(self, opened: Storage) -> None:
        asked = ProjectListing(ACME, frozenset(Module), requested_at=some.NOON, problem="Busy.", version=1)

        with opened.transaction(ACME) as tx:
            tx.platform_projects.put_listing(asked, replacing=0)
            with pytest.raises(Stale):
                tx.platform_projects.put_listing(asked, replacing=0)
            tx.platform_projects.put_listing(attrs.evolve(asked, refreshed_at=some.NOON, version=2), replacing=1)

        with opened.reading(ACME) as reading:
            assert reading.platform_projects.listing() == attrs.evolve(asked, refreshed_at=some.NOON, version=2)

    def test_an_unknown_platform_project_is_not_found(self, opened: Storage) -> None:
        with opened.reading(ACME) as reading, pytest.raises(NotFound):
            reading.platform_projects.get(TOWER)


class DraftContract(StorageBench):
    def test_each_member_has_ticks_of_their_own(self, opened: Storage) -> None:
        full = Selection.of(*Module, *AddOn)
        linked = some.draft_row("annex", full, ExistingProject(ProjectId("barn")))

        with opened.transaction(ACME) as tx:
            tx.drafts.put(PAT, some.draft_row())
            tx.drafts.put(PAT, linked)
            tx.drafts.put(SAM, some.draft_row("tower", some.SAFETY))

        with opened.reading(ACME) as reading:
            draft = reading.drafts.get(PAT)
            assert (draft.account_id, draft.member_id) == (ACME, PAT)
            assert dict(draft.rows) == {ANNEX: linked, TOWER: some.draft_row()}
            assert reading.drafts.row(SAM, TOWER) == some.draft_row("tower", some.SAFETY)
            assert reading.drafts.row(SAM, ANNEX) is None

    def test_a_row_is_replaced_and_dropped(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.drafts.put(PAT, some.draft_row())
            tx.drafts.put(PAT, some.draft_row("tower", Selection()))
            replaced = tx.drafts.row(PAT, TOWER)
            tx.drafts.drop(PAT, TOWER)
            tx.drafts.drop(PAT, TOWER)

            assert replaced == some.draft_row("tower", Selection())
            assert tx.drafts.row(PAT, TOWER) is None

    def test_what_is_licensed_leaves_every_draft(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            for member_id in (PAT, SAM):
                tx.drafts.put(member_id, some.draft_row())
                tx.drafts.put(member_id, some.draft_row("annex"))
            tx.drafts.drop_everywhere(iter([TOWER]))

            assert set(tx.drafts.get(PAT).rows) == set(tx.drafts.get(SAM).rows) == {ANNEX}


class ProjectContract(StorageBench):
    def test_a_project_is_renamed_by_version(self, opened: Storage) -> None:
        renamed = some.project(name="Tower II", number="7", version=2)

        with opened.transaction(ACME) as tx:
            tx.projects.put(some.project(), replacing=0)
            tx.projects.put(renamed, replacing=1)
            with pytest.raises(Stale):
                tx.projects.put(some.project(name="Late", version=2), replacing=1)

        with opened.reading(ACME) as reading:
            assert reading.projects.get(ProjectId("tower")) == renamed

    def test_free_projects_are_those_without_a_live_link_by_name(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            for id, name in (("a", "Zoo"), ("b", "bridge"), ("c", "Ávila"), ("d", "Tower"), ("e", "Dam")):
                tx.projects.put(some.project(id, name=name), replacing=0)
            tx.mappings.put(some.mapping("tower", "d"), replacing=0)
            tx.mappings.put(some.mapping("dam", "e", state=MappingState.DISCONNECTED), replacing=0)
            tx.mappings.put(some.mapping("zoo", "a", state=MappingState.UNLINKED), replacing=0)

        with opened.reading(ACME) as reading:
            assert [project.name for project in reading.projects.unlinked()] == ["Ávila", "bridge", "Zoo"]


class MappingContract(StorageBench):
    def test_a_mapping_is_found_from_both_sides(self, opened: Storage) -> None:
        lost = some.mapping("tower", "t").after(MappingEvent.CONNECTION_LOST)

        with opened.transaction(ACME) as tx:
            tx.mappings.put(some.mapping("tower", "t"), replacing=0)
            tx.mappings.put(lost, replacing=1)
            with pytest.raises(Stale):
                tx.mappings.put(lost, replacing=1)

        with opened.reading(ACME) as reading:
            assert reading.mappings.of_platform_project(TOWER) == lost
            assert reading.mappings.of_project(ProjectId("t")) == lost
            assert reading.mappings.of_project(ProjectId("u")) is None

    def test_a_linked_platform_project_is_taken(self, opened: Storage) -> None:
        with opened.transaction(ACME) as tx:
            tx.mappings.put(some.mapping("tower", "t"), replacing=0)
            with pytest.raises(Taken):
                tx.mappings.put(some.mapping("tower", "u"), replacing=0)
            assert tx.mappings.of_platform_project(TOWER) == some.mapping("tower", "t")

    @pytest.mark.parametrize("state", [MappingState.LINKED, MappingState.DISCONNECTED])
    def test_a_smartapp_project_has_one_live_link(self, opened: Storage, state: MappingState) -> None:
        with opened.transaction(ACME) as tx:
            tx.mappings.put(some.mapping("tower", "t", state=state), replacing=0)
            with pytest.raises(Taken):
                tx.mappings.put(some.mapping("annex", "t"), replacing=0)
            assert tx.mappings.of_platform_project(ANNEX) is None

    def test_live_links_are_listed_by_platform_project(self, opened: Storage) -> None:
        mine = (some.mapping("annex", "a", state=MappingState.DISCONNECTED), some.mapping("tower", "t"))
        with opened.transaction(ACME) as tx:
            for mapping in (*reversed(mine), some.mapping("dam", "d", state=MappingState.UNLINKED)):
                tx.mappings.put(mapping, replacing=0)

        with opened.reading(ACME) as reading:
            assert reading.mappings.live() == mine

    def test_an_unlinked_mapping_makes_room_on_both_sides(self, opened: Storage) -> None:
        gone = some.mapping("tower", "t").after(MappingEvent.UNLINK)
        later = some.NOON + timedelta(days=1)
        with opened.transaction(ACME) as tx:
            tx.mappings.put(some.mapping("tower", "t"), replacing=0)
            tx.mappings.put(gone, replacing=1)

            tx.mappings.put(some.mapping("annex", "t", linked_at=later), replacing=0)
            tx.mappings.put(some.mapping("tower", "u"), replacing=0)

        with opened.reading(ACME) as reading:
            assert reading.mappings.of_platform_project(TOWER) == some.mapping("tower", "u")
            assert reading.mappings.of_project(ProjectId("t")) == some.mapping("annex", "t", linked_at=later)

    def test_what_a_project_was_linked_with_once_is_found_from_the_platforms_side_alone(self, opened: Storage) -> None:
        old = some.mapping("annex", "t", state=MappingState.UNLINKED, linked_at=some.NOON + timedelta(days=1))
        with opened.transaction(ACME) as tx:
            tx.mappings.put(old, replacing=0)
            assert tx.mappings.of_project(ProjectId("t")) is None

            tx.mappings.put(some.mapping("tower", "t"), replacing=0)

        with opened.reading(ACME) as reading:
            assert reading.mappings.of_project(ProjectId("t")) == some.mapping("tower", "t")
            assert reading.mappings.of_platform_project(ANNEX) == old
