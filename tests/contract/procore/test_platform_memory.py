"""The shipped fakes keep the platform's promises."""

from datetime import UTC, datetime

import attrs
import pytest

from smartapp_domain.testing.contracts.platform import PlatformContract, SignInContract
from smartapp_domain.testing.contracts.platform_bench import MemoryBench, PlatformBench, contract_world
from smartapp_domain.testing.platform import MemoryPlatform, MemorySignIn


@attrs.frozen
class _Noon:
    def now(self) -> datetime:
        return datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def bench() -> PlatformBench:
    world = contract_world()
    return MemoryBench(world, MemorySignIn(world, _Noon()), MemoryPlatform(world))


class TestMemorySignIn(SignInContract):
    pass


class TestMemoryPlatform(PlatformContract):
    pass
