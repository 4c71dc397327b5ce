"""Worlds: the demo one, and what is said about a broken one."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from tests.emulators.procore.support import small_world

import smartapp_emulators.procore.worlds as shipped
from smartapp_emulators.procore.world import WorldError, demo_world, load_world, parse_world, world_schema

FOLDER = Path(shipped.__file__).parent


def broken(change: Any) -> str:
    world = msgspec.to_builtins(small_world())
    change(world)
    with pytest.raises(WorldError) as caught:
        parse_world(json.dumps(world).encode())
    return str(caught.value)


def test_the_first_person_of_the_demo_is_admin_of_exactly_one_company() -> None:
    first = demo_world().people[0]

    assert [membership.admin for membership in first.companies] == [True]


def test_the_demo_has_the_people_the_journeys_need() -> None:
    world = demo_world()
    first = world.people[0].companies[0].company_id

    assert any(all(each.admin for each in person.companies) and len(person.companies) == 2 for person in world.people)
    assert any(
        membership.company_id == first and not membership.admin and 0 < len(membership.project_ids) < 10
        for person in world.people
        for membership in person.companies
    )
    assert sum(person.administers(first) for person in world.people) >= 3
    assert all(person.login.endswith(".example.com") for person in world.people)


def test_the_demo_has_hundreds_of_real_projects_with_repeated_names_told_apart_by_number() -> None:
    world = demo_world()
    first, second = (company.id for company in world.companies)
    sizes = Counter(project.company_id for project in world.projects)
    names = Counter(project.name for project in world.projects if project.company_id == first)

    assert sizes[first] >= 300
    assert 50 <= sizes[second] <= 70
    assert max(names.values()) >= 3
    assert len({(project.company_id, project.project_number) for project in world.projects}) == len(world.projects)
    assert any(not project.active for project in world.projects if project.company_id == first)
    assert any("ó" in project.name for project in world.projects if project.company_id == second)
    assert min(project.id for project in world.projects) > 2**32


def test_both_demo_apps_use_both_grants_and_return_to_localhost() -> None:
    for app in demo_world().apps:
        assert set(app.grants) == {"authorization_code", "client_credentials"}
        assert {"http://localhost/cb", "http://127.0.0.1:8000/sign-in/callback"} <= set(app.redirect_uris)


def test_the_documented_schema_is_the_one_in_force_and_the_demo_fits_it() -> None:
    documented = json.loads((FOLDER / "world.schema.json").read_text("utf-8"))

    assert documented == world_schema()
    jsonschema.Draft202012Validator(documented).validate(json.loads((FOLDER / "demo.json").read_text("utf-8")))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match=r"nowhere\.json"):
        load_world(tmp_path / "nowhere.json")


def test_a_file_that_is_no_world_is_named_with_the_place_of_the_mistake(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    file.write_text('{"name": "x", "apps": [], "companies": [], "people": []}')

    with pytest.raises(WorldError, match=r"world\.json.*\$\.apps"):
        load_world(file)


def test_broken_json_is_refused() -> None:
    with pytest.raises(WorldError, match="not a world"):
        parse_world(b"{")


def test_an_unknown_field_is_named() -> None:
    assert "colour" in broken(lambda world: world["projects"][0].update(colour="red"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda world: world["apps"].append(world["apps"][0]), "app client_id 'one' appears 2 times"),
        (lambda world: world["projects"][0].update(company_id=9), "names company 9, which does not exist"),
        (lambda world: world["projects"][1].update(id=world["projects"][0]["id"]), "project id"),
        (lambda world: world["people"][0]["companies"][0].update(company_id=9), "Ada Example belongs to company 9"),
        (lambda world: world["people"][1]["companies"][0].update(project_ids=[1]), "Ben Example is on project 1"),
        (lambda world: world["projects"][0].update(created_at="2026-01-01T00:00:00"), "a time without a zone"),
        (lambda world: world["people"][1].update(login="ada@example.com"), "person login 'ada@example.com'"),
    ],
)
def test_contradictions_are_named(change: Any, sentence: str) -> None:
    assert sentence in broken(change)


def test_every_contradiction_is_named_at_once() -> None:
    def change(world: dict[str, Any]) -> None:
        world["projects"][0]["company_id"] = 9
        world["people"][2]["companies"][1]["company_id"] = 8

    sentences = broken(change)

    assert "names company 9" in sentences
    assert "belongs to company 8" in sentences
