"""Inviting, joining by a link, changing roles, handing over, removing, coming back; tokens and sessions that end."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

import attrs
import pytest

from smartapp_domain.access_tokens import LIFETIMES, AccessToken
from smartapp_domain.decisions import Reason, Refused
from smartapp_domain.identity import Actor, Person, Role
from smartapp_domain.ids import AccountId, InvitationId, MemberId, PlatformCompanyId, PlatformUserId, TokenId
from smartapp_domain.invitations import Followed, Invitation
from smartapp_domain.membership import MemberRemoved
from smartapp_domain.ports.storage import (
    OPERATOR,
    NotFound,
    Reading,
    Scope,
    Stale,
    Storage,
    StorageUnavailable,
    Transaction,
)
from smartapp_domain.secret import hashed
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.invite_people import (
    AboutInvitation,
    Invite,
    Invited,
    invitation_behind,
    invite,
    pending_invitations,
    renew_invitation,
    revoke_invitation,
)
from smartapp_domain.use_cases.join_account import Entered
from smartapp_domain.use_cases.manage_members import About, change_role, remove_member, transfer_ownership
from smartapp_domain.use_cases.own_access import (
    CreateToken,
    SignedOut,
    create_token,
    revoke_token,
    sign_out_everywhere,
)
from tests.unit.use_cases.journey import refused

NOON = some.NOON
DAY = timedelta(days=1)
SECRET = "a secret nobody guesses"


@attrs.frozen
class Team:
    bench: Workbench
    company: PlatformCompanyId
    dana: Actor
    lee: Actor

    def arrive(self, who: str, followed: Followed | None = None) -> Entered | Refused:
        entered = self.bench.arrive(PlatformUserId(who), self.company, followed=followed)
        assert isinstance(entered, Entered | Refused), entered
        return entered

    def invited(self, role: Role = Role.SUPER_ADMIN, by: Actor | None = None) -> Invitation:
        made = invite(Invite(by or self.dana, "Sam@example.com", role, SECRET, NOON), self.bench.ports)
        assert isinstance(made, Invitation), made
        return made

    def role(self, actor: Actor) -> Role:
        with self.bench.ports.reading(actor.account_id) as reading:
            return reading.members.get(actor.member_id).role

    def person(self, actor: Actor) -> Person:
        with self.bench.ports.reading(actor.account_id) as reading:
            id = reading.members.get(actor.member_id).person_id
        with self.bench.ports.reading(OPERATOR) as reading:
            return reading.people.get(id)

    def token(self, actor: Actor, secret: str = "sac_secret", role: Role = Role.TEAM_MEMBER) -> AccessToken:
        made = create_token(CreateToken(actor, "CI", role, LIFETIMES[0], secret, NOON), self.bench.ports)
        assert isinstance(made, AccessToken), made
        return made


@pytest.fixture
def team(bench: Workbench) -> Team:
    company = bench.company("77", "TOWER")
    dana, lee = (bench.sign_in(bench.employ(company, name, admin=True), company) for name in ("dana", "lee"))
    bench.employ(company, "sam")
    return Team(bench, company, dana, lee)


def follows(at: timedelta = timedelta(0), secret: str = SECRET) -> Followed:
    return Followed(hashed(secret), NOON + at)


def test_somebody_joins_by_the_link_with_the_role_it_names(team: Team) -> None:
    team.invited()

    entered = team.arrive("sam", follows())

    assert isinstance(entered, Entered)
    assert (entered.member.role, entered.not_invited) == (Role.SUPER_ADMIN, None)
    assert pending_invitations(team.dana, team.bench.ports, at=NOON) == ()


def test_without_the_link_the_address_alone_gives_nothing(team: Team) -> None:
    team.invited()

    entered = team.arrive("sam")

    assert isinstance(entered, Entered)
    assert entered.member.role is Role.TEAM_MEMBER


def test_the_link_in_other_hands_gives_nothing_and_stays_good(team: Team) -> None:
    team.invited()
    team.bench.employ(team.company, "eve")

    eve = team.arrive("eve", follows())
    sam = team.arrive("sam", follows())

    assert isinstance(eve, Entered)
    assert isinstance(sam, Entered)
    assert eve.member.role is Role.TEAM_MEMBER
    assert eve.not_invited is not None
    assert eve.not_invited.reason is Reason.INVITATION_FOR_ANOTHER
    assert sam.member.role is Role.SUPER_ADMIN


def test_a_link_counts_once(team: Team) -> None:
    team.invited()
    team.arrive("sam", follows())
    sam = team.arrive("sam", follows())
    assert isinstance(sam, Entered)
    actor = Actor(sam.account.id, sam.member.id, sam.member.role)
    change_role(About(team.dana, actor.member_id), Role.TEAM_MEMBER, team.bench.ports)

    again = team.arrive("sam", follows())

    assert isinstance(again, Entered)
    assert again.member.role is Role.TEAM_MEMBER
    assert isinstance(invitation_behind(SECRET, team.bench.ports, at=NOON), Refused)


def test_a_link_raises_a_member_and_never_lowers_one(team: Team) -> None:
    team.arrive("sam")
    with team.bench.ports.transaction(team.dana.account_id) as tx:
        tx.invitations.put(
            some.invitation("sam", team.dana.account_id, role=Role.ADMIN, invited_by=team.dana.member_id), replacing=0
        )
        tx.invitations.put(
            some.invitation("dana", team.dana.account_id, role=Role.TEAM_MEMBER, invited_by=team.dana.member_id),
            replacing=0,
        )

    sam = team.arrive("sam", Followed("hash of sam", NOON))
    dana = team.arrive("dana", Followed("hash of dana", NOON))

    assert isinstance(sam, Entered)
    assert isinstance(dana, Entered)
    assert (sam.member.role, dana.member.role) == (Role.ADMIN, Role.OWNER)


def test_an_expired_link_gives_nothing(team: Team) -> None:
    team.invited()

    entered = team.arrive("sam", follows(at=14 * DAY))

    assert isinstance(entered, Entered)
    assert entered.member.role is Role.TEAM_MEMBER
    assert entered.not_invited is not None
    assert isinstance(invitation_behind(SECRET, team.bench.ports, at=NOON + 14 * DAY), Refused)


def test_a_link_ends_when_its_sender_may_not_give_the_role_any_more(team: Team) -> None:
    change_role(About(team.dana, team.lee.member_id), Role.SUPER_ADMIN, team.bench.ports)
    team.invited(by=attrs.evolve(team.lee, role=Role.SUPER_ADMIN))
    assert isinstance(invitation_behind(SECRET, team.bench.ports, at=NOON), Invited)

    change_role(About(team.dana, team.lee.member_id), Role.ADMIN, team.bench.ports)

    assert isinstance(invitation_behind(SECRET, team.bench.ports, at=NOON), Refused)
    entered = team.arrive("sam", follows())
    assert isinstance(entered, Entered)
    assert entered.member.role is Role.TEAM_MEMBER


def test_renewing_ends_the_old_link_and_makes_it_ones_own(team: Team) -> None:
    invitation = team.invited()

    renewed = renew_invitation(
        AboutInvitation(team.dana, invitation.id, invitation.version), "other", team.bench.ports, at=NOON + DAY
    )

    assert isinstance(renewed, Invitation)
    assert renewed.expires_at == NOON + 15 * DAY
    assert isinstance(invitation_behind(SECRET, team.bench.ports, at=NOON), Refused)
    assert isinstance(invitation_behind("other", team.bench.ports, at=NOON), Invited)


def test_a_revoked_link_leads_nowhere_and_a_late_revocation_is_told(team: Team) -> None:
    invitation = team.invited()
    renew_invitation(AboutInvitation(team.dana, invitation.id), "other", team.bench.ports, at=NOON)

    with pytest.raises(Stale):
        revoke_invitation(AboutInvitation(team.dana, invitation.id, version=1), team.bench.ports)
    revoke_invitation(AboutInvitation(team.dana, invitation.id, version=2), team.bench.ports)

    assert isinstance(invitation_behind("other", team.bench.ports, at=NOON), Refused)
    with pytest.raises(NotFound):
        revoke_invitation(AboutInvitation(team.dana, invitation.id), team.bench.ports)


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        ("LEE@example.com", Reason.MEMBER_ALREADY),
        ("sam@EXAMPLE.com", Reason.INVITED_ALREADY),
        ("nobody", Reason.EMAIL_INVALID),
    ],
)
def test_who_is_here_or_invited_already_is_not_invited_again(team: Team, email: str, reason: Reason) -> None:
    team.invited()

    assert refused(invite(Invite(team.dana, email, Role.ADMIN, "x", NOON), team.bench.ports)).reason is reason


def test_nobody_invites_above_themselves(team: Team) -> None:
    change_role(About(team.dana, team.lee.member_id), Role.SUPER_ADMIN, team.bench.ports)
    lee = attrs.evolve(team.lee, role=Role.SUPER_ADMIN)

    decision = invite(Invite(lee, "sam@example.com", Role.OWNER, SECRET, NOON), team.bench.ports)

    assert refused(decision).reason is Reason.ROLE_ABOVE_OWN


def test_who_was_removed_comes_back_by_invitation_only(team: Team) -> None:
    remove_member(About(team.dana, team.lee.member_id), team.bench.ports)

    told = team.arrive("lee")
    invite(Invite(team.dana, "lee@example.com", Role.TEAM_MEMBER, SECRET, NOON), team.bench.ports)
    still_out = team.arrive("lee")
    back = team.arrive("lee", follows())

    assert refused(told).reason is refused(still_out).reason is Reason.REMOVED
    assert isinstance(back, Entered)
    assert (back.member.id, back.member.role) == (team.lee.member_id, Role.TEAM_MEMBER)


def test_who_was_removed_and_follows_a_link_for_another_is_told_so(team: Team) -> None:
    team.invited()
    remove_member(About(team.dana, team.lee.member_id), team.bench.ports)

    assert refused(team.arrive("lee", follows())).reason is Reason.INVITATION_FOR_ANOTHER


def test_a_removed_members_tokens_and_sessions_end(team: Team) -> None:
    team.token(team.lee)
    lee = team.person(team.lee)
    with team.bench.ports.transaction(OPERATOR) as tx:
        tx.sessions.put(some.session("here", person_id=lee.id, account_id=team.lee.account_id))
        tx.sessions.put(some.session("elsewhere", person_id=lee.id))

    remove_member(About(team.dana, team.lee.member_id), team.bench.ports)

    with team.bench.ports.reading(OPERATOR) as reading:
        assert [each.id for each in reading.sessions.of_person(lee.id)] == ["elsewhere"]
        assert reading.accounts.of_token(hashed("sac_secret")) is None
    with team.bench.ports.reading(team.lee.account_id) as reading:
        assert reading.access_tokens.of_member(team.lee.member_id) == ()


@attrs.define
class NoSweeping:
    """A storage that is too busy for sessions, and stores everything else."""

    real: Storage

    def reading(self, scope: Scope) -> AbstractContextManager[Reading]:
        return self.real.reading(scope)

    @contextmanager
    def transaction(self, scope: Scope) -> Iterator[Transaction]:
        if scope is OPERATOR:
            raise StorageUnavailable("Too busy.")
        with self.real.transaction(scope) as tx:
            yield tx


def test_who_is_removed_is_told_as_removed_though_the_sessions_could_not_be_swept(team: Team) -> None:
    lee = team.person(team.lee)
    with team.bench.ports.transaction(OPERATOR) as tx:
        tx.sessions.put(some.session("old", person_id=lee.id, account_id=team.lee.account_id))
        tx.sessions.put(some.session("elsewhere", person_id=lee.id, account_id=AccountId("other")))

    busy = attrs.evolve(team.bench.ports, storage=NoSweeping(team.bench.ports.storage))
    decision = remove_member(About(team.dana, team.lee.member_id), busy)
    invite(Invite(team.dana, "lee@example.com", Role.ADMIN, SECRET, NOON), team.bench.ports)
    back = team.arrive("lee", follows())

    assert isinstance(decision, MemberRemoved)
    assert isinstance(back, Entered)
    with team.bench.ports.reading(OPERATOR) as reading:
        assert [each.id for each in reading.sessions.of_person(lee.id)] == ["elsewhere"], "the old one stays dead"


#: What an Owner may do about others and themselves, each by a request that is under way.
UNDER_WAY: dict[str, Callable[[Team, Actor], object]] = {
    "a role": lambda t, a: change_role(About(a, t.lee.member_id), Role.SUPER_ADMIN, t.bench.ports),
    "ownership": lambda t, a: transfer_ownership(About(a, t.lee.member_id), t.bench.ports),
    "a removal": lambda t, a: remove_member(About(a, t.lee.member_id), t.bench.ports),
    "an invitation": lambda t, a: invite(Invite(a, "zoe@example.com", Role.OWNER, "x", NOON), t.bench.ports),
    "a new link": lambda t, a: renew_invitation(AboutInvitation(a, _sams(t)), "x", t.bench.ports, at=NOON),
    "a revocation": lambda t, a: revoke_invitation(AboutInvitation(a, _sams(t)), t.bench.ports),
    "a token": lambda t, a: create_token(
        CreateToken(a, "CI", Role.OWNER, LIFETIMES[0], "sac_late", NOON), t.bench.ports
    ),
}


def _sams(team: Team) -> InvitationId:
    with team.bench.ports.reading(team.dana.account_id) as reading:
        return reading.invitations.all()[0].id


@pytest.mark.parametrize("what", UNDER_WAY)
@pytest.mark.parametrize("fate", ["demoted", "removed"])
def test_a_request_under_way_may_do_no_more_than_its_actor_when_it_is_done(team: Team, what: str, fate: str) -> None:
    team.invited()
    ann = attrs.evolve(team.bench.sign_in(team.bench.employ(team.company, "ann"), team.company), role=Role.OWNER)
    change_role(About(team.dana, ann.member_id), Role.OWNER, team.bench.ports)
    if fate == "demoted":
        change_role(About(team.dana, ann.member_id), Role.TEAM_MEMBER, team.bench.ports)
    else:
        remove_member(About(team.dana, ann.member_id), team.bench.ports)

    decision = UNDER_WAY[what](team, ann)

    assert isinstance(decision, Refused)
    assert decision.reason in (Reason.ROLE_TOO_LOW, Reason.ROLE_ABOVE_OWN, Reason.REMOVED)
    assert team.role(ann) is (Role.TEAM_MEMBER if fate == "demoted" else Role.OWNER)
    assert team.role(team.lee) is Role.ADMIN


def test_a_token_that_was_being_created_does_not_outlive_a_removal(team: Team) -> None:
    remove_member(About(team.dana, team.lee.member_id), team.bench.ports)

    late = create_token(CreateToken(team.lee, "CI", Role.ADMIN, LIFETIMES[0], "sac_late", NOON), team.bench.ports)
    invite(Invite(team.dana, "lee@example.com", Role.ADMIN, SECRET, NOON), team.bench.ports)
    team.arrive("lee", follows())

    assert refused(late).reason is Reason.REMOVED
    with team.bench.ports.reading(OPERATOR) as reading:
        assert reading.accounts.of_token(hashed("sac_late")) is None


def test_handing_over_is_one_step_with_an_owner_at_every_moment(team: Team) -> None:
    transfer_ownership(About(team.dana, team.lee.member_id), team.bench.ports)

    assert (team.role(team.dana), team.role(team.lee)) == (Role.SUPER_ADMIN, Role.OWNER)
    with pytest.raises(NotFound):
        transfer_ownership(About(team.dana, team.dana.member_id), team.bench.ports)


def test_a_late_change_of_a_role_is_told(team: Team) -> None:
    change_role(About(team.dana, team.lee.member_id, version=1), Role.TEAM_MEMBER, team.bench.ports)

    with pytest.raises(Stale):
        change_role(About(team.dana, team.lee.member_id, version=1), Role.OWNER, team.bench.ports)
    assert team.role(team.lee) is Role.TEAM_MEMBER


@pytest.mark.parametrize("gone", ["removed", "never was"])
def test_nobody_is_not_found(team: Team, gone: str) -> None:
    id = team.lee.member_id if gone == "removed" else MemberId("nobody")
    if gone == "removed":
        remove_member(About(team.dana, id), team.bench.ports)

    for change in (
        lambda: change_role(About(team.dana, id), Role.ADMIN, team.bench.ports),
        lambda: remove_member(About(team.dana, id), team.bench.ports),
        lambda: transfer_ownership(About(team.dana, id), team.bench.ports),
    ):
        with pytest.raises(NotFound):
            change()


def test_a_token_cannot_be_revoked_by_somebody_else(team: Team) -> None:
    token = team.token(team.lee)

    for other, id in ((team.dana, token.id), (team.lee, TokenId("unknown"))):
        with pytest.raises(NotFound):
            revoke_token(other, id, team.bench.ports)
    assert revoke_token(team.lee, token.id, team.bench.ports) == token


def test_a_lifetime_that_is_not_offered_is_a_defect(team: Team) -> None:
    with pytest.raises(ValueError, match="not offered"):
        create_token(CreateToken(team.dana, "CI", Role.ADMIN, 400 * DAY, "sac_x", NOON), team.bench.ports)


@pytest.mark.parametrize(("tokens", "left"), [(True, 0), (False, 1)])
def test_signing_out_everywhere_takes_tokens_along_when_asked(team: Team, tokens: bool, left: int) -> None:  # noqa: FBT001 - a row of the table above
    team.token(team.dana)
    dana = team.person(team.dana)
    with team.bench.ports.transaction(OPERATOR) as tx:
        for id in ("here", "there"):
            tx.sessions.put(some.session(id, person_id=dana.id, account_id=team.dana.account_id))
        tx.sessions.put(some.session("over", person_id=dana.id, expires_at=NOON))

    done = sign_out_everywhere(dana, "here", team.bench.ports, tokens=tokens, at=NOON)

    assert done == SignedOut(sessions=1, tokens=1 - left)
    with team.bench.ports.reading(OPERATOR) as reading:
        assert [each.id for each in reading.sessions.of_person(dana.id)] == ["here"]
    with team.bench.ports.reading(team.dana.account_id) as reading:
        assert len(reading.access_tokens.of_member(team.dana.member_id)) == left
