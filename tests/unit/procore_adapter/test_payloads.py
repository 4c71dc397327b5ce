"""What is made of Procore's words."""

from typing import Any

import msgspec
import pytest
from tests.unit.procore_adapter.wire import project

from smartapp_adapters.procore.payloads import CompanyRow, Me, ProjectRow


@pytest.mark.parametrize(
    ("type_", "body"),
    [
        (ProjectRow, project(9, name="Har\0bor", project_number="\0", city="O\0slo")),
        (CompanyRow, {"id": 1, "name": "Nor\0dic", "is_active": True}),
        (Me, {"id": 1, "login": "ada\0@nordic.example", "name": None}),
        (Me, {"id": 1, "login": "ada@nordic.example", "name": "A\0da"}),
    ],
)
def test_a_nul_in_a_name_which_postgres_would_refuse_with_the_whole_list_is_left_out(type_: Any, body: object) -> None:
    row = msgspec.json.decode(msgspec.json.encode(body), type=type_)

    made = {ProjectRow: "as_project", CompanyRow: "as_company", Me: "as_person"}[type_]

    assert "\\x00" not in repr(getattr(row, made)())
