"""People, known by their platform user."""

from typing import Any

import sqlalchemy as sa

from smartapp_adapters.storage.scoping import Door, OperatorRows
from smartapp_adapters.storage.tables import people
from smartapp_domain.identity import Environment, Person
from smartapp_domain.ids import PersonId, PlatformUserId
from smartapp_domain.ports.storage import NotFound, Taken


class SqlPersonStore:
    def __init__(self, door: Door) -> None:
        self._rows = OperatorRows(door, people)

    def get(self, id: PersonId) -> Person:
        found = self._rows.first(self._rows.select().where(people.c.id == id))
        if found is None:
            raise NotFound("person", id)
        return _person(found)

    def of_platform_user(self, platform: str, environment: Environment, user_id: PlatformUserId) -> Person | None:
        found = self._rows.first(
            self._rows.select().where(
                people.c.platform == platform,
                people.c.environment == environment.value,
                people.c.platform_user_id == user_id,
            )
        )
        return _person(found) if found else None

    def put(self, person: Person) -> None:
        user = {
            "platform": person.platform,
            "environment": person.environment.value,
            "platform_user_id": person.platform_user_id,
        }
        seen = {"name": person.name, "email": person.email}
        same = [people.c.id == person.id, *(people.c[name] == value for name, value in user.items())]
        if not self._rows.update(seen, *same) and not self._rows.insert({"id": person.id, **user, **seen}):
            raise Taken("This platform user is known as another person, or the person as another platform user.")


def _person(row: sa.Row[Any]) -> Person:
    return Person(
        id=PersonId(row.id),
        platform=row.platform,
        environment=Environment(row.environment),
        platform_user_id=PlatformUserId(row.platform_user_id),
        name=row.name,
        email=row.email,
    )
