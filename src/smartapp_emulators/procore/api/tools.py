"""The tools of companies and projects, and the levels one may have on them."""

from collections.abc import Mapping

import attrs

from smartapp_emulators.procore.world import App, Level

LEVEL_IDS: Mapping[Level, int] = {"None": 1, "Read Only": 2, "Standard": 3, "Admin": 4}


@attrs.frozen
class Tool:
    id: int
    name: str
    engine_name: str
    domain_id: int
    required: bool = False

    @property
    def path(self) -> str:
        return self.engine_name.replace("_", "-")


COMPANY_TOOLS = (
    Tool(4_400_000_001, "Admin", "company_admin", 1, required=True),
    Tool(4_400_000_002, "Directory", "company_directory", 2, required=True),
    Tool(4_400_000_003, "Portfolio", "portfolio", 3, required=True),
    Tool(4_400_000_004, "Documents", "company_documents", 4),
    Tool(4_400_000_005, "Schedule", "company_schedule", 5),
    Tool(4_400_000_006, "Reports", "company_reports", 6),
)

PROJECT_TOOLS = (
    Tool(4_400_000_101, "Home", "project_home", 101, required=True),
    Tool(4_400_000_102, "Admin", "project_admin", 102, required=True),
    Tool(4_400_000_103, "Directory", "directory", 103, required=True),
    Tool(4_400_000_104, "Schedule", "calendar", 104),
    Tool(4_400_000_105, "Documents", "documents", 105),
    Tool(4_400_000_106, "Drawings", "drawings", 106),
    Tool(4_400_000_107, "Photos", "images", 107),
    Tool(4_400_000_108, "RFIs", "rfi", 108),
    Tool(4_400_000_109, "Submittals", "submittal_log", 109),
    Tool(4_400_000_110, "Inspections", "checklists", 110),
    Tool(4_400_000_111, "Incidents", "incidents", 111),
)


def person_level(tool: Tool, *, admin: bool) -> Level:
    """Return what a person has on a company tool or, once on the project, on a project tool."""
    if admin:
        return "Admin"
    if tool.name == "Admin":
        return "None"
    return "Read Only" if tool in COMPANY_TOOLS else "Standard"


def service_level(app: App, tool: Tool) -> Level:
    """Return what the app's service account was granted at installation."""
    area = "company" if tool in COMPANY_TOOLS else "project"
    granted = [each.level for each in app.permissions if (each.area, each.tool) == (area, tool.name)]
    return max(granted, key=LEVEL_IDS.__getitem__, default="None")
