"""Styles and templates know each other: no name stands in one of them alone."""

import re
from pathlib import Path
from typing import Final

import smartapp_http

_HTTP: Final = Path(smartapp_http.__file__).parent
_STYLES: Final = "\n".join(file.read_text("utf-8") for file in sorted((_HTTP / "static" / "css").glob("*.css")))
_SCRIPTS: Final = "\n".join(file.read_text("utf-8") for file in sorted((_HTTP / "static" / "js").glob("*.js")))
_CLASSES: Final = re.compile(r'class="([^"]*)"')
#: What decides, and what fills in, at run time.
_DECIDED: Final = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_FILLED: Final = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def _used_classes() -> set[str]:
    """Return the names that templates say in full, those left out that are put together."""
    texts = [file.read_text("utf-8") for file in (_HTTP / "templates").rglob("*.html")]
    plain = (_FILLED.sub("?", _DECIDED.sub(" ", text)) for text in texts)
    return {name for text in plain for said in _CLASSES.findall(text) for name in said.split() if "?" not in name}


def test_every_custom_property_is_used() -> None:
    defined = set(re.findall(r"(--[\w-]+)\s*:", _STYLES))
    used = set(re.findall(r"var\((--[\w-]+)", _STYLES))

    assert used - defined == set()
    assert defined - used == set()


def test_every_class_of_a_template_has_a_rule_or_a_script() -> None:
    ruled = set(re.findall(r"\.([a-z][\w-]*)", _STYLES + _SCRIPTS))

    assert _used_classes() - ruled == set()
