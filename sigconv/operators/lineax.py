"""`as_lineax` and `Spectral`: the doors to lineax, which is imported only when one of them is called."""

import importlib
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from sigconv._core.errors import OptionError, front_door
from sigconv.operators.operator import LinearOperator


@front_door("operators.as_lineax")
def as_lineax(operator: LinearOperator, *, tags: Iterable[object] = ()) -> Any:
    """The operator as a `lineax.AbstractLinearOperator`, for lineax's solvers.

    Args:
        operator: Any of ours. What `normal(op)` gives is tagged positive semi-definite.
        tags: What else is known of it, such as `lineax.positive_semidefinite_tag`.
    Raises:
        OptionError: lineax is not installed.
    """
    if not isinstance(operator, LinearOperator):
        raise OptionError(f"`operator` must be one of sigconv.operators; got {type(operator).__name__}.")
    return _ours().wrapped(operator, frozenset(tags))


@front_door("operators.Spectral")
def Spectral(*, well_posed: bool = False, rcond: float | None = None) -> Any:  # noqa: N802
    """A lineax solver that solves with `as_lineax(circulant)` directly, frequency by frequency.

    Args:
        well_posed: Whether the operator is known to be invertible. If not, the solution is the least-norm least-squares
            one; if it is said to be and is not, the result is not finite.
        rcond: Singular values below rcond times the largest count as zero; eps · √N · channels if None.
    Raises:
        OptionError: lineax is not installed.
    """
    return _ours().SpectralSolver(bool(well_posed), rcond)


def _ours() -> ModuleType:
    try:
        return importlib.import_module("sigconv.operators._lineax")
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.split(".")[0] in ("lineax", "equinox", "jaxtyping"):
            raise OptionError("lineax must be installed; it is not. `pip install sigconv[lineax]`.") from None
        raise
