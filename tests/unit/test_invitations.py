from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartapp_domain.decisions import Reason, Refused
from smartapp_domain.identity import RIGHTS, Role
from smartapp_domain.invitations import LIFETIME, email_of, role_by
from smartapp_domain.secret import hashed
from smartapp_domain.testing import builders as some

SAM = some.person("sam")
INVITATION = some.invitation("sam")
SECOND = timedelta(seconds=1)
LONG = "s" * 251 + "@a.b"


@pytest.mark.parametrize("typed", ["sam@example.com", " Sam@Example.COM ", "SAM@EXAMPLE.com\n"])
def test_an_address_is_compared_without_case_and_outer_blanks(typed: str) -> None:
    assert email_of(typed) == "sam@example.com"


@pytest.mark.parametrize(
    "typed",
    ["", "sam", "@example.com", "sam@", "sam@a@b", "sam sam@example.com", "s\0m@example.com", LONG],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    decision = email_of(typed)

    assert isinstance(decision, Refused)
    assert decision.reason is Reason.EMAIL_INVALID


@pytest.mark.parametrize("typed", ["sam@localhost", "sam@.com", "sam@com.", "sam@a..b"])
def test_a_domain_must_be_whole(typed: str) -> None:
    decision = email_of(typed)

    assert isinstance(decision, Refused)
    assert decision.message.startswith(f"{typed.partition('@')[2]} is not a whole domain")


@given(st.emails())
def test_evening_out_twice_changes_nothing_more(email: str) -> None:
    once = email_of(email)

    assert isinstance(once, Refused) or email_of(once) == once


def test_the_person_it_is_for_gets_the_role() -> None:
    loud = attrs.evolve(SAM, email=" SAM@example.com")

    assert role_by(INVITATION, loud, some.member(), at=some.NOON) is Role.ADMIN


@pytest.mark.parametrize("email", ["sam+work@example.com", "s.am@example.com", "sam@example.org", ""])
def test_nobody_else_does_however_alike(email: str) -> None:
    decision = role_by(INVITATION, attrs.evolve(SAM, email=email), some.member(), at=some.NOON)

    assert isinstance(decision, Refused)
    assert decision.reason is Reason.INVITATION_FOR_ANOTHER


@pytest.mark.parametrize(("invited", "other"), [("straße@x.de", "strasse@x.de"), ("ﬁn@x.de", "fin@x.de")])
def test_letters_that_only_fold_alike_stay_two_mailboxes(invited: str, other: str) -> None:
    invitation = attrs.evolve(INVITATION, email=email_of(invited))

    assert invitation.email == invited
    assert isinstance(role_by(invitation, attrs.evolve(SAM, email=other), some.member(), at=some.NOON), Refused)
    assert role_by(invitation, attrs.evolve(SAM, email=invited), some.member(), at=some.NOON) is Role.ADMIN


def test_it_ends_after_two_weeks_to_the_second() -> None:
    end = INVITATION.expires_at

    assert role_by(INVITATION, SAM, some.member(), at=end - SECOND) is Role.ADMIN
    assert isinstance(role_by(INVITATION, SAM, some.member(), at=end), Refused)


@given(st.sampled_from(Role), st.sampled_from(Role))
def test_it_never_gives_more_than_its_sender_may_give_now(sender: Role, role: Role) -> None:
    decision = role_by(attrs.evolve(INVITATION, role=role), SAM, some.member(role=sender), at=some.NOON)

    assert isinstance(decision, Refused) or RIGHTS[decision] <= RIGHTS[sender]


@pytest.mark.parametrize("sender", [None, some.member(removed_at=some.NOON), some.member(role=Role.ADMIN)])
def test_it_ends_with_its_senders_right_to_give_the_role(sender: object) -> None:
    decision = role_by(INVITATION, SAM, sender, at=some.NOON)  # type: ignore[arg-type]

    assert isinstance(decision, Refused)
    assert decision.reason is Reason.INVITATION_OVER


def test_renewing_makes_another_link_and_ends_the_old_one() -> None:
    renewed = INVITATION.renewed(some.member("zoe").id, "fresh", at=some.NOON)

    assert renewed.secret_hash == hashed("fresh") != INVITATION.secret_hash
    assert (renewed.invited_by, renewed.expires_at, renewed.version) == ("zoe", some.NOON + LIFETIME, 2)


def test_a_secret_is_in_no_words_of_an_invitation() -> None:
    assert INVITATION.secret_hash not in repr(INVITATION)
