"""Pages before the first project: setup landing, company chooser, app not installed, projects being read."""

import attrs

from smartapp_http.views.chrome import Link


@attrs.frozen(kw_only=True)
class LandingView:
    """
    `landing.html`, the page behind "App Setup Instructions".

    Attributes:
        app_name: "Smartapp Planner" or "Smartapp Safety" when the visitor came from that listing, else None.
        sign_in_url: Starts the log-in at the platform.
        signed_in_name: Set when a session is still good; the button then just continues.
        problem: Why the last attempt did not work ("You chose Deny in Procore. …"), or None.
        note: Why one has to sign in again, where that is no failure.

    """

    sign_in_url: str
    app_name: str | None = None
    signed_in_name: str | None = None
    problem: str | None = None
    note: str | None = None


@attrs.frozen
class CompanyChoice:
    """
    One radio, never chosen beforehand.

    `note` is a short second line such as "2 projects licensed" or "Smartapp is not installed".
    """

    id: str
    name: str
    note: str = ""


@attrs.frozen(kw_only=True)
class CompaniesView:
    """`companies.html`: POSTs the field `company` to `paths.COMPANIES`."""

    choices: tuple[CompanyChoice, ...]
    problem: str | None = None


@attrs.frozen(kw_only=True)
class NotInstalledView:
    """
    `not_installed.html`: no app of ours is installed in the chosen company.

    Attributes:
        listings: Marketplace pages of the apps: `Link("Smartapp Planner", url)`.
        company_id: Looking again POSTs it as the field `company` to `paths.COMPANIES`.
        is_company_admin: Others can only ask their admin, and are told so.

    """

    company_name: str
    listings: tuple[Link, ...]
    company_id: str
    is_company_admin: bool
    can_change_company: bool = False


@attrs.frozen(kw_only=True)
class LoadingView:
    """
    `loading_projects.html` and its polled fragment `partials/loading.html`.

    Attributes:
        total: None while the platform has not said how many there are.
        problem: What went wrong, in plain words; polling then stops and "Try again" is shown.
        poll_url: Answers the fragment again, or `HX-Redirect` to the projects when all are read.
        retry_url: POSTed by "Try again".
        slow: True after some ten seconds: says that it goes on by itself.

    """

    company_name: str
    done: int
    poll_url: str
    retry_url: str
    total: int | None = None
    problem: str | None = None
    slow: bool = False
