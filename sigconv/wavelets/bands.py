"""The layout of coefficients: a pair (approximation, detail) along one axis, a dict 'aa', 'ad', 'da', 'dd' along more.

A letter per axis, a for low-pass and d for high-pass, as PyWavelets' `dwtn`.
"""

import itertools
from typing import Any

import jax
import jax.numpy as jnp

from sigconv._core.dtypes import as_operand
from sigconv._core.errors import OptionError, ShapeError
from sigconv._core.layout import check_not_empty

Bands = tuple[Any, Any] | dict[str, Any]
Details = dict[str, jax.Array | None]
"""Bands by name; None stands for zeros."""


def keys(rank: int) -> tuple[str, ...]:
    """The names of the bands, in PyWavelets' order."""
    return tuple(map("".join, itertools.product("ad", repeat=rank)))


def stacked(bands: dict[str, jax.Array], rank: int) -> jax.Array:
    """(2, …, 2, *shape): the first axis of the result is that of the last letter."""
    rows = jnp.stack([bands[key[::-1]] for key in keys(rank)])
    return rows.reshape((2,) * rank + rows.shape[1:])


def unstacked(rows: jax.Array, rank: int) -> dict[str, jax.Array]:
    """The inverse of `stacked`."""
    flat = rows.reshape((2**rank, *rows.shape[rank:]))
    named = {key[::-1]: flat[number] for number, key in enumerate(keys(rank))}
    return {key: named[key] for key in keys(rank)}


def packed(bands: dict[str, jax.Array], is_single: bool) -> Any:
    """As the caller is given them."""
    return (bands["a"], bands["d"]) if is_single else bands


def detail(bands: dict[str, jax.Array], is_single: bool) -> Any:
    """All but the approximation."""
    return bands["d"] if is_single else {key: band for key, band in bands.items() if "d" in key}


def as_bands(argument: str, given: Any, rank: int, is_single: bool) -> Details:
    """What `dwt` returned, as a dict of arrays; None for bands that are left out, which are zero."""
    if is_single:
        if not isinstance(given, tuple | list) or len(given) != 2:
            raise OptionError(
                f"`{argument}` must be a pair (approximation, detail) where `axes` is one number; got "
                f"{described(given)}. Give `axes` as a tuple for a dict."
            )
        given = dict(zip("ad", given, strict=True))
    return _checked(argument, given, keys(rank))


def as_details(argument: str, given: Any, rank: int, is_single: bool) -> Details:
    """The details of one level, likewise."""
    names = tuple(key for key in keys(rank) if "d" in key)
    if is_single:
        if isinstance(given, dict | tuple | list):
            raise OptionError(
                f"`{argument}` must be [approximation, detail, …, detail] where `axes` is one number; got "
                f"{described(given)} for a detail. Give `axes` as a tuple for dicts."
            )
        given = {"d": given}
    return _checked(argument, given, names)


def _checked(argument: str, given: Any, names: tuple[str, ...]) -> Details:
    if not isinstance(given, dict):
        raise OptionError(
            f"`{argument}` must be a dict of the bands {list(names)} where `axes` is a tuple; got {described(given)}. "
            "Give `axes` as a number for a single axis."
        )
    if not set(given) <= set(names):
        raise OptionError(f"`{argument}` must have bands among {list(names)}; got {sorted(map(str, given))}.")
    return {name: None if given.get(name) is None else _array(argument, given[name]) for name in names}


def _array(argument: str, value: Any) -> jax.Array:
    array = as_operand(argument, value)
    check_not_empty(argument, array.shape)
    return array


def filled(argument: str, bands: Details) -> dict[str, jax.Array]:
    """Zeros for the bands that are left out; `ShapeError` unless all have one shape."""
    given = [band for band in bands.values() if band is not None]
    if not given:
        raise ShapeError(f"`{argument}` must have at least one band; got none.")
    shapes = {band.shape for band in given}
    if len(shapes) > 1:
        raise ShapeError(f"`{argument}` must have bands of one shape; got {sorted(shapes)}.")
    return {name: jnp.zeros_like(given[0]) if band is None else band for name, band in bands.items()}


def described(given: Any) -> str:
    """What was given, in a message."""
    if isinstance(given, tuple | list):
        return f"{type(given).__name__} of {len(given)}"
    return "an array" if isinstance(given, jax.Array) else type(given).__name__
