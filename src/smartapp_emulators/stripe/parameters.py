"""Turns decoded form strings into the types the specification names, and refuses what it does not name."""

from typing import Any

from smartapp_emulators.stripe.errors import StripeError, invalid, missing_parameter, unknown_parameter

Json = dict[str, Any]

_METADATA_KEYS = 50
_METADATA_KEY_LENGTH = 40
_METADATA_VALUE_LENGTH = 500


def coerce(value: Any, schema: Json, path: str = "") -> Any:  # noqa: PLR0911 - one return per type
    """
    Return `value` typed by `schema`; an empty string stays one and means "unset".

    Args:
        value: Strings, or objects of strings, as a form decodes.
        schema: A request schema of the specification.
        path: Name of the parameter so far, as `items[0][price]`.

    Raises:
        StripeError: An unknown, missing or malformed parameter, in Stripe's words.
    """
    if "anyOf" in schema:
        return _first_fitting(value, schema["anyOf"], path)
    if value == "" and not schema.get("enum"):
        return ""
    match schema.get("type"):
        case "object":
            return _object(value, schema, path)
        case "array":
            return _array(value, schema, path)
        case _ if isinstance(value, dict):
            return value if schema.get("x-trimmed") else _refuse(path, "string")
        case "integer":
            return _integer(value, path)
        case "number":
            return _number(value, path)
        case "boolean":
            return _boolean(value, path)
    return _string(value, schema, path)


def check_metadata(metadata: Any, path: str = "metadata") -> None:
    """Hold the limits the specification does not carry: 50 keys, 40 characters a key, 500 a value."""
    if not isinstance(metadata, dict):
        return
    if len(metadata) > _METADATA_KEYS:
        raise invalid(f"You can have up to {_METADATA_KEYS} keys in metadata.", path)
    for key, value in metadata.items():
        if len(key) > _METADATA_KEY_LENGTH:
            raise invalid(f"Metadata keys can be at most {_METADATA_KEY_LENGTH} characters: {key}", f"{path}[{key}]")
        if isinstance(value, str) and len(value) > _METADATA_VALUE_LENGTH:
            message = f"Metadata values can be at most {_METADATA_VALUE_LENGTH} characters: {key}"
            raise invalid(message, f"{path}[{key}]")


def _first_fitting(value: Any, alternatives: list[Json], path: str) -> Any:
    fitting = [schema for schema in alternatives if _shape_fits(value, schema)]
    failure: StripeError | None = None
    for schema in fitting:
        try:
            return coerce(value, schema, path)
        except StripeError as error:
            failure = failure or error
    raise failure or invalid(f"Invalid value for {path}.", path)


def _shape_fits(value: Any, schema: Json) -> bool:
    nested = schema.get("type") in {"object", "array"} or bool(schema.get("x-trimmed"))
    return nested if isinstance(value, dict) else not nested or value == ""


def _object(value: Any, schema: Json, path: str) -> Any:
    if not isinstance(value, dict):
        return _refuse(path, "object")
    known: Json = schema.get("properties", {})
    rest = schema.get("additionalProperties", True)
    typed = {}
    for name, part in value.items():
        inner = f"{path}[{name}]" if path else name
        if name in known:
            typed[name] = coerce(part, known[name], inner)
        elif rest is False:
            raise unknown_parameter(inner)
        else:
            typed[name] = coerce(part, rest, inner) if isinstance(rest, dict) else part
    for name in schema.get("required", []):
        if name not in typed:
            raise missing_parameter(f"{path}[{name}]" if path else name)
    if path.rsplit("[", maxsplit=1)[-1].rstrip("]") == "metadata":
        check_metadata(typed, path)
    return typed


def _array(value: Any, schema: Json, path: str) -> list[Any]:
    if not isinstance(value, dict) or not all(key.isdigit() for key in value):
        _refuse(path, "array")
    ordered = sorted(value.items(), key=lambda pair: int(pair[0]))
    return [coerce(part, schema.get("items", {}), f"{path}[{key}]") for key, part in ordered]


def _integer(value: str, path: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise invalid(f"Invalid integer: {value}", path, "parameter_invalid_integer") from None


def _number(value: str, path: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise invalid(f"Invalid number: {value}", path) from None


def _boolean(value: str, path: str) -> bool:
    if value in {"true", "false"}:
        return value == "true"
    raise invalid(f"Invalid boolean: {value}", path)


def _string(value: str, schema: Json, path: str) -> str:
    allowed = schema.get("enum")
    if allowed and value not in allowed:
        listed = ", ".join(allowed[:-1]) + f" or {allowed[-1]}" if len(allowed) > 1 else str(allowed[0])
        raise invalid(f"Invalid {path}: must be one of {listed}", path)
    longest = schema.get("maxLength")
    if longest is not None and len(value) > longest:
        message = f"Invalid string: {value[:20]}…; must be at most {longest} characters"
        raise invalid(message, path, "parameter_invalid_string_too_long")
    return value


def _refuse(path: str, wanted: str) -> Any:
    raise invalid(f"Invalid {wanted}", path)
