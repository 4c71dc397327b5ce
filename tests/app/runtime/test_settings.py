"""Settings: typed, from three places, refused with sentences."""

from pathlib import Path

import attrs
import pytest

from smartapp_domain.catalog import AddOn, Interval, Module
from smartapp_domain.pricing import LIST_PRICES, OnRequest
from smartapp_runtime.hiding import secrets_of
from smartapp_runtime.settings import Settings, SettingsError, env_name, load

SECRETS = {
    "SMARTAPP_STRIPE_API_KEY": "sk_test_verysecret",
    "SMARTAPP_ENCRYPTION_KEYS": "k1:aaaabbbb,k2:ccccdddd",
    "SMARTAPP_PROCORE_PLANNER_CLIENT_SECRET": "planner-hush",
    "SMARTAPP_DATABASE_URL": "postgresql://app:dbpassword@db.example.com/smartapp",
}


def config(tmp_path: Path, text: str) -> dict[str, str]:
    file = tmp_path / "smartapp.toml"
    file.write_text(text)
    return {"SMARTAPP_CONFIG": str(file)}


def problems_of(environment: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as refused:
        load(environment)
    return "\n".join(refused.value.problems)


def test_without_anything_given_defaults_hold() -> None:
    loaded = load({})

    assert loaded.settings == Settings()
    assert set(loaded.sources.values()) == {"default"}


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    file = config(tmp_path, 'port = 9000\nhost = "0.0.0.0"\n')

    loaded = load(file | {"SMARTAPP_PORT": "9001"})

    assert (loaded.settings.port, loaded.settings.host) == (9001, "0.0.0.0")  # noqa: S104 - only a value here
    assert (loaded.sources["port"], loaded.sources["host"]) == ("environment", file["SMARTAPP_CONFIG"])


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("SMARTAPP_PORT", "80a", "whole number from 0 to 65535"),
        ("SMARTAPP_PORT", "70000", "whole number from 0 to 65535"),
        ("SMARTAPP_WORKER_THREADS", "0", "whole number from 1 to 64"),
        ("SMARTAPP_PUBLIC_URL", "connect.example.com", "URL such as https://connect.example.com"),
        ("SMARTAPP_PUBLIC_URL", "http://x:abc", "URL such as https://connect.example.com"),
        ("SMARTAPP_STRIPE_API_BASE", "http://x:99999", "URL such as https://connect.example.com"),
        ("SMARTAPP_PUBLIC_URL", "https://exa mple", "URL such as https://connect.example.com"),
        ("SMARTAPP_PROCORE_ENVIRONMENT", "prod", "production, sandbox"),
        ("SMARTAPP_STRIPE_ALLOW_LIVE", "perhaps", "yes or no"),
        ("SMARTAPP_LOG_LEVEL", "loud", "debug, info"),
        ("SMARTAPP_PRICE_BOOK", "cheap", "table [price_book]"),
        ("SMARTAPP_BROKER", "kafka://mq", "must begin with amqp://"),
        ("SMARTAPP_BROKER", "amqp:///smartapp", "names no host"),
        ("SMARTAPP_BROKER", "amqp://localhost:abc/", "port that is no number"),
        ("SMARTAPP_BROKER", "redis://localhost/nine", "database that is no number"),
        ("SMARTAPP_WORKER_LEASE_S", "0", "whole number from 1 to 3600"),
    ],
)
def test_a_wrong_setting_is_refused_by_name_with_the_fix(variable: str, value: str, told: str) -> None:
    problems = problems_of({variable: value})

    assert variable in problems
    assert told in problems
    assert value in problems


def test_every_wrong_setting_is_named_at_once() -> None:
    problems = problems_of({"SMARTAPP_PORT": "x", "SMARTAPP_WORKER_THREADS": "y"})

    assert "SMARTAPP_PORT" in problems
    assert "SMARTAPP_WORKER_THREADS" in problems


def test_a_misspelled_setting_in_the_file_is_refused(tmp_path: Path) -> None:
    assert "`stripe_apikey`. Do you mean stripe_api_key?" in problems_of(config(tmp_path, 'stripe_apikey = "x"\n'))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert "SMARTAPP_CONFIG" in problems_of({"SMARTAPP_CONFIG": str(tmp_path / "no-such.toml")})
    assert "SMARTAPP_CONFIG" in problems_of(config(tmp_path, "port = = 3"))


def test_unknown_variables_are_named_but_do_not_stop_the_start() -> None:
    loaded = load({"SMARTAPP_STRIPE_APIKEY": "x", "SMARTAPP_SERVICE_HOST": "10.0.0.7", "SMARTAPP_TEST_POSTGRES": "y"})

    assert [sentence.split()[0] for sentence in loaded.unknown] == ["SMARTAPP_SERVICE_HOST", "SMARTAPP_STRIPE_APIKEY"]
    assert "Do you mean SMARTAPP_STRIPE_API_KEY?" in loaded.unknown[1]


def test_what_is_not_given_is_asked_for_by_name_and_meaning() -> None:
    with pytest.raises(SettingsError) as refused:
        Settings().require("stripe_api_key", "encryption_keys", "host")

    assert len(refused.value.problems) == 2
    assert refused.value.problems[0].startswith("SMARTAPP_STRIPE_API_KEY is not set: ")


def test_secrets_are_neither_listed_nor_printed() -> None:
    loaded = load(SECRETS)
    shown = "\n".join(f"{row.value} {row.meaning}" for row in loaded.shown()) + repr(loaded)

    for secret in ("verysecret", "aaaabbbb", "ccccdddd", "planner-hush"):
        assert secret not in shown
    assert "dbpassword" not in "\n".join(row.value for row in loaded.shown())
    assert {"aaaabbbb", "ccccdddd", "planner-hush", "sk_test_verysecret"} <= set(secrets_of(loaded.settings))


def test_a_password_inside_an_address_is_neither_listed_nor_logged_nor_repeated() -> None:
    loaded = load({"SMARTAPP_BROKER": "amqp://app:mqpassword@mq.example.com/smartapp"})

    assert "mqpassword" not in "\n".join(row.value for row in loaded.shown())
    assert "mqpassword" in secrets_of(loaded.settings)
    assert "mqpassword" not in problems_of({"SMARTAPP_BROKER": "ampq://app:mqpassword@mq.example.com/smartapp"})


def test_a_password_may_stand_in_the_query_or_be_quoted_and_is_hidden_all_the_same() -> None:
    loaded = load(
        {
            "SMARTAPP_DATABASE_URL": "postgresql://db/smartapp?user=u&password=in-the-query&sslpassword=of-the-key",
            "SMARTAPP_OPERATOR_DATABASE_URL": "postgresql://u:with%2Fslash@db/smartapp",
        }
    )

    shown = "\n".join(row.value for row in loaded.shown())
    for secret in ("in-the-query", "of-the-key", "with%2Fslash", "with/slash"):
        assert secret not in shown
        assert secret in secrets_of(loaded.settings)


ADDRESSES = [
    env_name(f.name) for f in attrs.fields(Settings) if f.name.endswith(("_url", "_base", "_origin", "broker"))
]


@pytest.mark.parametrize("variable", ADDRESSES)
def test_whatever_names_a_host_hides_its_password_from_the_list_the_logs_and_a_traceback(variable: str) -> None:
    scheme = "amqp" if variable.endswith("BROKER") else "https"
    loaded = load({variable: f"{scheme}://user:hunter%32two@proxy.example"})

    assert "proxy.example" in "\n".join(row.value for row in loaded.shown())
    assert "hunter" not in "\n".join(row.value for row in loaded.shown()) + repr(loaded)
    assert {"hunter%32two", "hunter2two"} <= set(secrets_of(loaded.settings))


@pytest.mark.parametrize("given", ["user:hunter2@proxy", "https:/user:hunter2@proxy", "ftp://h/?password=hunter2"])
def test_an_address_that_cannot_be_used_is_repeated_without_its_password(given: str) -> None:
    problems = problems_of({"SMARTAPP_STRIPE_API_BASE": given, "SMARTAPP_BROKER": given})

    assert "hunter2" not in problems
    assert problems.count("(hidden)") == 2


def test_a_password_the_database_would_take_with_its_slash_is_hidden_from_the_logs_as_well() -> None:
    loaded = load({"SMARTAPP_DATABASE_URL": "postgresql://u:with/slash@db/smartapp"})

    assert "with/slash" in secrets_of(loaded.settings)


def test_a_wrong_secret_is_not_repeated(tmp_path: Path) -> None:
    assert "hush" not in problems_of(config(tmp_path, 'stripe_api_key = ["hush"]\n'))


def test_every_setting_has_a_meaning() -> None:
    assert all(field.metadata["meaning"].endswith(".") for field in attrs.fields(Settings))


def test_prices_come_from_a_table_and_the_rest_from_the_list(tmp_path: Path) -> None:
    book = load(
        config(
            tmp_path,
            """
            [price_book]
            version = 7
            yearly_discount = "0.10"
            yearly_only = ["safety_badge"]
            [price_book.cents_per_month]
            planner = 30000
            planner_board = "on request"
            """,
        )
    ).settings.price_book

    assert book.version == 7
    assert book.unit_cents(Module.PLANNER, Interval.YEAR) == 324_000
    assert book.modules[Module.SAFETY] == LIST_PRICES.modules[Module.SAFETY]
    assert isinstance(book.add_ons[AddOn.PLANNER_BOARD], OnRequest)
    assert book.yearly_only == {AddOn.SAFETY_BADGE}


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("version = 1", "above 1"),
        ("version = 2\ndiscount = 1", "'discount'"),
        ('version = 2\nyearly_discount = "ten"', "yearly_discount"),
        ('version = 2\nyearly_discount = "1"', "below 1"),
        ('version = 2\nyearly_only = ["planner"]', "'planner'"),
        ("version = 2\n[price_book.cents_per_month]\nplanner = 295.5", "cents_per_month.planner"),
        ("version = 2\n[price_book.cents_per_month]\nplanner = -1", "below 0"),
        ("version = 2\n[price_book.cents_per_month]\nplaner = 1", "planner_board"),
    ],
)
def test_a_wrong_price_book_says_what_is_wrong(tmp_path: Path, table: str, told: str) -> None:
    problems = problems_of(config(tmp_path, f"[price_book]\n{table}\n"))

    assert "price_book" in problems
    assert told in problems
