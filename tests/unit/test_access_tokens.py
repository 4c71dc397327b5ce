import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartapp_domain.access_tokens import MOST_PER_MEMBER, NAME_LIMIT, creating, naming
from smartapp_domain.decisions import Reason, Refused
from smartapp_domain.identity import RIGHTS, Role
from smartapp_domain.testing import builders as some


@given(st.sampled_from(Role), st.sampled_from(Role))
def test_a_token_never_gets_a_role_above_its_makers(maker: Role, role: Role) -> None:
    refused = creating(some.actor(role=maker), role, 0)

    assert (refused is None) is (RIGHTS[role] <= RIGHTS[maker])


def test_a_member_has_only_so_many() -> None:
    assert creating(some.actor(), Role.ADMIN, MOST_PER_MEMBER - 1) is None
    refused = creating(some.actor(), Role.ADMIN, MOST_PER_MEMBER)

    assert refused is not None
    assert refused.reason is Reason.TOO_MANY_TOKENS


@pytest.mark.parametrize(
    ("name", "reason"), [("", Reason.NAME_MISSING), (" \n ", Reason.NAME_MISSING), ("x" * 81, Reason.NAME_TOO_LONG)]
)
def test_a_token_has_a_name(name: str, reason: Reason) -> None:
    decision = naming(name)

    assert isinstance(decision, Refused)
    assert decision.reason is reason


def test_blanks_around_a_name_do_not_count() -> None:
    assert naming("  Nightly   report ") == "Nightly report"
    assert naming("x" * NAME_LIMIT) == "x" * NAME_LIMIT
