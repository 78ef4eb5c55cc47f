"""The conventions table: what each library's function does, as numbers the engine understands.

One file of rows per library. The front doors read these rows when they run, and docs/conventions.md is written from
them, so neither can drift from the other.
"""

from collections.abc import Mapping

from sigconv._core.conventions import jax, matlab, numpy, opencv, own, scipy, tensorflow, torch, torch7
from sigconv._core.conventions.row import Convention as Convention
from sigconv._core.errors import front_door, lookup

_LIBRARIES = (own, numpy, scipy, torch, jax, tensorflow, matlab, opencv, torch7)
CONVENTIONS: Mapping[str, Convention] = {row.name: row for library in _LIBRARIES for row in library.ROWS}
"""The table, by name."""

OTHER_NAMES: Mapping[str, str] = {
    **{f"torch.conv{rank}d": f"torch.nn.functional.conv{rank}d" for rank in (1, 2, 3)},
    **{f"torch.conv_transpose{rank}d": f"torch.nn.functional.conv_transpose{rank}d" for rank in (1, 2, 3)},
    **{name.replace("tensorflow", "tf"): name for name in CONVENTIONS if name.startswith("tensorflow.")},
}
"""The same functions under other names."""


def row_of(argument: str, name: object) -> Convention:
    """The row of a function given as `argument`; `OptionError` listing the known names otherwise."""
    return lookup(argument, OTHER_NAMES.get(name, name) if isinstance(name, str) else name, CONVENTIONS)


@front_door("convention")
def convention(name: str) -> Convention:
    """The row of the conventions table for a function, by its full name.

    Args:
        name: Such as "scipy.signal.correlate"; docs/conventions.md lists them. `torch.conv2d` and `tf.nn.conv2d` are
            known under these names too.
    Returns:
        A `Convention`: flips, conjugates, modes, default mode and boundary, layouts, and the methods `origin(k)`,
        `padding(n, k, mode=…, stride=…, dilation=…)` and `reproduce(source, n, k, …)`.
    Raises:
        OptionError: No such row; the message lists those there are.
    Example:
        >>> convention("scipy.signal.correlate").padding(100, 4, mode="same")
        (2, 1)
        >>> convention("scipy.signal.correlate2d").padding(100, 4, mode="same")
        (1, 2)
        >>> torch, keras = convention("torch.conv2d"), convention("tf.nn.conv2d")
        >>> torch.reproduce(keras, n=7, k=3, mode="SAME", stride=2)
        {'padding': 1, 'stride': 2}
    """
    return row_of("name", name)
