"""The errors sigconv raises, and the one function that resolves a word in a table.

Every message reads "`function`: `argument` must <rule>; got <value>. <What to do.>".
Code below the front doors raises the part from `argument` on; `front_door` puts the name of the function
the user called in front of it.
"""

import functools
from collections.abc import Callable, Mapping
from typing import ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


class SigconvError(Exception):
    """Base of every error that sigconv raises on purpose."""

    __module__ = "sigconv"
    function: str | None = None

    def __str__(self) -> str:
        rule = super().__str__()
        return f"`{self.function}`: {rule}" if self.function else rule


class ShapeError(SigconvError, ValueError):
    """An array has the wrong rank or size for the operation."""

    __module__ = "sigconv"


class OptionError(SigconvError, ValueError):
    """A named choice or a number that steers the operation is not one that exists."""

    __module__ = "sigconv"


class DTypeError(SigconvError, TypeError):
    """An array holds something that cannot be filtered."""

    __module__ = "sigconv"


def lookup(argument: str, name: object, table: Mapping[str, T]) -> T:
    """The entry of `table` under `name`; `OptionError` listing the known names otherwise."""
    if isinstance(name, str) and name in table:
        return table[name]
    raise OptionError(f"`{argument}` must be one of {sorted(table)}; got {name!r}.")


def front_door(name: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Put `name` in front of the messages of errors that leave the decorated function.

    Where one front door is built on another, the outermost name, the one the user typed, is the one shown.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(function)
        def named(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return function(*args, **kwargs)
            except SigconvError as error:
                error.function = name
                raise

        return named

    return decorate
