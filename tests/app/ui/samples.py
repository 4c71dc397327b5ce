"""One sample of every page and every state worth looking at: what the gallery draws and the render tests check."""

from typing import Any

import attrs
from tests.app.ui import samples_people as people
from tests.app.ui import samples_tools as tools

from smartapp_http import views as v
from smartapp_http.present.pasting import form

GEAR = v.Link("Project Central → Manage Subscriptions", v.paths.MANAGE)
LOCKED_NAME = "TOTTENVILLE HS - STATEN ISLAND"
COLUMNS = (
    v.Column("planner", "Planner", "$295 a month"),
    v.Column("safety", "Safety", "$595 a month"),
    v.Column("planner_board", "Planner Board", "Included"),
    v.Column("safety_badge", "Safety Badge", "Included"),
)
NEEDS = {"planner": None, "safety": None, "planner_board": "planner", "safety_badge": "safety"}


def chrome(area: v.Area | None = None, **changes: Any) -> v.Chrome:
    base = v.Chrome(
        csrf_token="t0ken<\"'>",
        support_email="support@smartapp.example",
        app_version="0.2.0",
        person=v.SignedIn("Dana Whitfield", "dana@kestrel.example", "Admin with Billing"),
        company=v.CurrentCompany("Kestrel Builders", can_change=True),
        area=area,
    )
    return attrs.evolve(base, **changes)


def stranger() -> v.Chrome:
    return chrome(person=None, company=None)


def locked_toast(name: str) -> v.Toast:
    words = f"{name} is already licensed. To change it, open Project Central → Manage Subscriptions."
    return v.Toast(words, GEAR, name, v.Tone.WARN)


def row(id_: str, name: str, number: str, place: str, *on: str, ticked: bool | None = None, **more: Any) -> v.RowView:
    is_on = bool(on) if ticked is None else ticked
    boxes = tuple(
        v.Box(
            c.code, c.label, c.code in on, disabled=not is_on or (NEEDS[c.code] is not None and NEEDS[c.code] not in on)
        )
        for c in COLUMNS
    )
    targets = (v.Target("", "New project", selected=True), v.Target("p-7", "Sample Tower (no license)"))
    fields = {"accessible_name": name, "targets": targets if is_on else (), "ticked": is_on} | more
    return v.RowView(id=id_, name=name, number=number, place=place, boxes=boxes, **fields)


def locked_row(id_: str, name: str, number: str, place: str, *on: str) -> v.RowView:
    return row(
        id_,
        name,
        number,
        place,
        *on,
        targets=(),
        locked=True,
        locked_toast=locked_toast(name),
        manage_url=f"{v.paths.MANAGE}?project={id_}",
        chip=v.Chip("Licensed until Sep 27, 2027", v.Tone.OK, "check"),
    )


OPEN_ROWS = (
    row(
        "4294967301", "P.S. @ PARCEL C - QUEENS", "Q341", "Queens", "planner", "safety", "planner_board", "safety_badge"
    ),
    row("4294967302", "I.S. @ 650 86 STREET - BROOKLYN", "K322", "Brooklyn", "planner", "safety"),
    row("4294967303", "NEWTOWN HS - QUEENS", "Q455", "Queens", "planner", "planner_board"),
    row("4294967304", "P.S. 334 - MANHATTAN", "M044", "Manhattan", ticked=True),
    row("4294967305", "THE EAGLE ACADEMY FOR YOUNG MEN OF STATEN ISLAND -", "R082", "Staten Island"),
    row("4294967306", "P.S. 53 - BRONX", "X053", "Bronx", accessible_name="P.S. 53 - BRONX (X053)"),
    row("4294967307", "P.S. 53 - BRONX", "X953", "Bronx", accessible_name="P.S. 53 - BRONX (X953)"),
    row("4294967308", "AUGUST MARTIN HS - QUEENS", "Q400", "Queens"),
)
LICENSED_ROWS = (
    locked_row("11", "P.S. 26 - QUEENS", "Q026", "Queens", "planner", "safety", "planner_board"),
    locked_row("12", LOCKED_NAME, "R456", "Staten Island", "planner"),
    locked_row("13", "P.S. 203 - QUEENS", "Q203", "Queens", "safety", "safety_badge"),
)
SUMMARY = v.SummaryView(
    headline="4 projects, 3 Planner, 2 Safety",
    add_ons="2 Planner Board, 1 Safety Badge",
    monthly="$2,075.00",
    yearly="$24,900.00",
)
NO_SUM = v.SummaryView(headline="0 projects, 0 Planner, 0 Safety", monthly="$0.00", yearly="$0.00")
MISSING = v.MissingView(
    app_names=("Smartapp Planner", "Smartapp Safety"),
    projects=(
        v.MissingProject("CURTIS HS - STATEN ISLAND", "R450", "Not permitted"),
        v.MissingProject("P.S. 19 - MANHATTAN", None, "Not active in Procore"),
    ),
    more=12,
    manage_url="http://localhost:8010/app-management",
)


def projects(**changes: Any) -> v.ProjectsView:
    base = v.ProjectsView(
        all_filter=v.FilterLink("All", "/projects", 318, current=True),
        not_licensed_filter=v.FilterLink("Not licensed", "/projects?show=not-licensed", 315),
        licensed_filter=v.FilterLink("Licensed", "/projects?show=licensed", 3),
        licensed_parts=(
            v.FilterLink("Planner", "/projects?show=planner", 1),
            v.FilterLink("Safety", "/projects?show=safety", 1),
            v.FilterLink("Both", "/projects?show=both", 1),
        ),
        search=v.SearchView(
            action="/projects",
            sorts=(("name", "Name, A to Z", True), ("number", "Number", False), ("newest", "Newest first", False)),
            keep=(("show", "all"),),
            clear_url="/projects",
        ),
        columns=COLUMNS,
        paste=form(),
        summary=SUMMARY,
        missing=MISSING,
        refresh=v.RefreshView(read_at="8 minutes ago"),
        back_url=v.paths.CENTRAL,
        licensed=v.RowsView(rows=LICENSED_ROWS, total=3),
        not_licensed=v.RowsView(
            rows=OPEN_ROWS, total=315, pager=v.Pager(page=1, pages=40, next_url="/projects?page=2")
        ),
    )
    return attrs.evolve(base, **changes)


ONE_APP = v.Banner(
    "Only Smartapp Planner is installed",
    "You can choose Safety too. Its data will not flow until Smartapp Safety is installed in Procore.",
    v.Tone.WARN,
    v.Link("Open its listing", "http://localhost:8010/marketplace/smartapp-safety"),
)
PROBLEM = "Tick Planner or Safety, or untick the project."


def projects_refused() -> v.ProjectsView:
    rows = tuple(attrs.evolve(r, problem=PROBLEM) if r.id == "4294967304" else r for r in OPEN_ROWS)
    return projects(
        licensed=None,
        not_licensed=v.RowsView(rows=rows, total=315),
        problems_title="1 project needs a module",
        problems=(
            v.RowProblem(
                "P.S. 334 - MANHATTAN.",
                v.Link("Go to the row", "#row-4294967304"),
                "4294967304",
                "P.S. 334 - MANHATTAN",
            ),
        ),
        banners=(ONE_APP,),
        missing=attrs.evolve(MISSING, open=True),
    )


def projects_no_match() -> v.ProjectsView:
    return projects(
        search=attrs.evolve(projects().search, query="zeppelin <hangar>"),
        licensed=v.RowsView(rows=(), total=0),
        not_licensed=v.RowsView(rows=(), total=0),
    )


def projects_none() -> v.ProjectsView:
    return projects(
        all_filter=v.FilterLink("All", "/projects", 0, current=True),
        licensed=None,
        not_licensed=None,
        summary=NO_SUM,
        missing=attrs.evolve(MISSING, open=True),
    )


NAMES = tuple(r.name for r in OPEN_ROWS[:3])


def subscriptions(**changes: Any) -> v.SubscriptionsView:
    base = v.SubscriptionsView(
        lead="4 projects. You pay once for all of them, and they renew on the same day.",
        yearly=True,
        groups=(
            v.ModuleGroup(
                code="planner",
                label="Planner",
                projects=3,
                unit="$295.00 per project and month",
                formula="3 projects × $295.00 × 12 months",
                amount="$10,620.00 a year",
                project_names=NAMES,
                add_ons=(v.AddOnLine("Planner Board", 2, "Included"),),
            ),
            v.ModuleGroup(
                code="safety",
                label="Safety",
                projects=2,
                unit="$595.00 per project and month",
                formula="2 projects × $595.00 × 12 months",
                amount="$14,280.00 a year",
                project_names=NAMES[:2],
                add_ons=(v.AddOnLine("Safety Badge", 1, "Ask us"),),
            ),
        ),
        lines=(
            v.SumLine("Planner × 3", "$10,620.00"),
            v.SumLine("Safety × 2", "$14,280.00"),
            v.SumLine("Planner Board × 2", "Included"),
            v.SumLine("Safety Badge × 1", "Ask us"),
        ),
        total_label="Due today",
        total="$24,900.00",
        renewal="US dollars. Renews October 6, 2027 at the same price unless you change it.",
        fingerprint="f" * 64,
        back_url=v.paths.PROJECTS,
    )
    return attrs.evolve(base, **changes)


CANCELED = v.Banner("Nothing was charged", "You left the pay page. Your choice is kept; Checkout opens it again.")
CANNOT_BUY = "Your role, Admin, cannot buy licenses. Ask someone with one of these roles: Owner, Super Admin."
S = v.StepState


def payment(
    state: v.PaymentState, title: str, lead: str, done: int, *steps: v.PaymentStep, **more: Any
) -> v.PaymentView:
    poll = None if state.value in ("done", "failed", "attention") else "/payment/progress?order=o-1"
    ready = (
        ()
        if state.value in ("waiting", "failed")
        else tuple(v.ProjectProgress(n, i < done) for i, n in enumerate(NAMES))
    )
    return v.PaymentView(
        state=state, title=title, lead=lead, done=done, total=3, steps=steps, projects=ready, poll_url=poll, **more
    )


RECEIVED = payment(
    v.PaymentState.RECEIVED,
    "Payment received. Setting up your projects",
    "This usually takes under a minute. You can close this page: we finish without it.",
    2,
    v.PaymentStep("Payment of $24,900.00 received", S.DONE, "October 6, 2026"),
    v.PaymentStep("Licenses issued", S.DONE, "3 Planner, 2 Safety"),
    v.PaymentStep("Creating projects", S.NOW),
    v.PaymentStep("Open Project Central", S.TODO, "Happens by itself when all three are ready."),
    receipt=v.Link("View receipt", "http://localhost:8020/invoices/1"),
)
WAITING = payment(
    v.PaymentState.WAITING,
    "Waiting for the payment to be confirmed",
    "You are back from the pay page. We ask the payment provider again; nothing is set up before it confirms.",
    0,
    v.PaymentStep("Payment sent", S.NOW, "Waiting for the confirmation"),
    v.PaymentStep("Issue licenses", S.TODO),
    v.PaymentStep("Create projects", S.TODO),
)
ATTENTION = payment(
    v.PaymentState.ATTENTION,
    "Your payment arrived, one project needs us",
    "You were charged once and your licenses are safe. We were told and finish it by hand.",
    2,
    v.PaymentStep("Payment of $24,900.00 received", S.DONE),
    v.PaymentStep("Creating projects", S.FAILED, "Procore does not answer for NEWTOWN HS - QUEENS"),
    action=v.Link("Open Project Central", v.paths.CENTRAL),
    request_id="ord-81f2",
)
FAILED = payment(
    v.PaymentState.FAILED,
    "The payment did not work",
    "The bank refused the card. You were not charged and no project was created. Try another card.",
    0,
    v.PaymentStep("Payment refused", S.FAILED, "Your choice is kept: 4 projects, 3 Planner, 2 Safety"),
    action=v.Link("Try again", v.paths.SUBSCRIPTIONS),
)


def tile(id_: str, name: str, number: str | None, *modules: str, **more: Any) -> v.TileView:
    fields = {
        "chip": v.Chip("Active", v.Tone.OK, "check"),
        "lines": ("Licensed until Oct 6, 2027",),
        "manage_url": f"{v.paths.MANAGE}?project={id_}",
    } | more
    return v.TileView(id=id_, name=name, number=number, modules=modules, **fields)


TILES = (
    tile("1", "P.S. @ PARCEL C - QUEENS", "Q341", "planner", "safety", new=True),
    tile("2", "I.S. @ 650 86 STREET - BROOKLYN", "K322", "planner", "safety", new=True),
    tile("3", "NEWTOWN HS - QUEENS", "Q455", "planner", new=True),
    tile("4", "BROOKLYN TECH HS - K", "K430", "safety"),
    tile(
        "5",
        "P.S. 29 - QUEENS",
        "Q029",
        "safety",
        paused=True,
        chip=v.Chip("Inactive: Payment Pending", v.Tone.BAD, "circle-alert"),
        lines=("Read only until the invoice is paid",),
    ),
    tile("6", "Sample Tower", None, chip=v.Chip("Not licensed", v.Tone.MUTED, "info"), lines=(), manage_url=None),
)


def central(**changes: Any) -> v.CentralView:
    base = v.CentralView(
        counts="6 projects, 5 licensed",
        tiles=TILES,
        total=6,
        search=v.SearchView(action=v.paths.CENTRAL, clear_url=v.paths.CENTRAL),
        filters=(
            v.FilterLink("All", "/central", 6, current=True),
            v.FilterLink("Licensed", "/central?show=licensed", 5),
            v.FilterLink("Not licensed", "/central?show=not-licensed", 1),
        ),
        map_url=v.paths.PROJECTS,
        add_url=v.paths.ADD_PROJECT,
    )
    return attrs.evolve(base, **changes)


SUCCESS = v.Banner(
    "3 projects are licensed",
    "They are set up under their Procore names. Next: open Projects whenever you want to add more.",
    v.Tone.OK,
)
ACTIVE = v.Chip("Active", v.Tone.OK, "check")
PLANNER = v.LicenseLine(
    code="planner",
    label="Planner",
    chip=ACTIVE,
    price="$295.00 a month",
    since="Oct 6, 2026",
    until="Until Oct 6, 2027",
)
BOARD = v.LicenseLine(code="planner_board", label="Planner Board", chip=ACTIVE, price="Included", since="Oct 6, 2026")
SAFETY = v.LicenseLine(code="safety", label="Safety", chip=ACTIVE, price="$595.00 a month", until="Until Oct 6, 2027")


def licensed_project(name: str, number: str, *lines: v.LicenseLine) -> v.LicensedProject:
    url = f"{v.paths.MANAGE}?project={number}"
    return v.LicensedProject(name=name, number=number, url=url, lines=lines, chip=ACTIVE, until="Until Oct 6, 2027")


LICENSED = (
    licensed_project("P.S. @ PARCEL C - QUEENS", "Q341", PLANNER, SAFETY, BOARD),
    licensed_project("I.S. @ 650 86 STREET - BROOKLYN", "K322", PLANNER, SAFETY),
    licensed_project(LOCKED_NAME, "R456", PLANNER),
)
INVOICES = (
    v.InvoiceRow(
        number="SC-0001",
        date="Oct 6, 2026",
        period="Oct 6, 2026 to Oct 6, 2027",
        amount="$24,900.00",
        chip=v.Chip("Paid", v.Tone.OK, "check"),
        page=v.Link("SC-0001", "http://localhost:8020/invoices/1"),
        pdf=v.Link("PDF", "http://localhost:8020/invoices/1.pdf"),
    ),
    v.InvoiceRow(
        number="SC-0002",
        date="Nov 6, 2026",
        period="Nov 6, 2026 to Oct 6, 2027",
        amount="$3,245.00",
        chip=v.Chip("Payment failed, next try Nov 9", v.Tone.WARN, "triangle-alert"),
    ),
)
CARD = v.SubscriptionCard(
    title="Yearly subscription",
    chip=ACTIVE,
    rows=(("Planner × 3", "$10,620.00"), ("Safety × 2", "$14,280.00"), ("Planner Board × 2", "Included")),
    total="$24,900.00",
    renewal="Renews October 6, 2027 at the same price.",
)
HISTORY = (
    v.HistoryLine("Oct 6, 2026", "3 projects licensed", "Yearly, $24,900.00, by Dana Whitfield"),
    v.HistoryLine("Oct 6, 2026", "Checkout canceled", "Nothing was charged"),
)


def manage(**changes: Any) -> v.ManageView:
    base = v.ManageView(
        projects=LICENSED, subscriptions=(CARD,), invoices=INVOICES, history=HISTORY, map_url=v.paths.PROJECTS
    )
    return attrs.evolve(base, **changes)


LOADING = v.LoadingView(
    company_name="Kestrel Builders", done=120, total=318, poll_url=v.paths.LOADING, retry_url=v.paths.REFRESH
)
LISTINGS = (
    v.Link("Smartapp Planner", "http://localhost:8010/marketplace/planner"),
    v.Link("Smartapp Safety", "http://localhost:8010/marketplace/safety"),
)
HOME = v.Link("Open Project Central", v.paths.CENTRAL)
NOT_FOUND = v.ErrorView(
    status=404,
    title="This page does not exist",
    text="The address may be old, or the project belongs to another company.",
    fix="Nothing was changed. Go to Project Central and start from there.",
    action=HOME,
)
FORBIDDEN = v.ErrorView(
    status=403,
    title="Your role cannot do this",
    text="Your role, Team Member, cannot choose projects and modules. Nothing was changed.",
    fix="Ask someone with one of these roles: Owner, Super Admin, Admin with Billing, Admin.",
    action=HOME,
)
BROKEN = v.ErrorView(
    status=500,
    title="Something went wrong on our side",
    text="Your ticks are saved and nothing was charged.",
    fix="Try again in a minute. If it stays, write to us and quote the number below.",
    action=v.Link("Try again", v.paths.PROJECTS),
    request_id="req-7f3a91",
)
A = v.Area

#: name → (template, view, chrome)
PAGES: dict[str, tuple[str, Any, v.Chrome]] = {
    **{name: (template, view, chrome(A.MEMBERS)) for name, (template, view) in people.PEOPLE_PAGES.items()},
    **{name: (*page, chrome(A.MAPPING, clock=tools.STRIP)) for name, page in tools.TOOL_PAGES.items()},
    "invitation": (*people.INVITATION, stranger()),
    "landing": ("landing.html", v.LandingView(sign_in_url=v.paths.SIGN_IN, app_name="Smartapp Planner"), stranger()),
    "landing-problem": (
        "landing.html",
        v.LandingView(
            sign_in_url=v.paths.SIGN_IN, problem="You chose Deny in Procore. Nothing was read. Continue to try again."
        ),
        stranger(),
    ),
    "companies": (
        "companies.html",
        v.CompaniesView(
            choices=(
                v.CompanyChoice("1", "Kestrel Builders", "3 projects licensed"),
                v.CompanyChoice("2", "Harbor & Sons"),
            ),
            problem="Choose a company to go on.",
        ),
        chrome(company=None, areas=(A.HELP,)),
    ),
    "not-installed": (
        "not_installed.html",
        v.NotInstalledView(
            company_name="Kestrel Builders",
            listings=LISTINGS,
            company_id="1",
            is_company_admin=True,
            can_change_company=True,
        ),
        chrome(A.MAPPING),
    ),
    "loading": ("loading_projects.html", LOADING, chrome(A.MAPPING)),
    "loading-unknown": ("loading_projects.html", attrs.evolve(LOADING, total=None, slow=True), chrome(A.MAPPING)),
    "loading-failed": (
        "loading_projects.html",
        attrs.evolve(LOADING, problem="Procore does not answer. It may be down for a moment."),
        chrome(A.MAPPING),
    ),
    "projects": ("projects.html", projects(), chrome(A.MAPPING, toasts=(locked_toast(LOCKED_NAME),))),
    "projects-refused": ("projects.html", projects_refused(), chrome(A.MAPPING)),
    "projects-no-match": ("projects.html", projects_no_match(), chrome(A.MAPPING)),
    "projects-none": ("projects.html", projects_none(), chrome(A.MAPPING)),
    "projects-read-only": ("projects.html", projects(read_only=FORBIDDEN.fix), chrome(A.MAPPING)),
    "subscriptions": ("subscriptions.html", subscriptions(), chrome(A.MAPPING)),
    "subscriptions-canceled": ("subscriptions.html", subscriptions(banner=CANCELED, yearly=False), chrome(A.MAPPING)),
    "subscriptions-cannot-buy": ("subscriptions.html", subscriptions(cannot_buy=CANNOT_BUY), chrome(A.MAPPING)),
    "payment-waiting": ("payment_progress.html", WAITING, chrome(A.MAPPING)),
    "payment-received": ("payment_progress.html", RECEIVED, chrome(A.MAPPING)),
    "payment-attention": ("payment_progress.html", ATTENTION, chrome(A.MAPPING)),
    "payment-failed": ("payment_progress.html", FAILED, chrome(A.MAPPING)),
    "payment-canceled": (
        "payment_canceled.html",
        v.CanceledView(
            title="Nothing was charged",
            text="You left the pay page before paying. No project was created.",
            selection="4 projects, 3 Planner, 2 Safety, $24,900.00 a year",
            retry=v.Link("Try again", v.paths.SUBSCRIPTIONS),
            change=v.Link("Change projects", v.paths.PROJECTS),
        ),
        chrome(A.MAPPING),
    ),
    "central": ("project_central.html", central(), chrome(A.CENTRAL)),
    "central-success": (
        "project_central.html",
        central(success=SUCCESS),
        chrome(
            A.CENTRAL, toasts=(v.Toast("New project Sample Tower is created.", tone=v.Tone.OK, strong="Sample Tower"),)
        ),
    ),
    "central-empty": ("project_central.html", central(tiles=(), total=0, counts="0 projects"), chrome(A.CENTRAL)),
    "central-no-match": (
        "project_central.html",
        central(tiles=(), search=v.SearchView(action=v.paths.CENTRAL, query="zeppelin", clear_url=v.paths.CENTRAL)),
        chrome(A.CENTRAL),
    ),
    "add-project": (
        "add_project.html",
        v.AddProjectView(
            problem="A project needs a name. Type one.", map_link=v.Link("Map it instead", v.paths.PROJECTS)
        ),
        chrome(A.CENTRAL),
    ),
    "manage": ("manage_subscription.html", manage(), chrome(A.BILLING)),
    "manage-project": (
        "manage_subscription.html",
        manage(project=LICENSED[0], rename=v.Link("P.S. 26 ANNEX", v.paths.MANAGE)),
        chrome(A.BILLING),
    ),
    "manage-empty": (
        "manage_subscription.html",
        manage(projects=(), subscriptions=(), invoices=None, history=(), hidden_money=CANNOT_BUY),
        chrome(A.BILLING),
    ),
    "help": ("help.html", v.HelpView(), chrome(A.HELP)),
    "error-404": ("error.html", NOT_FOUND, chrome()),
    "error-403": ("error.html", FORBIDDEN, chrome()),
    "error-500": ("error.html", BROKEN, stranger()),
    "signed-out": ("signed_out.html", v.SignedOutView(sign_in_url=v.paths.SIGN_IN), stranger()),
    "expired": ("signed_out.html", v.SignedOutView(sign_in_url=v.paths.SIGN_IN, expired=True), stranger()),
}
