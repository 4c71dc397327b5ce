from datetime import timedelta

import pytest

from smartapp_domain.connections import EARLY, Tokens
from smartapp_domain.testing.strategies import EPOCH

AN_INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("left", "refused", "good"),
    [
        (EARLY + AN_INSTANT, None, True),
        (EARLY, None, False),
        (EARLY + AN_INSTANT, "another", True),
        (EARLY + AN_INSTANT, "access", False),
    ],
)
def test_a_token_is_good_until_shortly_before_its_end_unless_the_platform_refused_it(
    left: timedelta, refused: str | None, *, good: bool
) -> None:
    assert Tokens("access", EPOCH + left).good(EPOCH, refused) is good
