"""
The stores of accounts and people behind a door of `ports.storage`, one for each kind of row.

What they raise, and what `replacing` means wherever a `put` takes it, is said there.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

import attrs

from smartapp_domain.access_tokens import AccessToken, Bearer
from smartapp_domain.audit import Deed, Entry, Place
from smartapp_domain.identity import Account, BillingProfile, CompanyKey, Environment, Member, Person
from smartapp_domain.ids import (
    AccountId,
    InvitationId,
    MemberId,
    OrderId,
    PersonId,
    PlatformUserId,
    ProfileId,
    SubscriptionId,
    TokenId,
)
from smartapp_domain.invitations import Invitation
from smartapp_domain.ports.platform import PersonGrant


class AccountStore(Protocol):
    """Scope: OPERATOR, except `get`, which an account may use for itself."""

    def get(self, id: AccountId) -> Account: ...

    def of_company(self, company: CompanyKey) -> Account | None: ...

    def of_person(self, id: PersonId) -> tuple[tuple[Account, Member], ...]:
        """Return the person's memberships, by account name; those they were removed from are none."""
        ...

    def of_order(self, id: OrderId) -> AccountId | None:
        """Return whose order it is; notices of the payment provider know no account."""
        ...

    def of_subscription(self, id: SubscriptionId) -> AccountId | None: ...

    def of_invitation(self, secret_hash: str) -> AccountId | None:
        """Return whose pending invitation has this secret; a link knows no account."""
        ...

    def of_token(self, secret_hash: str) -> Bearer | None:
        """Return who an access token stands for, expired or not; None for one of a removed member."""
        ...

    def add(self, account: Account) -> None:
        """Raise `Taken` when the company has an account."""
        ...


class PersonStore(Protocol):
    """Scope: OPERATOR."""

    def get(self, id: PersonId) -> Person: ...

    def of_platform_user(self, platform: str, environment: Environment, user_id: PlatformUserId) -> Person | None: ...

    def put(self, person: Person) -> None:
        """Store or replace; name and e-mail follow the platform."""
        ...


@attrs.frozen
class Session:
    """
    A signed-in browser. Times are real time, not the demo's.

    Attributes:
        id: Hash of the cookie's secret; the secret itself is stored nowhere.
        state: The OAuth state a sign-in under way must bring back.
        grant: Held only between sign-in and the choice of a company; sealed at rest.
        companies: Those the person may choose from, by id and name.
        wanted: The one a sign-in under way is for, when it was chosen before the sign-in started.
        next_path: Where to go after signing in.
        invitation: Hash of the secret in the link they followed, until they have entered a company.
        device: What the browser said it is: "Chrome on Windows".
        seen_at: Last sign of life, to some minutes.

    """

    id: str
    expires_at: datetime
    person_id: PersonId | None = None
    account_id: AccountId | None = None
    state: str | None = None
    app: str | None = None
    grant: PersonGrant | None = attrs.field(default=None, repr=False)
    companies: tuple[tuple[str, str], ...] = ()
    wanted: tuple[str, str] | None = None
    next_path: str | None = None
    invitation: str | None = attrs.field(default=None, repr=False)
    started_at: datetime | None = None
    device: str = ""
    seen_at: datetime | None = attrs.field(default=None, eq=False)


class SessionStore(Protocol):
    """Scope: OPERATOR."""

    def get(self, id: str) -> Session | None:
        """Raise `SessionUnreadable` when its grant does not open; the session is good for nothing then."""
        ...

    def put(self, session: Session) -> None:
        """Store a new one; raise `Taken` where its id is known."""
        ...

    def replace(self, session: Session) -> None:
        """Store over what is there; raise `NotFound` when it ended meanwhile, so that nobody brings it back."""
        ...

    def drop(self, id: str) -> None: ...

    def drop_expired(self, at: datetime) -> int: ...

    def of_person(self, id: PersonId) -> tuple[Session, ...]:
        """Return the person's sessions, newest first, without what was granted for them."""
        ...

    def drop_of_person(self, id: PersonId, *, account_id: AccountId | None = None, keep: str | None = None) -> int:
        """End a person's sessions but `keep`, all of them or those in one account; return how many."""
        ...

    def seen(self, id: str, at: datetime) -> None:
        """Note a sign of life and touch nothing else; unknown ones are fine."""
        ...


class MemberStore(Protocol):
    """`get` and `of_person` also find those who were removed; `removed_at` tells."""

    def get(self, id: MemberId) -> Member: ...

    def of_person(self, id: PersonId) -> Member | None: ...

    def all(self) -> tuple[Member, ...]:
        """Return those who are members now, by name, then id."""
        ...

    def former(self) -> tuple[Member, ...]:
        """Return those who were removed, by name, then id."""
        ...

    def put(self, member: Member, *, replacing: int) -> None:
        """Store over version `replacing` (0: new), all but `seen_at`; raise `Stale`, writing nothing, if late."""
        ...

    def seen(self, id: MemberId, at: datetime) -> None:
        """Note a sign of life and touch nothing else, the version included; unknown ones are fine."""
        ...


class InvitationStore(Protocol):
    """The account's pending invitations; at most one per e-mail."""

    def get(self, id: InvitationId) -> Invitation: ...

    def of_email(self, email: str) -> Invitation | None: ...

    def of_secret(self, secret_hash: str) -> Invitation | None: ...

    def all(self) -> tuple[Invitation, ...]:
        """Return all of them, expired ones too, by e-mail."""
        ...

    def put(self, invitation: Invitation, *, replacing: int) -> None:
        """Raise `Taken` when another one is for the same e-mail, `Stale` if late."""
        ...

    def drop(self, invitation: Invitation) -> None:
        """Remove exactly this version; raise `Stale` when it was renewed or removed meanwhile."""
        ...


class AccessTokenStore(Protocol):
    def of_member(self, id: MemberId) -> tuple[AccessToken, ...]:
        """Return a member's tokens, expired ones too, newest first."""
        ...

    def add(self, token: AccessToken, secret_hash: str) -> None: ...

    def drop(self, member_id: MemberId, id: TokenId) -> None:
        """Remove one of the member's tokens; raise `NotFound` for any other."""
        ...

    def drop_of_member(self, id: MemberId) -> int:
        """Remove all of a member's tokens; return how many there were."""
        ...

    def used(self, id: TokenId, at: datetime) -> None:
        """Note that a token was used; unknown ones are fine."""
        ...


class Trail(Protocol):
    """The audit trail. `add` works in every scope and commits with the change it tells of; nothing changes it later."""

    def add(self, entry: Entry) -> None: ...

    def page(
        self, *, limit: int, after: Place | None = None, deeds: Iterable[Deed] = (), member_id: MemberId | None = None
    ) -> tuple[Entry, ...]:
        """Return entries, newest first, from the one after a place on; `deeds` and `member_id` narrow them."""
        ...


class ProfileStore(Protocol):
    def default(self) -> BillingProfile | None:
        """Return the account's first profile."""
        ...

    def get(self, id: ProfileId) -> BillingProfile: ...

    def put(self, profile: BillingProfile, *, replacing: int) -> None: ...
