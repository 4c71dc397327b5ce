"""
What each name a client may send stands for. The tests beside ask about all of them, so a new one needs a line here.

A kind is a key of `Company.ids`; None says that the name stands for nothing an account owns.
"""

from collections.abc import Mapping
from typing import Any, Final

import attrs

#: Parameters of the API by operation and name, in the path, the query or the body.
NAMED: Final[Mapping[tuple[str, str], str | None]] = {
    ("GET /api/v1/projects", "part"): None,
    ("GET /api/v1/projects", "sort"): None,
    ("GET /api/v1/projects", "q"): "name",
    ("PUT /api/v1/ticks", "project"): "platform project",
    ("PUT /api/v1/ticks", "product"): None,
    ("PUT /api/v1/ticks", "on"): None,
    ("POST /api/v1/projects/paste", "text"): "name",
    ("POST /api/v1/projects/paste", "products"): None,
    ("POST /api/v1/projects/paste", "choices"): "platform project",
    ("POST /api/v1/projects/paste/preview", "text"): "name",
    ("POST /api/v1/projects/paste/preview", "products"): None,
    ("POST /api/v1/projects/paste/preview", "choices"): "platform project",
    ("PUT /api/v1/projects/{project_id}/target", "project_id"): "platform project",
    ("PUT /api/v1/projects/{project_id}/target", "smartapp_project"): "project",
    ("POST /api/v1/checkout", "interval"): None,
    ("POST /api/v1/checkout", "fingerprint"): None,
    ("POST /api/v1/checkout", "prorated_at"): None,
    ("GET /api/v1/offer", "interval"): None,
    ("GET /api/v1/orders/{order_id}", "order_id"): "order",
    ("POST /api/v1/orders/{order_id}/give-up", "order_id"): "order",
    ("GET /api/v1/central/projects", "q"): "own name",
    ("POST /api/v1/central/projects", "name"): None,
    ("PUT /api/v1/central/projects/{project_id}/platform-name", "project_id"): "project",
    ("GET /api/v1/central/projects/{project_id}/billing", "project_id"): "project",
    ("PUT /api/v1/central/projects/{project_id}/renewal", "project_id"): "project",
    ("PUT /api/v1/central/projects/{project_id}/renewal", "modules"): None,
    ("PUT /api/v1/central/projects/{project_id}/renewal", "renews"): None,
    ("PUT /api/v1/members/{member_id}/role", "member_id"): "member",
    ("PUT /api/v1/members/{member_id}/role", "role"): None,
    ("PUT /api/v1/members/{member_id}/role", "version"): None,
    ("POST /api/v1/members/{member_id}/ownership", "member_id"): "member",
    ("DELETE /api/v1/members/{member_id}", "member_id"): "member",
    ("GET /api/v1/activity", "kind"): None,
    ("GET /api/v1/activity", "member"): "member",
    ("POST /api/v1/invitations", "email"): None,
    ("POST /api/v1/invitations", "role"): None,
    ("POST /api/v1/invitations/{invitation_id}/renewal", "invitation_id"): "invitation",
    ("DELETE /api/v1/invitations/{invitation_id}", "invitation_id"): "invitation",
}
#: On every list; a cursor is signed for its account, and `test_paging.py` asks about those of others.
EVERYWHERE: Final = {"limit", "cursor", "Idempotency-Key"}

#: Bodies of the API that are whole but for what `{kind}` stands for; `<kind>` is one's own.
BODIES: Final[Mapping[str, tuple[Any, ...]]] = {
    "PUT /api/v1/ticks": ({"ticks": [{"project": "{platform project}", "on": True}]},),
    "POST /api/v1/projects/paste": (
        {"text": "{name}", "products": ["planner"]},
        {"text": "{number}", "products": ["planner"]},
        {"text": "FLUSHING HS", "products": ["planner"], "choices": {"1": "{platform project}"}},
    ),
    "POST /api/v1/projects/paste/preview": (
        {"text": "{name}", "products": ["planner"]},
        {"text": "FLUSHING HS", "products": ["planner"], "choices": {"1": "{platform project}"}},
    ),
    "PUT /api/v1/projects/{project_id}/target": ({"smartapp_project": None}, {"smartapp_project": "{project}"}),
    "PUT /api/v1/central/projects/{project_id}/renewal": ({"renews": False}, {"renews": True, "modules": ["planner"]}),
    "PUT /api/v1/members/{member_id}/role": ({"role": "admin"},),
}


@attrs.frozen
class Form:
    """
    What a page's route is sent: in the address for GET, as a form for POST.

    `{kind}` stands for an id that is somebody else's or nobody's, `<kind>` for one's own; so in the path.
    """

    path: str
    fields: Mapping[str, str] = attrs.field(factory=dict)


_ROW: Final = {"shown": "{platform project}", "project": "{platform project}", "planner": "{platform project}"}
#: Routes of the pages whose path, query or form names something.
FORMS: Final[Mapping[str, tuple[Form, ...]]] = {
    "GET /companies": (Form("/companies", {"company": "{company}"}),),
    "POST /companies": (Form("/companies", {"company": "{company}"}),),
    "GET /projects": (Form("/projects", {"q": "{name}"}), Form("/projects", {"missing": "{platform project}"})),
    "POST /projects/ticks": (
        Form("/projects/ticks", {"project": "{platform project}", "product": "", "on": "1"}),
        Form("/projects/ticks", {"project": "{platform project}", "product": "safety", "on": "0"}),
    ),
    "POST /projects/targets": (
        Form("/projects/targets", {"project": "{platform project}", "target": ""}),
        Form("/projects/targets", {"project": "<platform project>", "target": "{project}"}),
    ),
    "POST /projects/ticks/page": (Form("/projects/ticks/page", {"project": "{platform project}", "on": "1"}),),
    "POST /projects/save": (
        Form("/projects/save", _ROW),
        Form("/projects/save", {"shown": "<ticked>", "project": "<ticked>", "target-<ticked>": "{project}"}),
    ),
    "POST /projects/next": (Form("/projects/next", {"whole_page": "1", **_ROW}),),
    "POST /projects/paste": (Form("/projects/paste", {"text": "{name}", "product": "planner"}),),
    "POST /projects/paste/apply": (
        Form("/projects/paste/apply", {"text": "{name}", "product": "planner"}),
        Form(
            "/projects/paste/apply",
            {"text": "FLUSHING HS", "product": "planner", "line-1": "{platform project}"},
        ),
    ),
    "GET /checkout/return": (
        Form("/checkout/return", {"cs": "{checkout}"}),
        Form("/checkout/return", {"order": "{order}"}),
    ),
    "POST /checkout/give-up": (Form("/checkout/give-up", {"order": "{order}"}),),
    "GET /central": (Form("/central", {"done": "{order}"}), Form("/central", {"q": "{own name}"})),
    "POST /central/{project_id}/adopt-name": (Form("/central/{project}/adopt-name"),),
    "GET /central/{project_id}/subscription": (Form("/central/{project}/subscription"),),
    "POST /central/{project_id}/renewal": (
        Form("/central/{project}/renewal", {"module": "planner", "renews": "0"}),
        Form("/central/{project}/renewal", {"module": "planner", "renews": "1"}),
    ),
    "GET /members/{member_id}": (Form("/members/{member}"),),
    "POST /members/{member_id}/role": (Form("/members/{member}/role", {"role": "admin"}),),
    "POST /members/{member_id}/owner": (Form("/members/{member}/owner"),),
    "POST /members/{member_id}/remove": (Form("/members/{member}/remove"),),
    "POST /members/invitations/{invitation_id}/renew": (Form("/members/invitations/{invitation}/renew"),),
    "POST /members/invitations/{invitation_id}/revoke": (Form("/members/invitations/{invitation}/revoke"),),
    "GET /activity": (Form("/activity", {"member": "{member}"}),),
    "POST /account/tokens/{token_id}/revoke": (Form("/account/tokens/{token}/revoke"),),
    "POST /account/sessions/{handle}/end": (Form("/account/sessions/{session}/end"),),
}
#: Routes of the pages that are sent nothing an account owns. The secret of an invitation is no id: it is the permission
#: itself, and shows the company's name to whoever was given it.
NAMELESS: Final = frozenset(
    {
        "GET /",
        "GET /setup",
        "GET /invitation/{secret}",
        "GET /sign-in",
        "GET /sign-in/callback",
        "GET /switch-company",
        "POST /sign-out",
        "GET /signed-out",
        "GET /projects/loading",
        "GET /projects/refresh",
        "POST /projects/refresh",
        "GET /projects/paste",
        "GET /subscriptions",
        "POST /subscriptions/interval",
        "POST /subscriptions/checkout",
        "GET /checkout/canceled",
        "GET /central/add",
        "POST /central/add",
        "GET /manage-subscriptions",
        "POST /manage-subscriptions/card",
        "GET /members",
        "GET /members/invite",
        "POST /members/invite",
        "POST /members/leave",
        "GET /account",
        "POST /account/tokens",
        "POST /account/sign-out-everywhere",
        "GET /help",
        "GET /healthz",
        "POST /webhooks/stripe",
        "GET /static/{file_path}",
        "HEAD /static/{file_path}",
        "GET /schema",
        "GET /schema/{path}",
        "GET /schema/openapi.json",
    }
)
#: Names the pages' handlers read that stand for nothing an account owns. A cursor of the trail, `after`, holds a moment
#: and an id, and is looked up in one's own account only.
MEANINGLESS: Final = frozenset(
    {
        *(
            "after",
            "app",
            "back",
            "by",
            "canceled",
            "card",
            "check",
            "code",
            "date",
            "days",
            "email",
            "error",
            "filter",
        ),
        *("fingerprint", "interval", "invitation", "kind", "look", "lpage", "module", "name", "next", "note", "on"),
        *("page", "product", "prorated_at", "renews", "role", "select_all", "since", "sort", "state", "tokens"),
        *("version", "whole_page"),
    }
)
