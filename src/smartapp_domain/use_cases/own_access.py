"""What a person does about their own access: tokens for programs, and ending sessions."""

from datetime import datetime, timedelta

import attrs

from smartapp_domain.access_tokens import HINT_CHARS, LIFETIMES, AccessToken, creating, naming
from smartapp_domain.audit import By, Deed, Subject
from smartapp_domain.decisions import Refused
from smartapp_domain.identity import Actor, Person, Right, Role, Via, require
from smartapp_domain.ids import AccountId, MemberId, TokenId
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import OPERATOR, NotFound, Session, Transaction
from smartapp_domain.secret import hashed
from smartapp_domain.use_cases.authority import acting, still_may
from smartapp_domain.use_cases.trail import note


@attrs.frozen
class CreateToken:
    """
    A wish for a token.

    Attributes:
        lifetime: One of `LIFETIMES`.
        secret: `PREFIX` and 256 random bits as text, shown once; only its hash is stored.
        at: Real time.

    """

    actor: Actor
    name: str
    role: Role
    lifetime: timedelta
    secret: str = attrs.field(repr=False)
    at: datetime


def create_token(wish: CreateToken, ports: Ports) -> AccessToken | Refused:
    """Store a token that may do no more than the actor; raise `ValueError` for a lifetime that is not offered."""
    if wish.lifetime not in LIFETIMES:
        raise ValueError(f"A token is not offered for {wish.lifetime}.")
    name = naming(wish.name)
    if isinstance(name, Refused):
        return name
    with ports.transaction(wish.actor.account_id) as tx:
        actor = acting(tx, wish.actor)
        if isinstance(actor, Refused):
            return actor
        have = len(tx.access_tokens.of_member(actor.member_id))
        if refused := require(actor, Right.MANAGE_OWN_ACCESS) or creating(actor, wish.role, have):
            return refused
        token = AccessToken(
            id=TokenId(ports.ids.fresh()),
            account_id=actor.account_id,
            member_id=actor.member_id,
            name=name,
            role=wish.role,
            hint=wish.secret[-HINT_CHARS:],
            created_at=wish.at,
            expires_at=wish.at + wish.lifetime,
        )
        tx.access_tokens.add(token, hashed(wish.secret))
        subject = Subject(token.id, token.name)
        days = f"{wish.lifetime.days} days"
        note(tx, actor, Deed.TOKEN_CREATED, subject, ports, role=wish.role.label, lifetime=days)
    return token


def revoke_token(actor: Actor, id: TokenId, ports: Ports) -> AccessToken | Refused:
    """End one of the actor's own tokens at once; raise `NotFound` for any other."""
    with ports.transaction(actor.account_id) as tx:
        if refused := still_may(tx, actor, Right.MANAGE_OWN_ACCESS):
            return refused
        token = next((each for each in tx.access_tokens.of_member(actor.member_id) if each.id == id), None)
        if token is None:
            raise NotFound("token", id)
        _revoke(tx, By.actor(actor), token, ports)
    return token


def _revoke(tx: Transaction, by: By, token: AccessToken, ports: Ports) -> None:
    tx.access_tokens.drop(token.member_id, token.id)
    note(tx, by, Deed.TOKEN_REVOKED, Subject(token.id, token.name), ports)


def end_session(person: Person, session: Session, ports: Ports) -> None:
    """Sign out one browser of the person's; the trail of the account it worked in is told, once."""
    with ports.transaction(OPERATOR) as tx:
        if session.id not in {each.id for each in tx.sessions.of_person(person.id)}:
            return
        tx.sessions.drop(session.id)
        _note_end(tx, person, session, ports)


def _note_end(tx: Transaction, person: Person, session: Session, ports: Ports) -> None:
    found = ((a.id, m.id) for a, m in tx.accounts.of_person(person.id) if a.id == session.account_id)
    for account_id, member_id in found:
        by = By(account_id, Via.PAGE, member_id, person.name)
        note(tx, by, Deed.SIGNED_OUT, Subject(member_id, person.name), ports, device=session.device)


@attrs.frozen
class SignedOut:
    """How many other browsers were signed out, and how many tokens ended."""

    sessions: int
    tokens: int


def sign_out_everywhere(person: Person, keep: str | None, ports: Ports, *, tokens: bool, at: datetime) -> SignedOut:
    """
    End every session of the person, in all accounts, but `keep`; with `tokens`, their access tokens too.

    `at` is real time: what has expired by then is swept, not counted.

    Tokens go first: a program that could still act while the person believes to be out everywhere is the worse half.
    """
    with ports.reading(OPERATOR) as reading:
        memberships = [(account.id, member.id) for account, member in reading.accounts.of_person(person.id)]
    revoked = sum(_revoke_all(*each, person, ports) for each in memberships) if tokens else 0
    with ports.transaction(OPERATOR) as tx:
        tx.sessions.drop_expired(at)
        ending = [each for each in tx.sessions.of_person(person.id) if each.id != keep]
        for session in ending:
            tx.sessions.drop(session.id)
            _note_end(tx, person, session, ports)
    return SignedOut(len(ending), revoked)


def _revoke_all(account_id: AccountId, member_id: MemberId, person: Person, ports: Ports) -> int:
    by = By(account_id, Via.PAGE, member_id, person.name)
    with ports.transaction(account_id) as tx:
        mine = tx.access_tokens.of_member(member_id)
        for token in mine:
            _revoke(tx, by, token, ports)
    return len(mine)
