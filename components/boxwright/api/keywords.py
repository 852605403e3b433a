"""Keyword arguments that are the flags of a command: the signature, the documentation and the words of the command line."""

import functools
import inspect
import numbers
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING
from difflib import get_close_matches
from typing import Any, TypeVar, get_origin

from boxwright.api.process import Error
from boxwright.core.runtime.flags import Flag

_Function = TypeVar("_Function", bound=Callable)


def takes(flags: Sequence[Flag]) -> Callable[[_Function], _Function]:
    """Decorator of a function with `**flags`: its signature and its documentation list the flags that it does not name itself.

    A call with another keyword raises TypeError, which names the keyword that comes nearest.
    """

    def decorate(function: _Function) -> _Function:
        own = [one for one in inspect.signature(function).parameters.values() if one.kind is not one.VAR_KEYWORD]
        named = {one.name for one in own}
        others = [flag for flag in flags if flag.name not in named]
        signature = inspect.Signature([*own, *map(_parameter, others)], return_annotation=_result(function))

        @functools.wraps(function)
        def checked(*given: Any, **words: Any) -> Any:
            require_known(function.__name__, words, list(signature.parameters))
            signature.bind(*given, **words)  # the usual TypeError for what is missing or given twice
            return function(*given, **words)

        checked.__signature__ = signature  # pyright: ignore[reportAttributeAccessIssue]  (inspect reads it)
        checked.__doc__ = "\n".join([inspect.cleandoc(function.__doc__ or ""), "", *map(_described, others)])
        return checked  # pyright: ignore[reportReturnType]  (it has the same parameters)

    return decorate


def require_known(function: str, given: Mapping[str, Any], known: Sequence[str]) -> None:
    """Raises TypeError for a keyword that the function does not have."""
    for name in given:
        if name not in known:
            near = get_close_matches(name.replace("-", "_").lower(), known, 1, 0.5)
            meant = f"; did you mean {near[0]}?" if near else f"; help(boxwright.{function}) lists them"
            raise TypeError(f"boxwright.{function}() has no argument {name!r}{meant}")


def words(flags: Sequence[Flag], given: Mapping[str, Any]) -> list[str]:
    """The words of the command line for these values, by name of the flag. None stands for the default.

    Raises TypeError for a value of another type, and Error for one that the flag refuses.
    """
    named = {flag: given[flag.name] for flag in flags if given.get(flag.name) is not None}
    found = [word(flag, value) for flag, value in named.items()]
    if wrong := [f"{flag.option} {value}: {said}" for flag, value in named.items() if (said := flag.wrong(value))]:
        raise Error("; ".join(wrong))
    return found


def word(flag: Flag, value: Any) -> str:
    """`--flag=value`. A list becomes a text with commas. Raises TypeError for a value of another type."""
    if flag.kind is bool and isinstance(value, bool):
        return flag.option if value else f"--no-{flag.option[2:]}"
    if flag.kind is int and isinstance(value, numbers.Integral) and not isinstance(value, bool):  # also numpy's
        return f"{flag.option}={int(value)}"
    if isinstance(value, list | tuple) and flag.kind is str:
        return f"{flag.option}={','.join(map(os.fspath, value))}"
    if isinstance(value, str | os.PathLike) and flag.kind not in (bool, int):
        return f"{flag.option}={os.fspath(value)}"
    raise TypeError(f"{flag.name}={value!r:.100}: expected {kind_of(flag)}, got {type(value).__name__}")


def kind_of(flag: Flag) -> str:
    return "a text" if get_origin(flag.kind) or flag.kind is str else flag.kind.__name__


def _parameter(flag: Flag) -> inspect.Parameter:
    default = inspect.Parameter.empty if flag.default is MISSING else flag.default
    return inspect.Parameter(flag.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=flag.kind)


def _result(function: Callable) -> Any:
    return inspect.signature(function, eval_str=True).return_annotation


def _described(flag: Flag) -> str:
    return f"{flag.name}: {flag.text_with_choices}"
