"""The payment provider's notices: checked on the raw bytes, stored, answered; a job does the rest."""

from typing import Annotated, Final

from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import HeaderParameter

from smartapp_domain.use_cases.receive_billing_event import SignedNotice
from smartapp_http.access import Access, needs
from smartapp_http.web import Site

PATH: Final = "/webhooks/stripe"
#: The provider's notices are a few kilobytes; more is not from them.
LARGEST_BYTES: Final = 512 * 1024


@post(
    PATH,
    opt=needs(Access.OPEN),
    status_code=200,
    include_in_schema=False,
    request_max_body_size=LARGEST_BYTES,
)
async def payment_notice(
    request: Request[None, None, State],
    site: NamedDependency[Site],
    signature: Annotated[str, HeaderParameter(name="Stripe-Signature")] = "",
) -> Response[str]:
    """Answer 200 once the notice is committed, also for one that came before; 400 for one that cannot be trusted."""
    body = await request.body()
    await site.intake.put(SignedNotice(body, signature))
    return Response("", status_code=200)
