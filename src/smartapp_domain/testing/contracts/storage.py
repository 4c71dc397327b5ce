"""
What every storage behind our ports must do.

To check an adapter, subclass, and give it a fresh, empty storage:

    class TestMyStorage(StorageContract):
        @pytest.fixture
        def storage(self) -> Storage:
            return MyStorage()

Each role has a suite of its own, for a storage that grows role by role. `HintsContract` and `TokenVaultContract` are
apart: the first needs the storage's maker, the second checks another port.
"""

from smartapp_domain.testing.contracts.storage_access import (
    AccessTokenContract,
    InvitationContract,
    SessionsOfPersonContract,
    TrailContract,
)
from smartapp_domain.testing.contracts.storage_accounts import (
    AccountContract,
    MemberContract,
    PersonContract,
    ProfileContract,
    SessionContract,
)
from smartapp_domain.testing.contracts.storage_claims import JobClaimContract
from smartapp_domain.testing.contracts.storage_doors import DoorsContract
from smartapp_domain.testing.contracts.storage_isolation import IsolationContract
from smartapp_domain.testing.contracts.storage_jobs import HintsContract, InboxContract, JobContract
from smartapp_domain.testing.contracts.storage_keyed_requests import KeyedRequestContract
from smartapp_domain.testing.contracts.storage_mapping_page import MappingPageContract
from smartapp_domain.testing.contracts.storage_projects import (
    DraftContract,
    MappingContract,
    PlatformProjectContract,
    ProjectContract,
)
from smartapp_domain.testing.contracts.storage_purchases import LicenseContract, OrderContract, SubscriptionContract
from smartapp_domain.testing.contracts.storage_stretches import StretchContract
from smartapp_domain.testing.contracts.storage_tiles import TilesContract
from smartapp_domain.testing.contracts.tokens import TokenVaultContract

__all__ = ["HintsContract", "StorageContract", "TokenVaultContract"]


class StorageContract(
    DoorsContract,
    IsolationContract,
    AccountContract,
    PersonContract,
    SessionContract,
    SessionsOfPersonContract,
    MemberContract,
    InvitationContract,
    AccessTokenContract,
    TrailContract,
    ProfileContract,
    PlatformProjectContract,
    DraftContract,
    ProjectContract,
    MappingContract,
    OrderContract,
    LicenseContract,
    SubscriptionContract,
    InboxContract,
    JobContract,
    JobClaimContract,
    KeyedRequestContract,
    MappingPageContract,
    TilesContract,
    StretchContract,
):
    """The whole of the `Storage` port."""
