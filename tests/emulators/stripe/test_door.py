"""The front door of the API: keys, unknown things, malformed things."""

import base64

import pytest
import stripe
from tests.emulators.stripe.support import Shop


@pytest.mark.parametrize(
    "header",
    [None, "Bearer", "Bearer pk_test_x", "Bearer sk_test_", "Bearer nonsense", "Digest sk_test_x", "Basic ***"],
)
def test_anything_but_a_test_key_is_401(shop: Shop, header: str | None) -> None:
    answer = shop.http.get("/v1/customers", headers={"Authorization": header} if header else {})

    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_live_key_is_refused_with_a_warning_that_does_not_repeat_it(shop: Shop) -> None:
    answer = shop.http.get("/v1/customers", headers={"Authorization": "Bearer sk_live_51Secret"})

    assert answer.status_code == 401
    assert "live keys" in answer.json()["error"]["message"]
    assert "Secret" not in answer.text


def test_a_key_works_as_basic_user_name_too(shop: Shop) -> None:
    basic = base64.b64encode(b"sk_test_abc:").decode()

    assert shop.http.get("/v1/customers", headers={"Authorization": f"Basic {basic}"}).status_code == 200


def test_the_official_client_tells_a_wrong_key_from_other_errors(shop: Shop) -> None:
    base = dict.fromkeys(("api", "files", "connect", "meter_events"), shop.url)
    transport = stripe.HTTPXClient(timeout=10, allow_sync_methods=True)
    client = stripe.StripeClient("sk_wrong", base_addresses=base, http_client=transport)

    with pytest.raises(stripe.AuthenticationError):
        client.v1.customers.list()
    transport.close()


def test_an_unknown_path_names_itself(shop: Shop) -> None:
    answer = shop.get("/v1/nonsense")

    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "Unrecognized request URL (GET: /v1/nonsense)."


def test_an_operation_stripe_has_and_we_do_not_says_so(shop: Shop) -> None:
    answer = shop.get("/v1/coupons")

    assert answer.status_code == 404
    assert "does not offer GET /v1/coupons" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("text", "param"),
    [
        ("nmae=x", "nmae"),
        ("invoice_settings[default_pm]=x", "invoice_settings[default_pm]"),
        ("address[line3]=x", "address[line3]"),
    ],
)
def test_unknown_parameters_are_refused_at_any_depth(shop: Shop, text: str, param: str) -> None:
    error = shop.send("/v1/customers", text).json()["error"]

    assert error["message"] == f"Received unknown parameter: {param}"
    assert (error["code"], error["param"]) == ("parameter_unknown", param)


def test_payment_method_types_of_old_tutorials_is_unknown_today(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        shop.offer(payment_method_types=["card"])

    assert caught.value.code == "parameter_unknown"
    assert caught.value.param == "payment_method_types"


def test_unknown_parameters_of_a_list_are_refused_too(shop: Shop) -> None:
    assert shop.get("/v1/customers", page=2).json()["error"]["code"] == "parameter_unknown"


def test_a_parameter_without_effect_here_is_refused_instead_of_swallowed(shop: Shop) -> None:
    answer = shop.send("/v1/customers", "invoice_prefix=ABC")

    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "The Stripe emulator does not emulate the parameter 'invoice_prefix'."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("product=prod_x&currency=usd&unit_amount=ten&recurring[interval]=month", "Invalid integer: ten"),
        ("product=prod_x&currency=usd&unit_amount=10&active=maybe", "Invalid boolean: maybe"),
        ("product=prod_x&currency=usd&unit_amount=10&recurring[interval]=decade", "Invalid recurring[interval]"),
        ("product=prod_x&unit_amount=10", "Missing required param: currency."),
        ("currency=usd&recurring=monthly", "Invalid object"),
        ("currency=usd&nickname[a]=b", "Invalid string"),
        ("currency=usd&metadata=", "Missing required param: product."),
    ],
)
def test_malformed_parameters_are_refused_with_what_is_wrong(shop: Shop, text: str, told: str) -> None:
    answer = shop.send("/v1/prices", text)

    assert answer.status_code == 400
    assert told in answer.json()["error"]["message"]


@pytest.mark.parametrize("text", ["a[b=1", "name=x&name[y]=z", "address[line1]=x&address=y"])
def test_a_form_that_contradicts_itself_is_refused(shop: Shop, text: str) -> None:
    assert shop.send("/v1/customers", text).status_code == 400


def test_a_body_that_is_no_text_is_refused(shop: Shop) -> None:
    answer = shop.http.post("/v1/customers", content=b"\xff\xfe", headers={"Authorization": "Bearer sk_test_x"})

    assert answer.status_code == 400


def test_every_answer_carries_request_id_version_and_the_emulated_date(shop: Shop) -> None:
    shop.advance(400)

    answer = shop.get("/v1/customers")

    assert answer.headers["request-id"].startswith("req_")
    assert answer.headers["stripe-version"] == "2026-10-28.endive"
    moment = shop.http.get("/_emulator/clock").json()["now"]
    assert moment[:4] in answer.headers["date"]


def test_an_id_that_does_not_exist_is_named(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        shop.v1.customers.retrieve("cus_nobody")

    assert caught.value.http_status == 404
    assert caught.value.code == "resource_missing"
    assert "No such customer: 'cus_nobody'" in str(caught.value)
