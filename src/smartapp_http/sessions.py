"""
Who is at the other end of a request: sessions on the server, in our own database.

The cookie holds a random secret, the database its hash, so a stolen copy of the table signs nobody in. Roles are read
anew on each request. All times here are real time: moving the demo's clock signs nobody out.
"""

import hmac
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

import attrs
from litestar.datastructures import Cookie

from smartapp_domain.access_tokens import PREFIX, AccessToken
from smartapp_domain.catalog import Module
from smartapp_domain.identity import Account, Actor, Member, Person, Via, weaker
from smartapp_domain.ports import Ports
from smartapp_domain.ports.platform import PlatformCompany
from smartapp_domain.ports.storage import (
    OPERATOR,
    NotFound,
    Session,
    SessionUnreadable,
    StorageUnavailable,
    Transaction,
)
from smartapp_domain.secret import hashed
from smartapp_domain.use_cases.enter_account import Identified
from smartapp_domain.use_cases.own_access import end_session
from smartapp_http import cookies
from smartapp_http.settings import HttpSettings

SESSION_COOKIE: Final = "smartapp_session"
SECRET_BYTES: Final = 32
#: How long somebody may take at the platform's log-in page.
SIGN_IN_TIME: Final = timedelta(minutes=30)
#: How old a sign of life gets before the next one is written down.
SEEN_EVERY: Final = timedelta(minutes=5)
#: No secret of ours is longer; whatever is, is not worth hashing.
LONGEST_SECRET: Final = 200

Now = Callable[[], datetime]


def real_time() -> datetime:
    return datetime.now(UTC)


class NotSignedIn(Exception):
    """Raised when a route needs somebody and the session is missing, over, or has no company yet."""

    def __init__(self, *, expired: bool, person_known: bool = False) -> None:
        super().__init__("Sign in to go on.")
        self.expired, self.person_known = expired, person_known


@attrs.frozen
class Visitor:
    """
    Somebody at a browser, or a program with an access token; the later fields are known the further they signed in.

    Attributes:
        token: What a program came with; it has no session then.

    """

    session: Session | None = None
    person: Person | None = None
    account: Account | None = None
    member: Member | None = None
    accounts: int = 0
    token: AccessToken | None = None
    via: Via = Via.PAGE

    @property
    def actor(self) -> Actor:
        """Return who commands come from; only routes that need a right may ask."""
        member, token = self.member, self.token
        assert member is not None
        if token is None:
            return Actor(member.account_id, member.id, member.role, self.via)
        return Actor(member.account_id, member.id, weaker(member.role, token.role), Via.TOKEN, token.name)

    @property
    def can_change_company(self) -> bool:
        return self.accounts > 1 or (self.session is not None and len(self.session.companies) > 1)


@attrs.frozen
class Started:
    """A sign-in under way: the cookie's secret and the state the platform must bring back."""

    secret: str
    state: str


def new_token_secret() -> str:
    """Return the secret of a new access token: 256 random bits behind a prefix people and scanners recognize."""
    return PREFIX + secrets.token_urlsafe(SECRET_BYTES)


def new_invitation_secret() -> str:
    """Return the secret in the link of a new invitation: 256 random bits."""
    return secrets.token_urlsafe(SECRET_BYTES)


@attrs.frozen
class Sessions:
    """Opens, reads and ends sessions."""

    ports: Ports
    settings: HttpSettings
    now: Now = real_time

    @property
    def cookie_name(self) -> str:
        return self.settings.cookie_name(SESSION_COOKIE)

    def visitor(self, secret: str | None) -> Visitor:
        """
        Return whom the cookie's secret stands for; an unknown or expired one stands for nobody.

        So does one whose grant is sealed with a key that is gone: signing in again is all that helps.
        """
        if not secret:
            return Visitor()
        try:
            return self._visitor(hashed(secret))
        except SessionUnreadable:
            with self.ports.transaction(OPERATOR) as tx:
                tx.sessions.drop(hashed(secret))
            return Visitor()

    def _visitor(self, id: str) -> Visitor:
        with self.ports.reading(OPERATOR) as reading:
            session = reading.sessions.get(id)
            if session is None or session.expires_at <= self.now():
                return Visitor()
            if session.person_id is None:
                return Visitor(session)
            person = reading.people.get(session.person_id)
            memberships = reading.accounts.of_person(person.id)
        account, member = next(((a, m) for a, m in memberships if a.id == session.account_id), (None, None))
        self._seen(session, member)
        return Visitor(session, person, account, member, len(memberships))

    def _seen(self, session: Session, member: Member | None) -> None:
        """Note a sign of life now and then. It is worth no error: a storage too busy for it answers the next time."""
        now = self.now()
        if session.seen_at is not None and now - session.seen_at < SEEN_EVERY:
            return
        with suppress(StorageUnavailable):
            with self.ports.transaction(OPERATOR) as tx:
                tx.sessions.seen(session.id, now)
            if member is not None:
                with self.ports.transaction(member.account_id) as tx:
                    tx.members.seen(member.id, now)

    def bearer(self, secret: str) -> Visitor | None:
        """Return who an access token stands for; None for one that is unknown, expired or revoked."""
        if not secret.startswith(PREFIX) or len(secret) > LONGEST_SECRET:
            return None
        with self.ports.reading(OPERATOR) as reading:
            found = reading.accounts.of_token(hashed(secret))
        if found is None or found.token.expires_at <= self.now():
            return None
        self._used(found.token)
        return Visitor(None, found.person, found.account, found.member, 1, found.token)

    def _used(self, token: AccessToken) -> None:
        now = self.now()
        if token.used_at is not None and now - token.used_at < SEEN_EVERY:
            return
        with suppress(StorageUnavailable), self.ports.transaction(token.account_id) as tx:
            tx.access_tokens.used(token.id, now)
            tx.members.seen(token.member_id, now)

    def begin(
        self,
        visitor: Visitor,
        secret: str | None,
        app: Module,
        *,
        next_path: str | None,
        company: PlatformCompany | None = None,
        invitation: str | None = None,
    ) -> Started:
        """
        Remember that a sign-in is under way.

        `company` is set when the visitor chose it already: by an invitation, whose secret's hash is `invitation`, or
        when only the app has to change. Somebody who is signed in stays so, with the companies to choose from, until
        the new sign-in is complete: it may go on in another tab. But not for longer than before: what one gets by
        signing in is a session of its own.
        """
        state = secrets.token_urlsafe(SECRET_BYTES)
        known = visitor.session if secret else None
        if known is None or secret is None:
            secret = secrets.token_urlsafe(SECRET_BYTES)
        in_time = self.now() + SIGN_IN_TIME
        session = attrs.evolve(
            known or Session(hashed(secret), in_time),
            expires_at=known.expires_at if known and known.person_id else in_time,
            state=state,
            app=app.value,
            next_path=next_path,
            wanted=(str(company.id), company.name) if company else None,
            invitation=invitation,
        )
        with self.ports.transaction(OPERATOR) as tx:
            tx.sessions.drop_expired(self.now())
            if known is None:
                tx.sessions.put(session)
            else:
                _replace(tx, session)
        return Started(secret, state)

    def take_state(self, session: Session | None, state: str) -> bool:
        """Tell whether the state is the one this browser was sent away with; it counts once."""
        if session is None or session.state is None:
            return False
        with self.ports.transaction(OPERATOR) as tx:
            _replace(tx, attrs.evolve(session, state=None))
        return hmac.compare_digest(session.state.encode(), state.encode())

    def signed_in(self, old: Session, identified: Identified, device: str) -> tuple[str, Session]:
        """Replace the session of the sign-in by one with a new secret, so that a planted cookie is worth nothing."""
        secret = secrets.token_urlsafe(SECRET_BYTES)
        session = Session(
            id=hashed(secret),
            expires_at=self.now() + self.settings.session_lifetime,
            person_id=identified.person.id,
            app=old.app,
            grant=identified.grant,
            companies=tuple((str(company.id), company.name) for company in identified.companies),
            next_path=old.next_path,
            invitation=old.invitation,
            started_at=self.now(),
            device=device,
            seen_at=self.now(),
        )
        with self.ports.transaction(OPERATOR) as tx:
            tx.sessions.drop(old.id)
            tx.sessions.put(session)
        return secret, session

    def entered(self, session: Session, member: Member) -> None:
        """Remember the company; what acted for the person is forgotten."""
        account_id = member.account_id
        with self.ports.transaction(account_id) as tx:
            tx.members.seen(member.id, self.now())
        with self.ports.transaction(OPERATOR) as tx:
            entered = attrs.evolve(session, account_id=account_id, grant=None, next_path=None, invitation=None)
            _replace(tx, entered)

    def end(self, visitor: Visitor) -> None:
        if visitor.session is None:
            return
        if visitor.person is not None:
            end_session(visitor.person, visitor.session, self.ports)
            return
        with self.ports.transaction(OPERATOR) as tx:
            tx.sessions.drop(visitor.session.id)

    def cookie(self, secret: str) -> Cookie:
        """Return the cookie. SameSite is lax: strict would lose it on the way back from the platform."""
        lifetime_s = int(self.settings.session_lifetime.total_seconds())
        return cookies.cookie(self.cookie_name, secret, lifetime_s, self.settings)

    def no_cookie(self) -> Cookie:
        """Return a cookie that makes the browser forget the session."""
        return cookies.no_cookie(self.cookie_name, self.settings)


def _replace(tx: Transaction, session: Session) -> None:
    """Store what became of a session; one that was ended since it was read stays ended."""
    try:
        tx.sessions.replace(session)
    except NotFound as error:
        raise NotSignedIn(expired=True) from error
