"""The audit trail: who did what, when, to what, and which way it came in. Append-only. Number: docs/domain.md L-92."""

import enum
from collections.abc import Iterable
from datetime import datetime

import attrs

from smartapp_domain.identity import Actor, Via
from smartapp_domain.ids import AccountId, EntryId, MemberId


class DeedKind(enum.Enum):
    """What the trail is filtered by."""

    PEOPLE = "people"
    ACCESS = "access"
    BUYING = "buying"
    PROJECTS = "projects"
    APPS = "apps"


class Deed(enum.Enum):
    """What was done. The value is stable and part of the API."""

    MEMBER_JOINED = "member_joined"
    MEMBER_INVITED = "member_invited"
    INVITATION_RENEWED = "invitation_renewed"
    INVITATION_REVOKED = "invitation_revoked"
    INVITATION_ACCEPTED = "invitation_accepted"
    """By somebody who was a member already and has a stronger role now."""
    ROLE_CHANGED = "role_changed"
    OWNERSHIP_TRANSFERRED = "ownership_transferred"
    MEMBER_REMOVED = "member_removed"
    MEMBER_LEFT = "member_left"

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    TOKEN_CREATED = "token_created"  # noqa: S105 - a deed, no secret
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - a deed, no secret

    ORDER_PLACED = "order_placed"
    ORDER_PROCESSING = "order_processing"
    ORDER_PAID = "order_paid"
    ORDER_CLOSED = "order_closed"
    LICENSES_GRANTED = "licenses_granted"
    LICENSES_CHANGED = "licenses_changed"
    RENEWAL_STOPPED = "renewal_stopped"
    RENEWAL_RESUMED = "renewal_resumed"
    CARD_PAGE_OPENED = "card_page_opened"
    """Whether the card was changed there, the provider does not say."""

    PROJECT_ADDED = "project_added"
    PROJECT_RENAMED = "project_renamed"

    APP_INSTALLED = "app_installed"
    APP_REMOVED = "app_removed"

    @property
    def kind(self) -> DeedKind:
        return _KINDS[self]


_D = Deed
_KINDS = {
    **dict.fromkeys(
        (
            _D.MEMBER_JOINED,
            _D.MEMBER_INVITED,
            _D.INVITATION_RENEWED,
            _D.INVITATION_REVOKED,
            _D.INVITATION_ACCEPTED,
            _D.ROLE_CHANGED,
            _D.OWNERSHIP_TRANSFERRED,
            _D.MEMBER_REMOVED,
            _D.MEMBER_LEFT,
        ),
        DeedKind.PEOPLE,
    ),
    **dict.fromkeys((_D.SIGNED_IN, _D.SIGNED_OUT, _D.TOKEN_CREATED, _D.TOKEN_REVOKED), DeedKind.ACCESS),
    **dict.fromkeys(
        (
            _D.ORDER_PLACED,
            _D.ORDER_PROCESSING,
            _D.ORDER_PAID,
            _D.ORDER_CLOSED,
            _D.LICENSES_GRANTED,
            _D.LICENSES_CHANGED,
            _D.RENEWAL_STOPPED,
            _D.RENEWAL_RESUMED,
            _D.CARD_PAGE_OPENED,
        ),
        DeedKind.BUYING,
    ),
    **dict.fromkeys((_D.PROJECT_ADDED, _D.PROJECT_RENAMED), DeedKind.PROJECTS),
    **dict.fromkeys((_D.APP_INSTALLED, _D.APP_REMOVED), DeedKind.APPS),
}


def deeds_of(kinds: Iterable[DeedKind]) -> frozenset[Deed]:
    wanted = frozenset(kinds)
    return frozenset(deed for deed in Deed if deed.kind in wanted)


@attrs.frozen
class By:
    """
    Who did it.

    Attributes:
        member_id: None when a worker or a provider acted for nobody.
        name: As they were called then; "" is filled in from the member.
        token: Name of the personal access token used.

    """

    account_id: AccountId
    via: Via
    member_id: MemberId | None = None
    name: str = ""
    token: str = ""

    @classmethod
    def actor(cls, actor: Actor) -> "By":
        return cls(actor.account_id, actor.via, actor.member_id, token=actor.token)


@attrs.frozen
class Subject:
    """What it was done to: an id, and the name it had then, which later changes do not touch."""

    id: str
    name: str


@attrs.frozen
class Entry:
    """
    One line of the trail.

    Attributes:
        at: Time of the business, like the order's or license's it tells of.
        details: What changed, as names and words: (("from", "Admin"), ("to", "Super Admin")).

    """

    id: EntryId
    account_id: AccountId
    at: datetime
    deed: Deed
    by: By
    subject: Subject
    details: tuple[tuple[str, str], ...] = ()

    def detail(self, name: str) -> str:
        return dict(self.details).get(name, "")


@attrs.frozen(order=True)
class Place:
    """Where in the trail an entry stands: by time, then id. Lists begin after it."""

    at: datetime
    id: EntryId
