"""Who is signed in, and in which accounts."""

from typing import Final

from litestar import get
from litestar.di import NamedDependency

from smartapp_domain.identity import RIGHTS
from smartapp_domain.ports.storage import OPERATOR
from smartapp_http.access import Access, needs
from smartapp_http.api import said
from smartapp_http.api.documented import problems
from smartapp_http.api.schemas import AccountsOut, MeOut
from smartapp_http.pools import PAGES
from smartapp_http.web import Web

BASE: Final = "/api/v1"
TAG: Final = ["People"]


@get(f"{BASE}/me", opt=needs(Access.PERSON), responses=problems(), tags=TAG)
@PAGES
def me(web: NamedDependency[Web]) -> MeOut:
    """Return who is signed in."""
    visitor = web.visitor
    assert visitor.person is not None
    account, member = visitor.account, visitor.member
    return MeOut(
        name=visitor.person.name,
        email=visitor.person.email,
        account=said.account(account, member, current=True) if account and member else None,
        rights=sorted(right.value for right in RIGHTS[member.role]) if member else [],
    )


@get(f"{BASE}/accounts", opt=needs(Access.PERSON), responses=problems(), tags=TAG)
@PAGES
def accounts(web: NamedDependency[Web]) -> AccountsOut:
    """Return the accounts the person is a member of."""
    visitor = web.visitor
    assert visitor.person is not None
    with web.ports.reading(OPERATOR) as reading:
        mine = reading.accounts.of_person(visitor.person.id)
    current = visitor.account.id if visitor.account else None
    return AccountsOut([said.account(account, member, current=account.id == current) for account, member in mine])


HANDLERS: Final = (me, accounts)
