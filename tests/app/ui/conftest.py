"""A real browser on sample pages: Debian's Chromium. Without it these tests are skipped and named."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.app.ui.mapping_server import MappingServer

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if executable is None:
        pytest.skip("Chromium is not installed.")
    return {**browser_type_launch_args, "executable_path": executable, "headless": True, "args": FLAGS}


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
