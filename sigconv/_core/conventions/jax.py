"""JAX's own primitive."""

from sigconv._core.conventions.arguments import Call
from sigconv._core.conventions.pads import strided_same, strided_same_lower, valid
from sigconv._core.conventions.row import Convention


def _arguments(call: Call) -> dict[str, object]:
    mode = call.mode if isinstance(call.mode, str) else list(call.mode)
    given: dict[str, object] = {"window_strides": call.stride, "padding": mode}
    for name, steps in (("rhs_dilation", call.dilation), ("lhs_dilation", call.input_dilation)):
        if set(steps) != {1}:
            given[name] = steps
    return given


ROWS = (
    Convention(
        "jax.lax.conv_general_dilated",
        flips=False,
        conjugates=False,
        modes={"SAME": strided_same, "SAME_LOWER": strided_same_lower, "VALID": valid},
        default_mode=None,
        signal_layout="batch channel space",
        kernel_layout="out in/groups taps",
        pairs=True,
        uninserted=("SAME", "SAME_LOWER", "VALID"),
        crops=True,
        steps=frozenset({"stride", "dilation", "input_dilation"}),
        arguments=_arguments,
        note="layouts are those of dimension_numbers=None",
    ),
)
