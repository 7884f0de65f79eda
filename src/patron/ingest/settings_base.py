"""What every part of patron.yaml shares, the settings of sources among them: strictness, and small types of values."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from patron.storage.address import is_address, parse_address


def make_error(what: str, do: str) -> PydanticCustomError:
    """Make an error that does not repeat what was written: it may be a password."""
    return PydanticCustomError("explained", "{what}.", {"what": what, "do": do})


def as_text(value: Any) -> Any:
    """Turn a number or a truth value into its text; other values stay as they are."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def as_list(value: Any) -> Any:
    """Turn one value into a list of it, and the values of a list into text."""
    values = value if isinstance(value, list | tuple) else [value] if isinstance(value, str | int | float) else None
    return value if values is None else [as_text(one) for one in values]


def refuse_odd_address(value: str) -> str:
    """Return a path or an address in object storage as it is. Raises ValueError for an address that leads nowhere."""
    if is_address(value):
        parse_address(value)
    return value


def refuse_no_address(value: str) -> str:
    """Return an address in object storage as it is. Raises ValueError for anything else."""
    if not is_address(value):
        raise ValueError("it must be an address in object storage, such as s3://bucket/folder")
    return refuse_odd_address(value)


NotBlank = Annotated[str, Field(min_length=1, pattern=r"\S")]
OneOrMore = Annotated[tuple[str, ...], BeforeValidator(as_list)]
RemoteAddress = Annotated[str, AfterValidator(refuse_no_address)]
PathOrAddress = Annotated[str, AfterValidator(refuse_odd_address)]
Words = Annotated[tuple[NotBlank, ...], BeforeValidator(as_list)]


class Settings(BaseModel):
    """Base of every part of patron.yaml: unknown keys are refused, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, validate_default=True)

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_truth_values(cls, value: Any, info: ValidationInfo) -> Any:
        is_switch = cls.model_fields[str(info.field_name)].annotation is bool
        if (value is True or value is False) and not is_switch:
            raise ValueError(f"{str(value).lower()} is neither a number nor text; this setting is not on or off")
        if is_switch and not isinstance(value, bool):
            raise ValueError(f"{value!r} is neither true nor false")
        return value
