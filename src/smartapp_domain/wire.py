"""
Domain values as plain data that JSON can carry, and back.

The one place that knows how values look outside: storages keep documents made here, and anybody's own adapter may. The
same value always gives the same text: sets are sorted, moments are ISO 8601 in UTC, money stays whole cents.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar, get_args

import attrs
import cattrs
from cattrs import BaseValidationError, Converter
from cattrs.gen import make_dict_structure_fn

from smartapp_domain.catalog import AddOn, Module, Product, product
from smartapp_domain.ids import ProjectId
from smartapp_domain.mapping import ExistingProject, NewProject, Target
from smartapp_domain.pricing import OnRequest

T = TypeVar("T")
ON_REQUEST = "on_request"
NEW = "new"


class Unreadable(ValueError):
    """Raised when plain data is not the value it should be; the text names every wrong field."""


def to_plain(value: object) -> Any:
    """Return the value as dictionaries, lists, strings, numbers, booleans and None."""
    return _converter.unstructure(value)


def from_plain(type_: type[T], plain: Any) -> T:
    """Return the value `to_plain` was given, or raise `Unreadable`. Fields nobody knows are refused, not dropped."""
    try:
        return _converter.structure(plain, type_)
    except BaseValidationError as error:
        raise Unreadable("; ".join(cattrs.transform_error(error, type_.__name__, _said))) from error
    except (ValueError, TypeError, KeyError) as error:
        raise Unreadable(f"{_said(error, type_)} @ {type_.__name__}") from error


def _said(error: BaseException, _: type[Any] | None) -> str:
    match error:
        case KeyError():
            return "required field missing"
        case cattrs.ForbiddenExtraKeysError():
            return "unknown field " + ", ".join(sorted(map(repr, error.extra_fields)))
        case _:
            return str(error)


def _moment_out(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise Unreadable(f"{moment!r} has no time zone; moments are aware, UTC.")
    return moment.astimezone(UTC).isoformat()


def _moment_in(text: Any, _: Any) -> datetime:
    moment = datetime.fromisoformat(_string(text))
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment.astimezone(UTC)


def _string(plain: Any) -> str:
    if not isinstance(plain, str):
        raise TypeError(f"{plain!r} is no text")
    return plain


def _whole(plain: Any, _: Any) -> int:
    if not isinstance(plain, int) or isinstance(plain, bool):  # 12.5 cents or "12" would be cut or guessed silently
        raise TypeError(f"{plain!r} is no whole number")
    return plain


def _yes_or_no(plain: Any, _: Any) -> bool:
    if not isinstance(plain, bool):
        raise TypeError(f"{plain!r} is neither true nor false")
    return plain


def _product_in(plain: Any, _: Any) -> Product:
    return product(_string(plain))


def _amount_in(plain: Any, type_: Any) -> int | OnRequest:
    return OnRequest() if plain == ON_REQUEST else _whole(plain, type_)


def _target_out(target: NewProject | ExistingProject) -> str | dict[str, str]:
    return {"project_id": target.project_id} if isinstance(target, ExistingProject) else NEW


def _target_in(plain: Any, _: Any) -> Target:
    if plain == NEW:
        return NewProject()
    if isinstance(plain, dict) and plain.keys() == {"project_id"}:
        return ExistingProject(ProjectId(_string(plain["project_id"])))
    raise ValueError(f"{plain!r} is no target: {NEW!r}, or a project_id alone")


def _sorted_set(values: frozenset[Any]) -> list[Any]:
    return sorted(to_plain(value) for value in values)


def _is_set(type_: Any) -> bool:
    return (getattr(type_, "__origin__", type_)) is frozenset


def _object_in(type_: type[Any], converter: Converter) -> Callable[[Any, Any], Any]:
    read = make_dict_structure_fn(type_, converter, _cattrs_forbid_extra_keys=True)

    def checked(plain: Any, of: Any) -> Any:
        if not isinstance(plain, dict):
            raise TypeError(f"{plain!r} is no object")
        return read(plain, of)

    return checked


def _make_converter() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook_factory(attrs.has, lambda type_: _object_in(type_, converter))
    converter.register_unstructure_hook(datetime, _moment_out)
    converter.register_structure_hook(datetime, _moment_in)
    converter.register_unstructure_hook(Decimal, str)
    converter.register_structure_hook(Decimal, lambda plain, _: Decimal(_string(plain)))
    converter.register_structure_hook(str, lambda plain, _: _string(plain))
    converter.register_structure_hook(int, _whole)
    converter.register_structure_hook(bool, _yes_or_no)
    converter.register_unstructure_hook_func(_is_set, _sorted_set)
    converter.register_structure_hook(Module | AddOn, _product_in)
    converter.register_unstructure_hook(OnRequest, lambda _: ON_REQUEST)
    converter.register_structure_hook(int | OnRequest, _amount_in)
    for target in get_args(Target):
        converter.register_unstructure_hook(target, _target_out)
    converter.register_structure_hook(Target, _target_in)
    return converter


_converter = _make_converter()
