"""What surrounds every page: who is signed in, where they are, and what just happened."""

import enum

import attrs

from smartapp_http.views import paths


class Tone(enum.Enum):
    """How a message or state should feel. The value is the CSS suffix."""

    INFO = "info"
    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    MUTED = "muted"


class Area(enum.Enum):
    """The places of the main navigation: label, address, icon."""

    CENTRAL = ("Project Central", paths.CENTRAL, "layout-grid")
    MAPPING = ("Projects", paths.PROJECTS, "list-checks")
    BILLING = ("Subscriptions", paths.MANAGE, "receipt")
    MEMBERS = ("Members", paths.MEMBERS, "users")
    HELP = ("Help", paths.HELP, "circle-help")

    @property
    def label(self) -> str:
        return self.value[0]

    @property
    def url(self) -> str:
        return self.value[1]

    @property
    def icon(self) -> str:
        return self.value[2]


@attrs.frozen
class Link:
    """`new_tab` keeps our page open beside the one of somebody else; the link says so."""

    text: str
    url: str
    new_tab: bool = False


@attrs.frozen
class Chip:
    """A state in a word or three, never by color alone. `icon` names a symbol of static/icons.svg."""

    text: str
    tone: Tone = Tone.MUTED
    icon: str = ""


@attrs.frozen
class Toast:
    """
    One sentence about something that just happened or was refused.

    Attributes:
        message: The whole sentence, exactly as it should read.
        link: When its text occurs in the message, that part becomes the link; otherwise it follows the message.
        strong: The thing the message is about; printed bold where it occurs.
        tone: WARN and BAD are announced at once (`role="alert"`), the others when the reader pauses.

    """

    message: str
    link: Link | None = None
    strong: str = ""
    tone: Tone = Tone.INFO


@attrs.frozen
class Banner:
    """
    One problem or one piece of news at the top of a page: what, its effect, the next step.

    Attributes:
        post: A button that sends an empty form to its address.

    """

    title: str
    text: str
    tone: Tone = Tone.INFO
    link: Link | None = None
    post: Link | None = None


@attrs.frozen
class SignedIn:
    """The person behind the menu at the top right; `role` is its label, such as `Admin with Billing`."""

    name: str
    email: str
    role: str

    @property
    def initials(self) -> str:
        words = self.name.split() or ["?"]
        return "".join(word[0] for word in (words[0], *words[1:][-1:])).upper()


@attrs.frozen
class CurrentCompany:
    """The account's company; `can_change` when the person has another one."""

    name: str
    can_change: bool = False


@attrs.frozen
class ClockStrip:
    """
    The demo's clock, `partials/demo_clock.html`: shown to signed-in people where time can be moved.

    Attributes:
        today: "Nov 22, 2026".
        exact: "Nov 22, 2026, 2:30 AM UTC".
        first, last: Days one may go to, as in "2026-11-23".

    """

    today: str
    exact: str
    first: str
    last: str


@attrs.frozen(kw_only=True)
class Chrome:
    """
    Passed to every template as `chrome`.

    Attributes:
        csrf_token: Goes into the hidden field `_csrf_token` of each form and the header `x-csrftoken` of htmx.
        person: None when nobody is signed in; then there is no navigation.
        areas: What the person's role may open.
        clock: Set where the person may move time.
        answers_form: The page is the answer to a form, so its address cannot be opened again.

    """

    csrf_token: str
    support_email: str
    app_version: str
    person: SignedIn | None = None
    company: CurrentCompany | None = None
    area: Area | None = None
    areas: tuple[Area, ...] = tuple(Area)
    toasts: tuple[Toast, ...] = ()
    clock: ClockStrip | None = None
    answers_form: bool = False
