"""Samples of the pages about people: members, invitations, one's own access, activity."""

from typing import Any

import attrs

from smartapp_domain.identity import Role
from smartapp_http import views as v
from smartapp_http.present.people import ROLE_NOTES

OPEN = v.Chip("Open for 13 more days", v.Tone.INFO, "clock")
ROLES = tuple(
    v.RoleChoice(value=role.value, label=role.label, note=ROLE_NOTES[role], checked=role is Role.ADMIN) for role in Role
)
DANA = v.MemberRow(
    name="Dana Whitfield",
    email="dana.whitfield@kestrel.example",
    role="Owner",
    joined="Nov 22, 2026",
    seen="Just now",
    url="/members/1",
    is_me=True,
)
LUIS = v.MemberRow(
    name="Luis <b>Ortega",
    email="luis.ortega+procore@a-rather-long-subdomain.kestrel.example",
    role="Team Member",
    joined="Nov 22, 2026",
    seen="Never",
    url="/members/2",
)
INVITED = v.InvitationRow(
    email="sam@kestrel.example",
    role="Admin",
    by="Dana Whitfield",
    chip=OPEN,
    version=2,
    renew="/members/invitations/1/renew",
    revoke="/members/invitations/1/revoke",
)
OVER = attrs.evolve(
    INVITED, email="zoe@kestrel.example", chip=v.Chip("Not valid, renew it", v.Tone.WARN, "triangle-alert"), renew=None
)
LINK = v.Shown(
    title="sam@kestrel.example is invited",
    text="Send them this link; we send no mail, and it is shown only now.",
    label="Invitation link",
    value="https://connect.example.com/invitation/8XHcFuYfo3_4HsEvcyFBoKeOWHTvVbLpEiB1lHnc4Xg",
)
MEMBERS = v.MembersView(
    count="2 members",
    rows=(DANA, LUIS),
    invitations=(INVITED, OVER),
    invite_url=v.paths.INVITE,
    activity_url=v.paths.ACTIVITY,
    who_manages="Owner and Super Admin",
)
MEMBER = v.MemberView(
    member=LUIS,
    version=3,
    company="Kestrel Builders",
    roles=ROLES,
    role_url="/members/2/role",
    owner_url="/members/2/owner",
    remove_url="/members/2/remove",
)
MYSELF = v.MemberView(
    member=DANA,
    version=1,
    company="Kestrel Builders",
    fixed="This account needs an Owner.",
    cannot_remove="The last Owner cannot leave. Make somebody else Owner first.",
)
ACCOUNT = v.AccountView(
    sessions=(
        v.SessionRow(device="Chrome on Windows", where="Kestrel Builders", started="Nov 22, 2026", seen="This browser"),
        v.SessionRow(
            device="Safari on iPhone",
            where="Kestrel Builders",
            started="Nov 21, 2026",
            seen="3 hours ago",
            end_url="/account/sessions/ab12/end",
        ),
    ),
    tokens=(
        v.TokenRow(
            name="Nightly report",
            hint="Xy9z",
            role="Admin",
            used="8 minutes ago",
            chip=v.Chip("Until Feb 20, 2027", v.Tone.OK, "clock"),
            revoke_url="/account/tokens/1/revoke",
        ),
    ),
    roles=ROLES,
    lifetimes=((30, "30 days", False), (90, "90 days", True), (365, "365 days", False)),
    company="Kestrel Builders",
    api_url="https://connect.example.com/api/v1",
)
ACTIVITY = v.ActivityView(
    rows=(
        v.EntryRow(
            when="just now",
            exact="Nov 22, 2026, 14:05 UTC",
            who="Dana Whitfield",
            what="changed the role of Luis Ortega from Team Member to Admin",
            icon="users",
        ),
        v.EntryRow(
            when="8 minutes ago",
            exact="Nov 22, 2026, 13:57 UTC",
            who="Priya Nair",
            what="licensed 2 projects",
            icon="receipt",
            via="carried out by Smartapp",
            details=("Projects: TOTTENVILLE HS - STATEN ISLAND (Planner, Safety), P.S. 26 - QUEENS (Planner)",),
        ),
    ),
    kinds=(v.Link("All", v.paths.ACTIVITY), v.Link("People", f"{v.paths.ACTIVITY}?kind=people")),
    current=v.paths.ACTIVITY,
    people=(("", "Everybody", True), ("1", "Dana Whitfield", False)),
    older=f"{v.paths.ACTIVITY}?after=abc",
)

Page = tuple[str, Any]
PEOPLE_PAGES: dict[str, Page] = {
    "members": ("members.html", MEMBERS),
    "members-invited": ("members.html", attrs.evolve(MEMBERS, shown=LINK)),
    "members-look": ("members.html", attrs.evolve(MEMBERS, invitations=None, invite_url=None, activity_url=None)),
    "invite": ("invite.html", v.InviteView(roles=ROLES, days=14)),
    "invite-refused": (
        "invite.html",
        v.InviteView(roles=ROLES, days=14, email="sam@", problem="This is not an e-mail address."),
    ),
    "member": ("member.html", MEMBER),
    "member-me": ("member.html", MYSELF),
    "member-leaves": ("member.html", attrs.evolve(MYSELF, leave_url=v.paths.LEAVE, cannot_remove="")),
    "account": ("account.html", ACCOUNT),
    "account-token": ("account.html", attrs.evolve(ACCOUNT, shown=attrs.evolve(LINK, value="sac_8XHcFuYfo3"))),
    "account-refused": ("account.html", attrs.evolve(ACCOUNT, tokens=(), problem="The token needs a name.")),
    "activity": ("activity.html", ACTIVITY),
    "activity-none": ("activity.html", attrs.evolve(ACTIVITY, rows=(), older=None, narrowed=True)),
}
#: For somebody who is not signed in.
INVITATION: Page = (
    "invitation.html",
    v.InvitationView(
        company="Kestrel Builders",
        inviter="Dana Whitfield",
        role="Admin",
        role_note=ROLE_NOTES[Role.ADMIN],
        email="sam@kestrel.example",
        expires="Dec 6, 2026",
        sign_in_url="/sign-in?invitation=8XHc",
    ),
)
