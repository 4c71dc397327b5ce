"""
View models: frozen, ready to show. Handlers build them from the domain, templates only print them.

Each page template receives `view` (the model named in its docstring) and `chrome` (`Chrome`). Fragments below
`templates/partials/` say in their first line what they take.
"""

from smartapp_http.views import paths
from smartapp_http.views.buying import (
    AddOnLine,
    CanceledView,
    ModuleGroup,
    PaymentState,
    PaymentStep,
    PaymentView,
    ProjectProgress,
    StepState,
    SubscriptionsView,
    SumLine,
)
from smartapp_http.views.central import AddProjectView, CentralView, TileView
from smartapp_http.views.chrome import Area, Banner, Chip, Chrome, CurrentCompany, Link, SignedIn, Toast, Tone
from smartapp_http.views.entry import CompaniesView, CompanyChoice, LandingView, LoadingView, NotInstalledView
from smartapp_http.views.managing import (
    HistoryLine,
    InvoiceRow,
    LicensedProject,
    LicenseLine,
    ManageView,
    SubscriptionCard,
)
from smartapp_http.views.mapping import (
    Box,
    Column,
    FilterLink,
    MissingProject,
    MissingView,
    Pager,
    ProjectsView,
    RefreshView,
    RowProblem,
    RowsView,
    RowView,
    SearchView,
    SummaryView,
    Target,
)
from smartapp_http.views.messages import ErrorView, HelpView, SignedOutView
from smartapp_http.views.words import counted, in_words

__all__ = [
    "AddOnLine",
    "AddProjectView",
    "Area",
    "Banner",
    "Box",
    "CanceledView",
    "CentralView",
    "Chip",
    "Chrome",
    "Column",
    "CompaniesView",
    "CompanyChoice",
    "CurrentCompany",
    "ErrorView",
    "FilterLink",
    "HelpView",
    "HistoryLine",
    "InvoiceRow",
    "LandingView",
    "LicenseLine",
    "LicensedProject",
    "Link",
    "LoadingView",
    "ManageView",
    "MissingProject",
    "MissingView",
    "ModuleGroup",
    "NotInstalledView",
    "Pager",
    "PaymentState",
    "PaymentStep",
    "PaymentView",
    "ProjectProgress",
    "ProjectsView",
    "RefreshView",
    "RowProblem",
    "RowView",
    "RowsView",
    "SearchView",
    "SignedIn",
    "SignedOutView",
    "StepState",
    "SubscriptionCard",
    "SubscriptionsView",
    "SumLine",
    "SummaryView",
    "Target",
    "TileView",
    "Toast",
    "Tone",
    "counted",
    "in_words",
    "paths",
]
