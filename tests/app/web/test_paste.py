"""Paste a list: a look first, then all of it ticked at once, as a page without script and as JSON."""

import re

import pytest
from tests.app.web.surfer import Surfer, words

from smartapp_domain.identity import Role
from smartapp_domain.ids import PlatformUserId

FLUSHING = re.compile(r'<option value="([^"]+)">[^<]*FLUSHING HS')


def look(surfer: Surfer, text: str, *products: str, **more: str) -> str:
    return words(surfer.post("/projects/paste", text=text, product=list(products), **more))


def draft(surfer: Surfer) -> dict[str, list[str]]:
    """Return what is ticked, by name and number."""
    rows = surfer.api("GET", "/review").json()["projects"]
    return {f"{row['name']} {row['number']}": row["products"] for row in rows}


def test_the_mapping_page_has_the_panel(owner: Surfer) -> None:
    page = owner.get("/projects")

    assert "Paste a list" in words(page)
    assert 'action="/projects/paste"' in page.text
    assert 'name="text"' in page.text


def test_a_look_tells_every_line_and_ticks_nothing(owner: Surfer) -> None:
    page = look(owner, "TOTTENVILLE HS\tBoth\nFlushing HS\nNowhere\ntottenville hs\np.s. 26", "planner")

    assert "5 lines: 2 ready, 2 left out, 1 repeat. Nothing is ticked yet." in page
    assert "2 projects, 2 Planner, 1 Safety" in page
    assert "1 line may mean several projects" in page
    assert "Choose one for each, by its number." in page
    assert "1 line not found" in page
    assert "1 line about a project named before" in page
    assert "Tick 2 projects and those chosen" in page
    assert draft(owner) == {}


def test_a_line_whose_number_and_name_are_of_two_projects_is_for_a_person_to_choose(owner: Surfer) -> None:
    text = "N0000\tFLUSHING HS\nN0000\tcall first"
    page = owner.post("/projects/paste", text=text, product="planner")

    owner.post("/projects/paste/apply", text=text, product="planner")

    assert "1 line may mean several projects" in words(page)
    assert "a line's number and name are of different ones" in words(page)
    assert len(FLUSHING.findall(page.text)) == 2
    assert len(re.findall(r'<option value="[^"]+">[^<]*TOTTENVILLE HS', page.text)) == 1
    assert [name.partition(" HS")[0] for name in draft(owner)] == ["TOTTENVILLE"]


def test_what_was_looked_at_is_ticked_at_once_and_announced(owner: Surfer) -> None:
    text = "TOTTENVILLE HS\tBoth\nFlushing HS\nNowhere"
    page = owner.post("/projects/paste", text=text, product="planner")
    chosen = FLUSHING.findall(page.text)[1]

    answer = owner.post("/projects/paste/apply", text=text, product="planner", **{"line-2": chosen})

    assert answer.headers["location"] == "/projects"
    assert "2 projects of your list are ticked. 1 line was left out." in words(owner.follow(answer))
    ticked = draft(owner)
    assert sorted(map(tuple, ticked.values())) == [("planner",), ("planner", "safety")]
    assert any(name.startswith("FLUSHING HS") for name in ticked)


def test_what_is_licensed_stays_locked_and_says_where_to_go(owner: Surfer) -> None:
    owner.buy({owner.ids()[-1]: ["planner"]})
    name = "TOTTENVILLE HS"

    page = look(owner, f"{name}\nP.S. 26", "safety")
    answer = owner.post("/projects/paste/apply", text=f"{name}\nP.S. 26", product="safety")

    assert "1 line already licensed They are locked." in page
    assert "Project Central → Manage Subscriptions" in page
    assert answer.status_code == 303
    assert list(draft(owner).values()) == [["safety"]]


@pytest.mark.parametrize(
    ("text", "status", "sentence"),
    [
        ("", 409, "The list is empty. Paste project numbers or names."),
        ("x\n" * 2_001, 413, "The list has 2,001 lines"),
        ("Nowhere", 409, "No line of the list can be ticked."),
        ("TOTTENVILLE HS", 409, "none says which module"),
    ],
)
def test_a_list_that_ticks_nothing_is_refused_with_the_fix_and_kept(
    owner: Surfer, text: str, status: int, sentence: str
) -> None:
    answer = owner.post("/projects/paste/apply", text=text)

    assert answer.status_code == status
    assert sentence in words(answer)
    assert not text or text.split("\n", 1)[0] in answer.text


def test_a_name_is_shown_as_text_never_as_markup(owner: Surfer) -> None:
    page = owner.post("/projects/paste", text="</textarea><script>alert(1)</script>", product="planner")

    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text


def test_pasting_again_changes_nothing(owner: Surfer) -> None:
    owner.post("/projects/paste/apply", text="TOTTENVILLE HS\nP.S. 26", product=["planner", "safety_badge"])
    once = draft(owner)

    owner.post("/projects/paste/apply", text="P.S. 26\nTOTTENVILLE HS", product=["planner", "safety_badge"])

    assert draft(owner) == once
    assert list(once.values()) == [["planner", "safety", "safety_badge"]] * 2


def test_whoever_may_not_map_may_not_paste(owner: Surfer, give_role: object, dana: PlatformUserId) -> None:
    give_role(dana, Role.TEAM_MEMBER)  # type: ignore[operator]

    assert owner.get("/projects/paste").status_code == 403
    assert owner.post("/projects/paste/apply", text="P.S. 26", product="planner").status_code == 403
    assert owner.api("POST", "/projects/paste", {"text": "P.S. 26"}).status_code == 403


def test_the_api_previews_and_ticks_the_same(owner: Surfer) -> None:
    body = {"text": "Number\tName\tSafety\n\tTOTTENVILLE HS\tx\n\tFlushing HS\t\n\tNowhere\tx", "products": ["planner"]}

    previewed = owner.api("POST", "/projects/paste/preview", body).json()
    untouched = draft(owner)
    done = owner.api("POST", "/projects/paste", body).json()

    assert [line["fate"] for line in previewed["lines"]] == ["heading", "matched", "ambiguous", "unknown"]
    assert previewed["summary"] is None
    assert untouched == {}
    assert done["lines"] == previewed["lines"]
    assert (done["ticked"], done["summary"]["projects"]) == (1, 1)
    assert list(draft(owner).values()) == [["safety"]]


def test_the_api_takes_choices_and_refuses_what_it_cannot_read(owner: Surfer) -> None:
    preview = owner.api("POST", "/projects/paste/preview", {"text": "flushing hs"}).json()
    second = preview["lines"][0]["projects"][1]["id"]

    chosen = owner.api(
        "POST", "/projects/paste", {"text": "flushing hs", "products": ["safety"], "choices": {"1": second}}
    )
    empty = owner.api("POST", "/projects/paste", {"text": "\n"})
    long = owner.api("POST", "/projects/paste", {"text": "x\n" * 2_001})

    assert chosen.json()["lines"][0]["projects"][0]["id"] == second
    assert (empty.status_code, empty.json()["reason"]) == (409, "nothing_selected")
    assert (long.status_code, long.json()["reason"]) == (413, "list_too_long")


@pytest.mark.parametrize(
    ("said", "answer"),
    [("Planer", "We do not know “Planer”. Did you mean Planner?"), ("Paint", "We do not know “Paint”.")],
)
def test_a_module_nobody_knows_is_said_with_the_name_it_is_near_to(owner: Surfer, said: str, answer: str) -> None:
    page = look(owner, f"Project\tModule\nP.S. 26\t{said}")

    assert answer in page
    assert "2 lines: 0 ready, 1 left out, 1 heading." in page
    assert "1 line with a module we do not know" in page
