"""TensorFlow's rows."""

from sigconv._core.conventions.arguments import Call, one_or_all
from sigconv._core.conventions.pads import strided_same, valid
from sigconv._core.conventions.row import Convention

WORDS = {"SAME": strided_same, "VALID": valid}


def _same_length(length: int, extent: int, stride: int) -> int:
    return length * stride


def _valid_length(length: int, extent: int, stride: int) -> int:
    """Keras's choice among the `stride` lengths that tf.nn takes."""
    return (length - 1) * stride + max(extent, stride)


DEFAULT_LENGTHS = {"SAME": _same_length, "VALID": _valid_length}


def transposed_length(mode: object, length: int, extent: int, stride: int) -> int:
    """What `output_padding` 0 stands for: for (lo, hi), the least length."""
    if isinstance(mode, str):
        return DEFAULT_LENGTHS[mode](length, extent, stride)
    lo, hi = mode  # type: ignore[misc]
    return (length - 1) * stride + extent - lo - hi


def _padding(call: Call) -> object:
    return call.mode if isinstance(call.mode, str) else [[0, 0], *(list(pair) for pair in call.mode), [0, 0]]  # type: ignore[arg-type]


def _named(strides: str = "strides"):
    def arguments(call: Call) -> dict[str, object]:
        given = {strides: one_or_all(call.stride), "padding": _padding(call)}
        return given if set(call.dilation) == {1} else {**given, "dilations": one_or_all(call.dilation)}

    return arguments


def _listed(call: Call) -> dict[str, object]:
    given: dict[str, object] = {"strides": [1, *call.stride, 1], "padding": _padding(call)}
    return given if set(call.dilation) == {1} else {**given, "dilations": [1, *call.dilation, 1]}


def _depthwise(call: Call) -> dict[str, object]:
    given: dict[str, object] = {"strides": [1, *call.stride, 1], "padding": _padding(call)}
    return given if set(call.dilation) == {1} else {**given, "dilations": list(call.dilation)}


def _transposed(call: Call) -> dict[str, object]:
    """The spatial lengths are all that conv2d_transpose needs of `output_shape`."""
    modes = (call.mode,) * len(call.shape) if isinstance(call.mode, str) else call.mode
    steps = zip(modes, call.shape, call.taps, call.stride, call.dilation, call.output_padding, strict=True)
    lengths = [transposed_length(mode, n, (k - 1) * d + 1, s) + extra for mode, n, k, s, d, extra in steps]
    return {"output_shape": lengths, **_named()(call)}


def _row(name: str, rank: int, **options: object) -> Convention:
    settings = {
        "flips": False,
        "conjugates": False,
        "modes": WORDS,
        "default_mode": None,
        "signal_layout": "batch space channel",
        "kernel_layout": "taps in/groups out",
        "steps": frozenset({"stride", "dilation"}),
        "arguments": _named(),
        "note": "float16, bfloat16, float32 or float64, and, but for depthwise and 3-d ones, int32",
        **options,
    }
    return Convention(f"tensorflow.nn.{name}", rank=rank, **settings)  # type: ignore[arg-type]


def _transpose(rank: int, **options: object) -> Convention:
    return _row(
        f"conv{rank}d_transpose",
        rank,
        flips=True,
        default_mode="SAME",
        kernel_layout="taps out in" if rank == 3 else "taps out/groups in",
        steps=frozenset({"stride", "dilation", "output_padding"}),
        transposed=True,
        result_lengths=DEFAULT_LENGTHS,
        arguments=_transposed,
        note="takes the result's shape; output_padding is its length less the length that Keras gives; of conv1d and "
        "conv2d also int32",
        **options,
    )


ROWS = (
    _row("conv1d", 1, arguments=_named("stride")),
    _row("conv2d", 2, pairs=True),
    _row("conv3d", 3, arguments=_listed, kernel_layout="taps in out"),
    _row(
        "depthwise_conv2d",
        2,
        pairs=True,
        kernel_layout="taps in multiplier",
        one_step=True,
        arguments=_depthwise,
        note="with strides and dilations both above 1 TensorFlow does something else: refused",
    ),
    _row(
        "atrous_conv2d",
        2,
        steps=frozenset({"dilation"}),
        arguments=lambda call: {"rate": one_or_all(call.dilation), "padding": call.mode},
    ),
    _transpose(1),
    _transpose(2, pairs=True),
    _transpose(3),
)
