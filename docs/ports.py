"""From one library's function to another's in five lines: the ports of docs/conventions.md, run as they are written."""

import dataclasses

SETUP = """>>> import jax, numpy as np
>>> import sigconv
>>> from sigconv import compat, convert_kernel
>>> rng = np.random.default_rng(0)
>>> shapes = (9,), (4,), (7, 9), (4, 3), (1, 2, 7, 9), (3, 2, 3, 3)
>>> u, v, x, k, image, w = (rng.integers(-9, 10, shape).astype("float32") for shape in shapes)
>>> nhwc, hwio, iohw = image.transpose(0, 2, 3, 1), w.transpose(2, 3, 1, 0), w[:2]"""


@dataclasses.dataclass(frozen=True)
class Port:
    """One pair of functions.

    Attributes:
        source, target: Rows of the table.
        lengths: Names of the signal and the kernel whose shapes count, as code.
        said: How the source is called, as `reproduce` is told.
        kernel: The source's kernel.
        before, after: Calls of the source, and of the target with `kernel` and `arguments`.
        words: What to know about this port.
    """

    source: str
    target: str
    lengths: str
    said: str
    kernel: str
    before: str
    after: str
    words: str


PORTS = (
    Port(
        "scipy.signal.correlate2d", "torch.conv2d", "x.shape, k.shape", ', mode="same"', "k",
        'compat.scipy.correlate2d(x, k, mode="same")', "compat.torch.conv2d(x[None, None], kernel, **arguments)[0, 0]",
        "Nothing is flipped; a complex kernel is conjugated first.",
    ),
    Port(
        "scipy.signal.convolve2d", "torch.conv2d", "x.shape, k.shape", "", "k",
        "compat.scipy.convolve2d(x, k)", "compat.torch.conv2d(x[None, None], kernel, **arguments)[0, 0]",
        "The kernel is flipped; 'full' is padding by K − 1.",
    ),
    Port(
        "numpy.convolve", "jax.lax.conv_general_dilated", "u.shape, v.shape", ', mode="same"', "v",
        'compat.numpy.convolve(u, v, mode="same")',
        "jax.lax.conv_general_dilated(u[None, None], kernel, **arguments)[0, 0]",
        "NumPy's 'same' of an even kernel is JAX's SAME_LOWER.",
    ),
    Port(
        "tf.nn.conv2d", "torch.conv2d", "(7, 9), (3, 3)", ', mode="SAME", stride=2', "hwio",
        'compat.tensorflow.conv2d(nhwc, hwio, 2, "SAME").transpose(0, 3, 1, 2)',
        "compat.torch.conv2d(image, kernel, **arguments)",
        "HWIO becomes OIHW. This works for odd lengths only; see below for even ones.",
    ),
    Port(
        "torch.conv2d", "tf.nn.conv2d", "(7, 9), (3, 3)", ", mode=2, stride=2", "w",
        "compat.torch.conv2d(image, w, padding=2, stride=2)",
        "compat.tensorflow.conv2d(nhwc, kernel, **arguments).transpose(0, 3, 1, 2)",
        "Explicit padding says it for every length.",
    ),
    Port(
        "torch.conv_transpose2d", "tf.nn.conv2d_transpose", "(7, 9), (3, 3)", ", mode=1, stride=2, output_padding=1",
        "iohw",
        "compat.torch.conv_transpose2d(image, iohw, padding=1, stride=2, output_padding=1)",
        "compat.tensorflow.conv2d_transpose(nhwc, kernel, **arguments).transpose(0, 3, 1, 2)",
        "IOHW becomes HWOI. `tf.nn` itself wants the whole `output_shape`, with batch and channels.",
    ),
    Port(
        "torch.conv_transpose2d", "torch.conv2d", "(7, 9), (3, 3)", ", mode=1", "iohw",
        "compat.torch.conv_transpose2d(image, iohw, padding=1)", "compat.torch.conv2d(image, kernel, **arguments)",
        "At stride 1 a transposed convolution is one with the taps flipped and the channels exchanged.",
    ),
    Port(
        "matlab.conv2", "torch.conv2d", "x.shape, k.shape", ', mode="same"', "k",
        'compat.matlab.conv2(x, k, "same")', "compat.torch.conv2d(x[None, None], kernel, **arguments)[0, 0]",
        "MATLAB's and PyTorch's 'same' have the same pads, for even kernels too.",
    ),
    Port(
        "matlab.filter2", "scipy.signal.correlate2d", "x.shape, k.shape", "", "k",
        "compat.matlab.filter2(k, x)", "compat.scipy.correlate2d(x, kernel, **arguments)",
        "`correlate2d`, not `correlate`, whose 'same' is one sample beside for even kernels.",
    ),
    Port(
        "matlab.xcorr", "scipy.signal.correlate", "(9,), (9,)", "", "u[::-1]",
        "compat.matlab.xcorr(u, u[::-1])[0]", "compat.scipy.correlate(u, kernel, **arguments)",
        "Of vectors of one length; a shorter one MATLAB pads with zeros first.",
    ),
    Port(
        "matlab.imfilter", "cv2.filter2D", "x.shape, k.shape", ', boundary="replicate"', "k",
        'compat.matlab.imfilter(x, k, "replicate")', "compat.opencv.filter2D(x, -1, kernel, **arguments)",
        "OpenCV's anchor is (x, y), MATLAB's centre of an even kernel one sample earlier.",
    ),
    Port(
        "cv2.filter2D", "scipy.ndimage.correlate", "x.shape, k.shape", "", "k",
        "compat.opencv.filter2D(x, -1, k)", "compat.ndimage.correlate(x, kernel, **arguments)",
        "OpenCV's default border, REFLECT_101, is ndimage's 'mirror'.",
    ),
    Port(
        "scipy.ndimage.convolve", "cv2.filter2D", "x.shape, k.shape", "", "k",
        "compat.ndimage.convolve(x, k)", "compat.opencv.filter2D(x, -1, kernel, **arguments)",
        "ndimage's default, 'reflect', is OpenCV's REFLECT (2).",
    ),
    Port(
        "torch7.conv2", "torch.conv2d", "x.shape, k.shape", ', mode="F"', "k",
        'compat.torch7.conv2(x, k, "F")', "compat.torch.conv2d(x[None, None], kernel, **arguments)[0, 0]",
        "Torch7's `conv2` flips, what came after it does not.",
    ),
    Port(
        "torch.conv2d", "sigconv.convolve_channels", "(7, 9), (3, 3)", ", mode=1, stride=2", "w",
        "compat.torch.conv2d(image, w, padding=1, stride=2)",
        "sigconv.convolve_channels(image, kernel, **arguments)",
        "To a true convolution.",
    ),
)  # fmt: skip


def ports_text() -> str:
    """All ports, with what they print."""
    names: dict[str, object] = {}
    for line in SETUP.splitlines():
        exec(line.removeprefix(">>> "), names)
    return "\n".join([f"```python\n{SETUP}\n\n```\n", *(_port_text(port, names) for port in PORTS)])


def _port_text(port: Port, names: dict[str, object]) -> str:
    code = [
        f'source, target = sigconv.convention("{port.source}"), sigconv.convention("{port.target}")',
        f"arguments = target.reproduce(source, {port.lengths}{port.said})",
        f"kernel = convert_kernel({port.kernel}, source=source.name, target=target.name)",
        f"y = {port.after}",
    ]
    for line in code:
        exec(line, names)
    agree = f"bool((y == {port.before}).all())"
    if not eval(agree, names):
        raise AssertionError(f"{port.source} and {port.target} disagree: the table and the code do.")
    lines = [f">>> {line}" for line in (*code[:2], "arguments")]
    lines += [repr(names["arguments"]), *(f">>> {line}" for line in code[2:]), f">>> {agree}", "True"]
    return f"### {port.source} → {port.target}\n\n{port.words}\n\n```python\n" + "\n".join(lines) + "\n\n```\n"
