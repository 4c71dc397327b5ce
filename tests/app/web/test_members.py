"""The Members page: inviting, links, roles, handing over, removing, leaving."""

import re
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from tests.app.web.surfer import BASE, Surfer, field, words

from smartapp_domain.identity import Actor, Role
from smartapp_domain.ids import MemberId, PlatformCompanyId, PlatformUserId
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.workbench import Workbench
from smartapp_http.present.people import why_fixed

People = Callable[[str], Surfer]


@pytest.fixture
def colleague(anybody: Callable[[], Surfer], bench: Workbench, company: PlatformCompanyId) -> People:
    """Signs somebody of the company in, who is no admin over there."""

    def come(name: str) -> Surfer:
        surfer = anybody()
        surfer.sign_in(bench.employ(company, name))
        return surfer

    return come


def invite(owner: Surfer, email: str = "sam@example.com", role: Role = Role.ADMIN) -> str:
    """Invite somebody, and return the path of the link the page shows."""
    return link(owner.post("/members/invite", email=email, role=role.value))


def link(page: httpx.Response) -> str:
    found = re.search(rf'value="{BASE}(/invitation/[\w-]+)"', page.text)
    assert found is not None, words(page)
    return found.group(1)


def member_id(surfer: Surfer, name: str) -> str:
    return next(m["id"] for m in surfer.api("GET", "/members").json()["members"] if m["name"] == name)


def invitation_id(surfer: Surfer) -> str:
    return str(surfer.api("GET", "/invitations").json()["invitations"][0]["id"])


def join(surfer: Surfer, path: str, user_id: PlatformUserId) -> httpx.Response:
    """Follow the link of an invitation and sign in."""
    page = surfer.get(path)
    assert page.status_code == 200, words(page)
    sign_in = re.search(r'href="(/sign-in\?[^"]+)"', page.text)
    assert sign_in is not None
    answer = surfer.come_back(user_id, surfer.start_sign_in(sign_in.group(1)))
    surfer.bench.work()
    return surfer.follow(answer)


def test_the_list_says_who_is_here_as_what_and_since_when(owner: Surfer, colleague: People) -> None:
    colleague("luis")

    page = words(owner.get("/members"))

    assert "2 members" in page
    assert "Dana You dana@example.com Owner Mar 2, 2026 Just now" in page
    assert "Luis luis@example.com Team Member Mar 2, 2026 Just now" in page


def test_a_team_member_sees_the_list_and_nothing_to_press_but_their_own(owner: Surfer, colleague: People) -> None:
    invite(owner)
    luis = colleague("luis")

    page = luis.get("/members")

    assert "sam@example.com" not in page.text
    assert "/members/invite" not in page.text
    assert "/activity" not in page.text
    assert page.text.count('aria-label="Change ') == 1
    assert "Owner and Super Admin can change roles." in words(luis.get(f"/members/{member_id(luis, 'Dana')}"))


@pytest.mark.parametrize(
    ("actor", "role", "others", "why"),
    [
        (Role.ADMIN, Role.TEAM_MEMBER, (), "Owner and Super Admin can change roles."),
        (Role.SUPER_ADMIN, Role.OWNER, (), "Only somebody with the role Owner can change this one."),
        (Role.OWNER, Role.OWNER, (), "This account needs an Owner."),
        (Role.OWNER, Role.OWNER, (Role.OWNER,), ""),
        (Role.SUPER_ADMIN, Role.TEAM_MEMBER, (), ""),
    ],
)
def test_a_page_says_why_a_role_cannot_be_changed(actor: Role, role: Role, others: tuple[Role, ...], why: str) -> None:
    member = some.member(role=role)
    members = (member, *(some.member(f"m{number}", role=each) for number, each in enumerate(others)))

    said = why_fixed(Actor(member.account_id, MemberId("lee"), actor), member, members)

    assert said.startswith(why)
    assert bool(said) is bool(why)


def test_an_invited_person_joins_with_the_role_of_the_link(
    owner: Surfer, stranger: Surfer, bench: Workbench, company: PlatformCompanyId
) -> None:
    sam = bench.employ(company, "sam")
    path = invite(owner, role=Role.ADMIN_WITH_BILLING)

    page = stranger.get(path)
    landed = join(stranger, path, sam)

    assert "Join Company 77 Dana invited you" in words(page)
    assert "Your role Admin with Billing Sign in as sam@example.com" in words(page)
    assert stranger.api("GET", "/me").json()["account"]["role"] == "admin_with_billing"
    assert landed.status_code == 200
    assert "sam@example.com is invited already" not in words(owner.get("/members"))
    assert stranger.get(path).status_code == 404


def test_a_link_in_other_hands_lets_in_without_its_role_and_says_so(
    owner: Surfer, stranger: Surfer, bench: Workbench, company: PlatformCompanyId
) -> None:
    path = invite(owner)

    landed = join(stranger, path, bench.employ(company, "eve"))

    assert "The invitation is for sam@example.com, but you signed in as eve@example.com." in words(landed)
    assert stranger.api("GET", "/me").json()["account"]["role"] == "team_member"
    assert stranger.get(path).status_code == 200


def test_who_does_not_belong_to_the_company_is_told_where_to_ask(
    owner: Surfer, stranger: Surfer, bench: Workbench
) -> None:
    sam = bench.employ(bench.company("88", "Harbor"), "sam")

    page = join(stranger, invite(owner), sam)

    assert "You were invited to Company 77, but in Procore sam@example.com does not belong to it." in words(page)
    assert stranger.api("GET", "/me").json()["account"] is None


def test_of_several_companies_the_invited_one_is_entered_without_asking(
    owner: Surfer, stranger: Surfer, bench: Workbench, company: PlatformCompanyId
) -> None:
    sam = bench.employ(company, "sam")
    bench.world.join(sam, bench.company("88", "Harbor"), admin=True)

    join(stranger, invite(owner), sam)

    assert stranger.api("GET", "/me").json()["account"]["name"] == "Company 77"


@pytest.mark.parametrize("path", ["/invitation/unknown", f"/invitation/{'x' * 300}", "/invitation/%F0%9F%98%80"])
def test_an_unknown_link_is_told_like_one_that_is_over(stranger: Surfer, path: str) -> None:
    page = stranger.get(path)

    assert page.status_code == 404
    assert "This invitation link is not good any more" in words(page)


def test_a_link_ends_after_two_weeks_of_real_time(owner: Surfer, stranger: Surfer, bench: Workbench) -> None:
    path = invite(owner)
    bench.clock.move(timedelta(days=400))
    assert stranger.get(path).status_code == 200

    stranger.real.move(timedelta(days=14))

    assert stranger.get(path).status_code == 404


def test_the_secret_is_on_the_one_page_and_in_no_other(owner: Surfer) -> None:
    secret = invite(owner).rpartition("/")[2]

    assert secret not in owner.get("/members").text
    assert secret not in owner.api("GET", "/invitations").text
    assert secret not in owner.api("GET", "/activity").text


def test_a_new_link_ends_the_old_one(owner: Surfer, stranger: Surfer) -> None:
    old = invite(owner)

    new = link(owner.post(f"/members/invitations/{invitation_id(owner)}/renew", version="1"))

    assert stranger.get(old).status_code == 404
    assert stranger.get(new).status_code == 200


def test_revoking_ends_the_link_and_says_so(owner: Surfer, stranger: Surfer) -> None:
    path = invite(owner)

    page = owner.follow(owner.post(f"/members/invitations/{invitation_id(owner)}/revoke", version="1"))

    assert "The invitation of sam@example.com is revoked." in words(page)
    assert stranger.get(path).status_code == 404


@pytest.mark.parametrize(
    ("email", "says"),
    [("sam", "This is not an e-mail address."), ("dana@example.com", "Dana is a member already, as Owner.")],
)
def test_a_refused_invitation_keeps_what_was_typed(owner: Surfer, email: str, says: str) -> None:
    page = owner.post("/members/invite", email=email, role="super_admin")

    assert page.status_code in (409, 422)
    assert says in words(page)
    assert field(page, "email") == email if 'name="email" value=' in page.text else email in page.text
    assert re.search(r'value="super_admin"[^>]* checked', page.text)


@pytest.mark.parametrize("role", ["", "king"])
def test_a_role_nobody_offers_is_a_malformed_form(owner: Surfer, role: str) -> None:
    assert owner.post("/members/invite", email="sam@example.com", role=role).status_code == 400


def test_a_super_admin_is_offered_every_role_but_owner(owner: Surfer, give_role: Callable[[str, Role], None]) -> None:
    give_role("dana", Role.SUPER_ADMIN)

    form = owner.get("/members/invite")
    forced = owner.post("/members/invite", email="sam@example.com", role="owner")

    assert re.findall(r'name="role" value="(\w+)"', form.text) == [r.value for r in Role if r is not Role.OWNER]
    assert forced.status_code == 403
    assert "Owner may do more than your role, Super Admin" in words(forced)


def test_a_role_counts_from_the_next_click(owner: Surfer, colleague: People) -> None:
    luis = colleague("luis")
    assert luis.get("/projects").status_code == 403

    page = owner.follow(owner.post(f"/members/{member_id(owner, 'Luis')}/role", role="admin", version="1"))

    assert "Luis is Admin now." in words(page)
    assert luis.get("/projects").status_code == 200


def test_a_late_change_is_told_and_changes_nothing(owner: Surfer, colleague: People) -> None:
    luis = colleague("luis")
    id = member_id(owner, "Luis")
    owner.post(f"/members/{id}/role", role="admin", version="1")

    late = owner.post(f"/members/{id}/role", role="super_admin", version="1")

    assert late.status_code == 409
    assert "This was changed by somebody else meanwhile." in words(late)
    assert luis.api("GET", "/me").json()["account"]["role"] == "admin"


def test_the_last_owner_is_told_what_to_do_first(owner: Surfer) -> None:
    me = member_id(owner, "Dana")

    page, left = owner.get(f"/members/{me}"), owner.post("/members/leave")

    assert "Make somebody else Owner first" in words(page)
    assert left.status_code == 409
    assert "Dana is the last Owner." in words(left)
    assert owner.get("/central").status_code == 200


def test_ownership_is_handed_over_on_the_page(owner: Surfer, colleague: People) -> None:
    luis = colleague("luis")

    page = owner.follow(owner.post(f"/members/{member_id(owner, 'Luis')}/owner", version="1"))

    assert "Luis is Owner now, and you are Super Admin." in words(page)
    assert luis.api("GET", "/me").json()["account"]["role"] == "owner"
    assert owner.api("GET", "/me").json()["account"]["role"] == "super_admin"


def test_who_is_removed_is_out_at_once_and_does_not_come_back_alone(
    owner: Surfer, anybody: Callable[[], Surfer], bench: Workbench, company: PlatformCompanyId
) -> None:
    lee, user = anybody(), bench.employ(company, "lee", admin=True)
    lee.sign_in(user)
    assert lee.get("/projects").status_code == 200

    page = owner.follow(owner.post(f"/members/{member_id(owner, 'Lee')}/remove", version="1"))
    out = lee.get("/projects")
    again = lee.follow(lee.come_back(user, lee.start_sign_in()))

    assert "Lee is removed. Their sessions and tokens have ended." in words(page)
    assert out.status_code == 303
    assert again.status_code == 403
    assert "Your access was taken away: you are not a member of Company 77 in Smartapp any more." in words(again)
    assert "You work for several companies" not in words(again)
    assert "Continue" not in words(again)
    assert lee.api("GET", "/projects").status_code == 401
    back = join(lee, invite(owner, "lee@example.com", Role.TEAM_MEMBER), user)
    assert "Project Central" in words(back)


def test_somebody_may_leave(owner: Surfer, colleague: People) -> None:
    luis = colleague("luis")

    page = luis.follow(luis.post("/members/leave"))

    assert "You are signed out" in words(page)
    assert "1 member" in words(owner.get("/members"))


@pytest.mark.parametrize("path", ["/members/unknown", "/members/unknown/role", "/members/unknown/remove"])
def test_nobody_is_not_found(owner: Surfer, path: str) -> None:
    answer = owner.get(path) if path.endswith("unknown") else owner.post(path, role="admin")

    assert answer.status_code == 404


def test_many_members_are_paged(owner: Surfer, bench: Workbench) -> None:
    account = owner.api("GET", "/me").json()["account"]["id"]
    with bench.ports.transaction(account) as tx:
        for number in range(60):
            tx.members.put(some.member(f"m{number:02}", account, role=Role.TEAM_MEMBER), replacing=0)

    first, second = words(owner.get("/members")), words(owner.get("/members?page=2"))

    assert "61 members" in first
    assert "Page 1 of 2" in first
    assert "M59" in second
    assert words(owner.get("/members?page=99")) == second
