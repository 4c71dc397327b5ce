"""Every template, drawn from sample data: well-formed, named, escaped, and nothing the policy would block."""

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import attrs
import pytest
from tests.app.ui import samples

from smartapp_http import views as v
from smartapp_http.templating import STATIC, TEMPLATES, asset, environment, worded

VOID = {"meta", "link", "input", "br", "hr", "img", "use", "rect", "circle", "path"}
ENV = environment()


class Reader(HTMLParser):
    """Collects tags and attributes, and complains about a tag that is closed by nobody."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()} closes something else"


def drawn(name: str) -> str:
    template, view, chrome = samples.PAGES[name]
    return ENV.get_template(template).render(view=view, chrome=chrome)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


every_page = pytest.mark.parametrize("name", samples.PAGES)


def test_every_page_template_has_a_sample() -> None:
    pages = {path.name for path in TEMPLATES.glob("*.html")} - {"base.html", "door.html", "ui.html"}

    assert pages == {template for template, _, _ in samples.PAGES.values()}


@every_page
def test_a_page_is_well_formed_with_one_title_one_heading_and_unique_ids(name: str) -> None:
    page = read(drawn(name))

    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert page.open == []
    assert [tag for tag, _ in page.tags].count("h1") == 1
    assert len(ids) == len(set(ids))


@every_page
def test_a_page_holds_nothing_that_the_content_security_policy_blocks(name: str) -> None:
    page = read(drawn(name))

    for tag, attributes in page.tags:
        assert tag != "style"
        assert "style" not in attributes
        assert not [key for key in attributes if key.startswith("on")]
        assert tag != "script" or (attributes.get("src") or "").startswith("/static/")


@every_page
def test_every_form_that_changes_something_carries_the_csrf_token(name: str) -> None:
    html = drawn(name)

    for form in re.findall(r'<form[^>]*method="post".*?</form>', html, re.DOTALL):
        assert 'name="_csrf_token" value="t0ken&lt;&#34;&#39;&gt;"' in form
    assert "x-csrftoken" in html


@every_page
def test_every_page_names_the_support_contact_and_the_guide(name: str) -> None:
    html = drawn(name)

    assert "mailto:support@smartapp.example" in html
    assert f'href="{v.paths.HELP}"' in html


@every_page
def test_every_label_describes_a_control_that_is_there(name: str) -> None:
    page = read(drawn(name))

    ids = {a["id"] for _, a in page.tags if "id" in a}
    for _, attributes in page.tags:
        for key in ("for", "aria-describedby", "aria-labelledby", "form"):
            for each in (attributes.get(key) or "").split():
                assert each in ids, f"{key}={each}"


def test_every_icon_is_in_the_sprite_and_every_symbol_is_used() -> None:
    symbols = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    sources = "".join(path.read_text() for path in TEMPLATES.rglob("*.html"))
    chips = "".join(path.read_text() for path in (TEMPLATES.parent).rglob("*.py"))

    drawn_icons = {icon for name in samples.PAGES for icon in re.findall(r"icons\.svg\?v=\w+#([\w-]+)", drawn(name))}

    assert drawn_icons <= symbols
    assert {s for s in symbols if f'"{s}"' not in sources + chips and f"#{s}" not in sources} == set()


def names_of(html: str) -> list[str]:
    """Return the accessible names of the mapping table's boxes, label text or aria-label."""
    rows = re.findall(r'<input type="checkbox"[^>]*data-product=[^>]*>(?:<span class="check-text">([^<]*))?', html)
    boxes = re.findall(r'<input type="checkbox"[^>]*data-product=[^>]*>', html)
    labels = [re.search(r'aria-label="([^"]*)"', box) for box in boxes]
    return [label.group(1) if label else text for label, text in zip(labels, rows, strict=True)]


def test_boxes_are_named_by_project_and_product_and_by_number_where_names_repeat() -> None:
    names = names_of(drawn("projects"))

    assert names[:5] == [
        "P.S. 26 - QUEENS",
        "Planner, P.S. 26 - QUEENS",
        "Safety, P.S. 26 - QUEENS",
        "Planner Board, P.S. 26 - QUEENS",
        "Safety Badge, P.S. 26 - QUEENS",
    ]
    assert "P.S. 53 - BRONX (X053)" in names
    assert "Planner, P.S. 53 - BRONX (X953)" in names
    assert len(names) == len(set(names))


def test_locked_boxes_can_be_focused_and_un_ticked_rows_cannot_be_given_modules() -> None:
    page = read(drawn("projects"))
    boxes = {a["id"]: a for _, a in page.tags if "data-product" in a}

    assert boxes["planner-11"]["aria-disabled"] == "true"
    assert "disabled" not in boxes["planner-11"]
    assert "disabled" in boxes["planner-4294967308"]
    assert "disabled" not in boxes["planner-4294967304"]
    assert "disabled" in boxes["planner_board-4294967304"]


def test_the_live_sum_is_the_only_status_of_the_page_and_reads_as_promised() -> None:
    html = drawn("projects")

    assert html.count('role="status"') == 1
    assert '<p class="headline">4 projects, 3 Planner, 2 Safety</p>' in html
    assert "<strong>$2,075.00</strong> a month" in html


def test_a_tick_is_answered_with_its_row_first_then_the_sum_and_the_words() -> None:
    html = ENV.get_template("partials/tick.html").render(
        row=samples.OPEN_ROWS[0], summary=samples.SUMMARY, toasts=(samples.locked_toast("P.S. 26"),)
    )

    assert html.lstrip().startswith('<tr role="row" id="row-4294967301"')
    assert '<div hx-swap-oob="innerHTML:#summary">' in html
    assert '<div hx-swap-oob="beforeend:#toasts">' in html


def test_a_whole_page_of_ticks_is_answered_with_its_section() -> None:
    rows = v.RowsView(rows=samples.OPEN_ROWS, total=315)

    html = ENV.get_template("partials/page_ticks.html").render(rows=rows, summary=samples.SUMMARY, toasts=())

    assert html.lstrip().startswith('<tbody role="rowgroup" id="rows-open">')
    assert "Select all 8 projects on this page" in html


def test_the_words_of_a_locked_row_stay_exact_and_link_to_manage_subscriptions() -> None:
    toast = samples.locked_toast("A <b> & SONS")

    html = worded(toast)

    assert html == (
        "<strong>A &lt;b&gt; &amp; SONS</strong> is already licensed. To change it, open "
        '<a href="/manage-subscriptions">Project Central → Manage Subscriptions</a>.'
    )


def test_a_link_whose_text_is_not_in_the_sentence_follows_it() -> None:
    assert worded(v.Toast("Saved.", v.Link("Undo", "/undo"))) == 'Saved. <a href="/undo">Undo</a>'


def test_what_people_typed_is_never_markup() -> None:
    assert "zeppelin &lt;hangar&gt;" in drawn("projects-no-match")
    assert "<hangar>" not in drawn("projects-no-match")


def test_a_refusal_is_said_at_once_and_a_success_when_the_reader_pauses() -> None:
    assert '<div class="toast is-warn" role="alert" data-stays>' in drawn("projects")
    assert '<div class="toast is-ok" aria-live="polite">' in drawn("central-success")


def test_a_role_that_cannot_pay_sees_why_beside_a_checkout_that_says_so() -> None:
    html = drawn("subscriptions-cannot-buy")

    assert 'aria-disabled="true" aria-describedby="cannot-buy"' in html
    assert samples.CANNOT_BUY in html


def test_success_is_never_shown_before_the_payment_is_confirmed() -> None:
    html = drawn("payment-waiting")

    assert "Payment received" not in html
    assert "Waiting for the payment to be confirmed" in html
    assert 'hx-trigger="every 1500ms"' in html


@pytest.mark.parametrize(
    ("modules", "paused", "strip", "style"),
    [
        (("planner",), False, "Planner", "planner"),
        (("safety",), False, "Safety", "safety"),
        (("planner", "safety"), False, "Planner & Safety", "both"),
        (("safety",), True, "Safety", "none"),
        ((), False, "No license", "none"),
    ],
)
def test_the_strip_of_a_tile_says_its_modules(modules: tuple[str, ...], paused: bool, strip: str, style: str) -> None:  # noqa: FBT001 - a row of the table above
    tile = attrs.evolve(samples.TILES[0], modules=modules, paused=paused)

    assert (tile.strip, tile.strip_style) == (strip, style)


def test_an_asset_address_changes_with_its_content_and_a_missing_one_is_an_error() -> None:
    assert re.fullmatch(r"/static/css/base\.css\?v=[0-9a-f]{12}", asset("css/base.css"))
    with pytest.raises(FileNotFoundError):
        asset("css/gone.css")


def test_the_guide_shows_only_pictures_that_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "help").mkdir()
    (tmp_path / "help" / "projects.png").write_bytes(b"png")
    monkeypatch.setitem(ENV.globals, "asset", lambda path: f"/static/{path}")

    html = ENV.get_template("help.html").render(
        view=v.HelpView(pictures=frozenset({"projects"})), chrome=samples.chrome(v.Area.HELP)
    )

    assert html.count("<img") == 1
    assert 'src="/static/help/projects.png"' in html


@pytest.mark.parametrize(("number", "words"), [(0, "0 projects"), (1, "1 project"), (1200, "1,200 projects")])
def test_counts_are_said_in_words(number: int, words: str) -> None:
    assert v.counted(number, "project") == words


@pytest.mark.parametrize(
    ("things", "words"), [((), ""), (("A",), "A"), (("A", "B"), "A and B"), (("A", "B", "C"), "A, B and C")]
)
def test_lists_are_said_in_words(things: tuple[str, ...], words: str) -> None:
    assert v.in_words(things) == words


@pytest.mark.parametrize("folder", [STATIC / "vendor", Path(__file__).parents[2] / "vendor"])
def test_vendored_files_are_the_published_ones(folder: Path) -> None:
    listed = re.findall(r"^\| `([^`]+)` .* `([0-9a-f]{64})` \|$", (folder / "README.md").read_text(), re.MULTILINE)

    assert {name for name, _ in listed} == {path.name for path in folder.glob("*.js")}
    for name, digest in listed:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
