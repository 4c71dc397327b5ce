"""A real browser on sample pages: Debian's Chromium. Without it these tests are skipped and named."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from tests.app.ui.mapping_server import MappingServer


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return a page of our own: the plugin's drags in a fixture that pytest 9 warns about."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def server() -> Iterator[MappingServer]:
    with MappingServer() as running:
        yield running
