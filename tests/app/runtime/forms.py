"""A browser without a screen and without script: it follows links and submits forms, as the HTML says."""

from html.parser import HTMLParser
from urllib.parse import urljoin

import attrs
import httpx

_Pairs = list[tuple[str, str]]


def _evened(parts: list[str]) -> str:
    return " ".join("".join(parts).split())


@attrs.define
class _Button:
    form: str
    attributes: dict[str, str]
    text: list[str] = attrs.Factory(list)


class _Reader(HTMLParser):
    """Collects links, forms, their fields and buttons; `form=` places an element in a form it does not stand in."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, list[str]]] = []
        self.forms: dict[str, dict[str, str]] = {}
        self.fields: dict[str, _Pairs] = {}
        self.buttons: list[_Button] = []
        self.words: list[str] = []
        self._form = ""
        self._select = ""
        self._collecting: list[list[str]] = [self.words]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        form = given.get("form", self._form)
        match tag:
            case "form":
                self._form = given.get("id") or f"form-{len(self.forms)}"
                self.forms[self._form] = given
            case "a":
                self.links.append((given.get("href", ""), []))
                self._collecting.append(self.links[-1][1])
            case "button":
                self.buttons.append(_Button(form, given))
                self._collecting.append(self.buttons[-1].text)
            case "input":
                self._input(form, given)
            case "select":
                self._select = given.get("name", "")
            case "option" if self._select and "selected" in given:
                self.fields.setdefault(form, []).append((self._select, given.get("value", "")))
            case "script" | "style" | "svg":
                self._collecting.append([])

    def _input(self, form: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if "name" not in given or "disabled" in given or (kind in {"checkbox", "radio"} and "checked" not in given):
            return
        value = given.get("value", "on" if kind == "checkbox" else "")
        self.fields.setdefault(form, []).append((given["name"], value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = ""
        if tag == "select":
            self._select = ""
        if tag in {"a", "button", "script", "style", "svg"} and len(self._collecting) > 1:
            self._collecting.pop()

    def handle_data(self, data: str) -> None:
        for collected in {id(each): each for each in (self._collecting[0], self._collecting[-1])}.values():
            collected.append(data)


class TryAgain(AssertionError):
    """Raised when a page says that somebody we depend on does not answer; the page is shown all the same."""


@attrs.define
class Browser:
    """One person's browser; `get`, `follow` and `press` leave it on the next page."""

    _client: httpx.Client = attrs.Factory(lambda: httpx.Client(follow_redirects=True, timeout=60))
    url: str = ""
    page: _Reader = attrs.Factory(_Reader)

    def close(self) -> None:
        self._client.close()

    @property
    def words(self) -> str:
        return _evened(self.page.words)

    def get(self, url: str) -> None:
        self._arrive(self._client.get(url))

    def link(self, text: str) -> str:
        for href, words in self.page.links:
            if text in _evened(words):
                return urljoin(self.url, href)
        raise AssertionError(f"{self.url} has no link {text!r}: {self.words[:600]}")

    def follow(self, text: str) -> None:
        self.get(self.link(text))

    def values(self, name: str) -> list[str]:
        return [value for fields in self.page.fields.values() for key, value in fields if key == name]

    def press(self, text: str, **typed: str | list[str]) -> None:
        """Submit the form of the button with this text; `typed` replaces or adds fields."""
        button = next((each for each in self.page.buttons if _evened(each.text) == text), None)
        assert button is not None, f"{self.url} has no button {text!r}: {self.words[:600]}"
        form = self.page.forms.get(button.form, {})
        pairs = [(key, value) for key, value in self.page.fields.get(button.form, []) if key not in typed]
        for key, value in typed.items():
            pairs += [(key, each) for each in ([value] if isinstance(value, str) else value)]
        if "name" in button.attributes:
            pairs.append((button.attributes["name"], button.attributes.get("value", "")))
        target = urljoin(self.url, button.attributes.get("formaction") or form.get("action") or self.url)
        data: dict[str, list[str]] = {}
        for key, value in pairs:
            data.setdefault(key, []).append(value)
        origin = {"origin": "/".join(self.url.split("/")[:3])}
        if form.get("method", "get").lower() == "post":
            self._arrive(self._client.post(target, data=data, headers=origin))
        else:
            self._arrive(self._client.get(target, params=data))

    def _arrive(self, response: httpx.Response) -> None:
        self.url, self.page = str(response.url), _Reader()
        self.page.feed(response.text)
        if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            raise TryAgain(self.words[:600])
        assert response.status_code < 500, response.text
