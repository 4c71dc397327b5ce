"""What the handlers of the controls share: bodies and names read strictly, so that a typing error is told."""

from typing import Any

import msgspec

from smartapp_emulators.procore.api.access import ApiRequest
from smartapp_emulators.procore.api.errors import ApiError
from smartapp_emulators.procore.store import Store
from smartapp_emulators.procore.world import App


async def read_body(request: ApiRequest, type_: Any) -> Any:
    try:
        return msgspec.json.decode(await request.body() or b"{}", type=type_)
    except msgspec.DecodeError as error:
        raise ApiError(422, {"errors": {"body": [str(error)]}}) from error


def known_app(store: Store, client_id: str) -> App:
    app = store.app(client_id)
    if app is None:
        raise ApiError(404, {"errors": [f"There is no app {client_id!r} in this world."]})
    return app


def known_company(store: Store, company_id: int) -> None:
    if store.company(company_id) is None:
        raise ApiError(404, {"errors": [f"There is no company {company_id} in this world."]})
