"""Who am I, which companies have I, and who am I in one of them."""

from litestar import Response, get
from litestar.params import FromPath

from smartapp_emulators.procore.api import payloads
from smartapp_emulators.procore.api.access import ApiRequest, Caller, caller_of, query_id
from smartapp_emulators.procore.api.errors import json_answer, missing_company_header, not_connected
from smartapp_emulators.procore.api.paging import page_of
from smartapp_emulators.procore.world import Company


@get("/rest/v1.0/me", sync_to_thread=False)
def me(request: ApiRequest) -> Response[bytes]:
    """Tell who calls; the name only with a company or project given, which the header must then accompany."""
    caller = caller_of(request)
    company_id, project_id = query_id(request, "company_id"), query_id(request, "project_id")
    if project_id is not None:
        company_id = caller.project(project_id, company_id).company_id
    elif company_id is not None:
        caller.company(company_id)
    if caller.person is None:
        return _service_me(caller, company_id)
    name = caller.person.name if company_id is not None else None
    return json_answer({"id": caller.person.id, "login": caller.person.login, "name": name})


@get("/rest/v1.0/companies", sync_to_thread=False)
def companies(request: ApiRequest) -> Response[bytes]:
    """List a person's companies, or those where the app is installed (header needed then)."""
    caller = caller_of(request)
    if caller.is_service_account:
        _need_header(caller)
        if caller.header is not None:
            caller.company(caller.header)
    mine = [each for each in caller.store.state.world.companies if each.is_active and _belongs(caller, each)]
    found, headers = page_of(request, mine)
    return json_answer([payloads.company_item(each) for each in found], headers=headers)


@get([f"/rest/v1.{minor}/companies/{{company_id:int}}/me" for minor in range(4)], sync_to_thread=False)
def company_me(request: ApiRequest, company_id: FromPath[int]) -> Response[bytes]:
    caller = caller_of(request)
    company = caller.company(company_id)
    if caller.person is not None:
        return json_answer(payloads.person_in_company(caller.store, caller.person, company))
    app = caller.store.app(caller.token.client_id)
    installation = caller.store.installation(caller.token.client_id, company.id)
    assert app is not None
    assert installation is not None
    return json_answer(payloads.service_user_in_company(installation, app.name, company))


@get("/rest/v1.0/company_base_url", sync_to_thread=False)
def company_base_url(request: ApiRequest) -> Response[bytes]:
    caller = caller_of(request)
    caller.company(query_id(request, "company_id"))
    return json_answer({"zone": "us01", "web_base_url": str(request.base_url).rstrip("/")})


def _service_me(caller: Caller, company_id: int | None) -> Response[bytes]:
    _need_header(caller)
    installation = caller.store.installation(caller.token.client_id, company_id or caller.header or 0)
    if installation is None:
        raise not_connected()
    app = caller.store.app(caller.token.client_id)
    name = app.name if app is not None and company_id is not None else None
    return json_answer(
        {"id": installation.service_user_id, "login": payloads.service_login(installation), "name": name}
    )


def _need_header(caller: Caller) -> None:
    """Refuse a service account without the header even when lenient: nothing else names the company."""
    if caller.header is None:
        raise missing_company_header(caller.store.state.behavior.missing_header_status)


def _belongs(caller: Caller, company: Company) -> bool:
    if caller.person is not None:
        return caller.person.membership(company.id) is not None
    return caller.store.installation(caller.token.client_id, company.id) is not None


HANDLERS = (me, companies, company_me, company_base_url)
