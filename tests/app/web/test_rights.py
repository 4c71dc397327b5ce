"""
The matrix role × route.

`EXPECTED` and `MAY` are written by hand, from docs/domain.md: a new route fails here until somebody says what it needs,
and a right that was given to another role by mistake fails, too. Each role is then sent through every door that needs
a right, with a session and, on the API, with an access token.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import httpx
import pytest
from tests.app.web.surfer import Surfer
from tests.app.web.test_access import DOORS, Door

from smartapp_domain.identity import RIGHTS, Right, Role
from smartapp_http.access import Access

#: These tests need the application as a demo has it, with a clock that pages can move.
WITH_CLOCK = True
R, A = Right, Access
EXPECTED: dict[str, Right | Access] = {
    "GET /": A.VISITOR,
    "GET /setup": A.VISITOR,
    "GET /sign-in": A.VISITOR,
    "GET /sign-in/callback": A.VISITOR,
    "GET /invitation/{secret:str}": A.VISITOR,
    "POST /sign-out": A.VISITOR,
    "GET /signed-out": A.VISITOR,
    "GET /help": A.VISITOR,
    "GET /companies": A.PERSON,
    "POST /companies": A.PERSON,
    "GET /switch-company": A.PERSON,
    "GET /projects": R.MAP_PROJECTS,
    "GET /projects/loading": R.MAP_PROJECTS,
    "GET /projects/refresh": R.MAP_PROJECTS,
    "POST /projects/refresh": R.MAP_PROJECTS,
    "POST /projects/ticks": R.MAP_PROJECTS,
    "POST /projects/ticks/page": R.MAP_PROJECTS,
    "POST /projects/targets": R.MAP_PROJECTS,
    "POST /projects/save": R.MAP_PROJECTS,
    "POST /projects/next": R.MAP_PROJECTS,
    "GET /subscriptions": R.MAP_PROJECTS,
    "POST /subscriptions/interval": R.MAP_PROJECTS,
    "POST /subscriptions/checkout": R.BUY,
    "GET /checkout/return": R.MAP_PROJECTS,
    "POST /checkout/give-up": R.BUY,
    "GET /checkout/canceled": R.MAP_PROJECTS,
    "GET /central": R.VIEW_PROJECTS,
    "GET /central/add": R.ADD_PROJECTS,
    "POST /central/add": R.ADD_PROJECTS,
    "POST /central/{project_id:str}/adopt-name": R.ADD_PROJECTS,
    "GET /central/{project_id:str}/subscription": R.VIEW_PROJECTS,
    "GET /manage-subscriptions": R.VIEW_BILLING,
    "POST /manage-subscriptions/card": R.BUY,
    "POST /central/{project_id:str}/renewal": R.BUY,
    "GET /members": R.VIEW_MEMBERS,
    "GET /members/{member_id:str}": R.VIEW_MEMBERS,
    "GET /members/invite": R.MANAGE_MEMBERS,
    "POST /members/invite": R.MANAGE_MEMBERS,
    "POST /members/invitations/{invitation_id:str}/renew": R.MANAGE_MEMBERS,
    "POST /members/invitations/{invitation_id:str}/revoke": R.MANAGE_MEMBERS,
    "POST /members/{member_id:str}/role": R.MANAGE_MEMBERS,
    "POST /members/{member_id:str}/remove": R.MANAGE_MEMBERS,
    "POST /members/{member_id:str}/owner": R.MANAGE_OWNERS,
    "POST /members/leave": R.MANAGE_OWN_ACCESS,
    "GET /activity": R.VIEW_ACTIVITY,
    "GET /account": R.MANAGE_OWN_ACCESS,
    "POST /account/tokens": R.MANAGE_OWN_ACCESS,
    "POST /account/tokens/{token_id:str}/revoke": R.MANAGE_OWN_ACCESS,
    "POST /account/sessions/{handle:str}/end": R.MANAGE_OWN_ACCESS,
    "POST /account/sign-out-everywhere": R.MANAGE_OWN_ACCESS,
    "GET /api/v1/me": A.PERSON,
    "GET /api/v1/accounts": A.PERSON,
    "GET /api/v1/members": R.VIEW_MEMBERS,
    "PUT /api/v1/members/{member_id:str}/role": R.MANAGE_MEMBERS,
    "POST /api/v1/members/{member_id:str}/ownership": R.MANAGE_OWNERS,
    "DELETE /api/v1/members/{member_id:str}": R.MANAGE_MEMBERS,
    "GET /api/v1/invitations": R.MANAGE_MEMBERS,
    "POST /api/v1/invitations": R.MANAGE_MEMBERS,
    "POST /api/v1/invitations/{invitation_id:str}/renewal": R.MANAGE_MEMBERS,
    "DELETE /api/v1/invitations/{invitation_id:str}": R.MANAGE_MEMBERS,
    "GET /api/v1/activity": R.VIEW_ACTIVITY,
    "GET /api/v1/projects": R.MAP_PROJECTS,
    "PUT /api/v1/ticks": R.MAP_PROJECTS,
    "PUT /api/v1/projects/{project_id:str}/target": R.MAP_PROJECTS,
    "GET /api/v1/review": R.MAP_PROJECTS,
    "POST /api/v1/projects/refresh": R.MAP_PROJECTS,
    "POST /api/v1/checkout": R.BUY,
    "GET /api/v1/orders/{order_id:str}": R.VIEW_BILLING,
    "GET /api/v1/central/projects": R.VIEW_PROJECTS,
    "POST /api/v1/central/projects": R.ADD_PROJECTS,
    "PUT /api/v1/central/projects/{project_id:str}/platform-name": R.ADD_PROJECTS,
    "GET /api/v1/central/projects/{project_id:str}/billing": R.VIEW_PROJECTS,
    "GET /api/v1/offer": R.MAP_PROJECTS,
    "GET /projects/paste": R.MAP_PROJECTS,
    "POST /api/v1/orders/{order_id:str}/give-up": R.BUY,
    "POST /api/v1/projects/paste": R.MAP_PROJECTS,
    "POST /api/v1/projects/paste/preview": R.MAP_PROJECTS,
    "POST /projects/paste": R.MAP_PROJECTS,
    "POST /projects/paste/apply": R.MAP_PROJECTS,
    "PUT /api/v1/central/projects/{project_id:str}/renewal": R.BUY,
    "GET /demo-clock": R.VIEW_PROJECTS,
    "GET /demo-clock/news": R.VIEW_PROJECTS,
    "POST /demo-clock": R.VIEW_PROJECTS,
    "GET /healthz": A.OPEN,
    "POST /webhooks/stripe": A.OPEN,
    "GET /schema": A.OPEN,
    "GET /schema/openapi.json": A.OPEN,
    "GET /schema/{path:str}": A.OPEN,
    "GET /static/{file_path:path}": A.OPEN,
    "HEAD /static/{file_path:path}": A.OPEN,
}
Owner, Super, Billing = Role.OWNER, Role.SUPER_ADMIN, Role.ADMIN_WITH_BILLING
Admin, Manager, Member = Role.ADMIN, Role.COMPANY_MANAGER, Role.TEAM_MEMBER
#: Who has each right (docs/domain.md L-20, L-23 and "Who may do what").
MAY: dict[Right, set[Role]] = {
    R.VIEW_PROJECTS: {Owner, Super, Billing, Admin, Manager, Member},
    R.MAP_PROJECTS: {Owner, Super, Billing, Admin},
    R.ADD_PROJECTS: {Owner, Super, Billing, Admin},
    R.VIEW_BILLING: {Owner, Super, Billing},
    R.BUY: {Owner, Super, Billing},
    R.MANAGE_OWN_ACCESS: {Owner, Super, Billing, Admin, Manager, Member},
    R.VIEW_MEMBERS: {Owner, Super, Billing, Admin, Manager, Member},
    R.MANAGE_MEMBERS: {Owner, Super},
    R.MANAGE_OWNERS: {Owner},
    R.VIEW_ACTIVITY: {Owner, Super},
}
#: Doors that would end the visit: they are tried last.
LAST = {"/account/sign-out-everywhere", "/members/leave"}


def _name(door: Door) -> str:
    return f"{door.method} {door.path}"


def _guarded() -> list[Door]:
    found = [door for door in DOORS if isinstance(door.needed, Right)]
    return sorted(found, key=lambda door: (door.path in LAST, door.path == "/members/leave"))


def test_the_listing_and_the_route_table_are_the_same() -> None:
    there = {_name(door): door.needed for door in DOORS}

    assert there == EXPECTED


def test_each_role_has_exactly_the_rights_of_the_matrix() -> None:
    assert {right: {role for role in Role if right in RIGHTS[role]} for right in Right} == MAY


def _may(door: Door, *roles: Role) -> bool:
    """Tell whether all these roles have the right that a door needs."""
    assert isinstance(door.needed, Right)
    return MAY[door.needed].issuperset(roles)


def _refused(answer: httpx.Response) -> bool:
    """Tell whether the role was the reason; a fresh token may be refused for much else behind the door."""
    if answer.status_code != 403:
        return False
    return "cannot " in answer.text and ("Your role" in answer.text or "acts as" in answer.text)


@pytest.mark.parametrize("role", Role)
def test_each_role_gets_through_exactly_the_doors_of_its_rights(
    owner: Surfer, give_role: Callable[[str, Role], None], role: Role
) -> None:
    give_role("dana", role)
    headers = {"x-csrftoken": owner.token()}

    for door in _guarded():
        answer = owner.client.request(door.method, door.url, headers=headers, follow_redirects=False)
        assert answer.status_code != 401, _name(door)
        assert _refused(answer) is not _may(door, role), _name(door)


@attrs.frozen
class Program:
    """A client with an access token and nothing else."""

    surfer: Surfer
    secret: str

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.secret}"}
        return self.surfer.client.request(method, path, headers=headers, **more)


@pytest.fixture
def program(owner: Surfer, anybody: Callable[[], Surfer]) -> Callable[[Role], Program]:
    def make(role: Role) -> Program:
        page = owner.post("/account/tokens", name=f"As {role.label}", role=role.value, days="30")
        found = re.search(r'value="(sac_[\w-]{43})"', page.text)
        assert found is not None, page.text
        return Program(anybody(), found.group(1))

    return make


def _api_doors() -> Iterator[Door]:
    return (door for door in _guarded() if door.path.startswith("/api/"))


@pytest.mark.parametrize("role", Role)
def test_a_token_gets_through_exactly_the_doors_of_its_role(program: Callable[[Role], Program], role: Role) -> None:
    as_role = program(role)

    for door in _api_doors():
        answer = as_role.request(door.method, door.url)
        assert answer.status_code != 401, _name(door)
        assert _refused(answer) is not _may(door, role), _name(door)


@pytest.mark.parametrize(("token", "member"), [(Role.OWNER, Role.TEAM_MEMBER), (Role.ADMIN, Role.SUPER_ADMIN)])
def test_a_token_is_never_stronger_than_its_member_is_now(
    program: Callable[[Role], Program], give_role: Callable[[str, Role], None], token: Role, member: Role
) -> None:
    as_token = program(token)
    give_role("dana", member)

    for door in _api_doors():
        answer = as_token.request(door.method, door.url)
        assert _refused(answer) is not _may(door, token, member), _name(door)


def test_a_token_opens_no_page(program: Callable[[Role], Program]) -> None:
    as_owner = program(Role.OWNER)

    for door in _guarded():
        if not door.path.startswith("/api/"):
            answer = as_owner.request(door.method, door.url, follow_redirects=False)
            assert answer.status_code in (303, 403), _name(door)
            assert answer.headers.get("location", "/setup").startswith("/setup"), _name(door)
