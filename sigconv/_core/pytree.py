"""`pytree`: frozen dataclasses as pytrees that are rebuilt without their constructor.

JAX puts tracers, batches of arrays, shapes or `None` where the arrays were; a constructor that checks its arguments
would refuse them.
"""

import dataclasses
from typing import Any, TypeVar

import jax

T = TypeVar("T", bound=type)
STATIC: dict[str, Any] = {"static": True}
"""Metadata of a field that is part of the tree's structure: it must be hashable, and is compared."""


def pytree(cls: T) -> T:
    """Register a frozen dataclass: the fields marked `STATIC` are structure, the others children."""
    fields = dataclasses.fields(cls)
    static = tuple(field.name for field in fields if field.metadata.get("static"))
    dynamic = tuple(field.name for field in fields if not field.metadata.get("static"))
    keys = tuple(map(jax.tree_util.GetAttrKey, dynamic))

    def flatten(instance: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        return tuple(getattr(instance, name) for name in dynamic), tuple(getattr(instance, name) for name in static)

    def flatten_with_keys(instance: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        children, structure = flatten(instance)
        return tuple(zip(keys, children, strict=True)), structure

    def unflatten(structure: tuple[Any, ...], children: Any) -> Any:
        instance = object.__new__(cls)
        for name, value in (*zip(static, structure, strict=True), *zip(dynamic, children, strict=True)):
            object.__setattr__(instance, name, value)
        return instance

    jax.tree_util.register_pytree_with_keys(cls, flatten_with_keys, unflatten, flatten)
    return cls
