"""Reads and writes one JSON file as a checked model."""

import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from boxwright.core.runtime import limits, text_files
from boxwright.core.runtime.errors import UserError, brief, shown

_Content = TypeVar("_Content")


class Part(BaseModel):
    """A model of a file, or of a part of one. A field that the file has and the model lacks is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def read(path: Path, content: type[_Content], step: str) -> _Content:
    """The content of a file that `boxwright STEP` writes. Raises UserError that names the file and the wrong field."""
    again = f"run `boxwright {step}` again"
    try:
        with path.open("rb") as file:
            return TypeAdapter(content).validate_json(limits.read_at_most(file, limits.OWN_JSON_BYTES, path, again))
    except (FileNotFoundError, NotADirectoryError):
        raise UserError(f"{path}: no such file; expected the {path.name} that `boxwright {step}` wrote") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}; check its permissions, or {again}") from None
    except ValidationError as error:
        raise UserError(f"{path} {_what_is_wrong(error)}: {again}") from None


def text(content: BaseModel, exclude: set[str] | None = None) -> str:
    """The content as JSON text. exclude: fields of the top level that are left out."""
    values = content.model_dump(mode="json", by_alias=True, exclude=exclude)
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"


def write(path: Path, content: BaseModel) -> None:
    """Raises UserError when the file cannot be written."""
    text_files.write(path, text(content))


def _what_is_wrong(error: ValidationError) -> str:
    """`is damaged (...)` for a text that is not JSON, else the first wrong field and what was expected there."""
    first, *others = error.errors(include_url=False)
    if first["type"] == "json_invalid":
        return f"is damaged ({first['msg']})"
    field = brief(".".join(map(str, first["loc"]))) or "the whole file"
    got = "" if first["type"] == "missing" else f", got {shown(first['input'])}"
    more = f" ({len(others)} more fields are wrong)" if others else ""
    return f"is not as this version writes it: {field}: {brief(first['msg'])}{got}{more}"
