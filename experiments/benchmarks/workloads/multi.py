"""A multi-channel convolution, plain, dilated, depthwise or transposed, by everybody who can do it."""

import dataclasses
import functools
import math
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import sigconv
from experiments.benchmarks.harness import Candidate, Reference
from experiments.benchmarks.workloads.noise import rounded, white_noise
from experiments.benchmarks.workloads.rivals import (
    Function,
    Gradient,
    Preparation,
    is_installed,
    peer,
    with_jax,
    with_torch,
)
from experiments.benchmarks.workloads.spectral import convolve_with_jax, convolve_with_torch, cyclic
from experiments.benchmarks.workloads.tolerance import allowed_error
from experiments.benchmarks.workloads.workload import OURS, Bout


@dataclasses.dataclass(frozen=True)
class Multi:
    """`correlate_channels`, or `convolve_channels` if it `flips`.

    Attributes:
        signal: (batch, c_in, *space).
        kernel: (c_out, c_in/groups, *taps).
        padding: A word, or (lo, hi) per axis.
        is_product: Whether no algorithm here gets by with fewer multiplications than the definition.
        is_scanned: Whether the signals of the batch are taken one by one, in a loop of XLA's or of Python's.
        rivals: Those that need not be left out for taking minutes.
    """

    signal: tuple[int, ...]
    kernel: tuple[int, ...]
    padding: Literal["same", "full"] | tuple[tuple[int, int], ...] = "same"
    dilation: int = 1
    input_dilation: int = 1
    groups: int = 1
    flips: bool = False
    gradient: Gradient | None = None
    dtype: str = "float32"
    is_product: bool = False
    is_scanned: bool = False
    rivals: tuple[str, ...] = ("jax conv", "jax conv channels-last", "torch conv")

    @property
    def extents(self) -> tuple[int, ...]:
        return tuple((k - 1) * self.dilation + 1 for k in self.kernel[2:])

    @property
    def pads(self) -> tuple[tuple[int, int], ...]:
        if isinstance(self.padding, tuple):
            return self.padding
        words = {"same": lambda k: ((k - 1) // 2, k // 2), "full": lambda k: (k - 1, k - 1)}
        return tuple(map(words[self.padding], self.extents))

    @property
    def out(self) -> tuple[int, ...]:
        steps = zip(self.signal[2:], self.extents, self.pads, strict=True)
        lengths = ((n - 1) * self.input_dilation + 2 - k + lo + hi for n, k, (lo, hi) in steps)
        return (self.signal[0], self.kernel[0], *lengths)

    @property
    def _options(self) -> dict[str, Any]:
        padding = self.padding if isinstance(self.padding, str) else list(self.padding)
        steps = {"dilation": self.dilation, "input_dilation": self.input_dilation}
        return {"padding": padding, "groups": self.groups, **steps}

    def build(self) -> Bout:
        x, w = (rounded(a, self.dtype) for a in white_noise(self.signal, self.kernel))
        asked = {"dtype": self.dtype, "gradient": self.gradient is not None, **self._options}
        signal = (1, *self.signal[1:]) if self.is_scanned else self.signal
        method = sigconv.select_method(signal, self.kernel, **asked).method
        reference = self.reference(x, w)
        moved = x.size + w.size
        if self.gradient is None:
            moved += math.prod(self.out)
        else:
            moved += sum((x.size, w.size)[i] for i in self.gradient.by)
        products = math.prod(self.out) * math.prod(self.kernel[1:])
        return Bout(
            self.candidates(x, w),
            reference,
            method,
            jnp.dtype(self.dtype).itemsize * moved,
            2.0 * products if self.is_product else 0.0,
            allowed_error(x, w, reference, method) if isinstance(reference, np.ndarray) else None,
        )

    def reference(self, x: np.ndarray, w: np.ndarray) -> Reference:
        """Torch's result in float64, by transforms where they are faster; None where it is not installed."""
        if not is_installed("torch"):
            return None
        way = self._torch_conv() if self.input_dilation > 1 else self._torch_fft()
        candidate = with_torch(*way, (x, w), self.gradient, "float64")
        result = candidate.read(candidate.call())
        return tuple(map(np.asarray, result)) if isinstance(result, tuple) else np.asarray(result)

    def candidates(self, x: np.ndarray, w: np.ndarray) -> dict[str, Candidate]:
        """Every rival on these arrays that is installed and wanted."""
        device = (jnp.asarray(x, self.dtype), jnp.asarray(w, self.dtype))
        found = {name: with_jax(function, device, self.gradient) for name, function in self.jax_functions().items()}
        if "jax conv channels-last" in self.rivals and self.gradient is None:
            found["jax conv channels-last"] = self._channels_last(*device)
        if is_installed("torch"):
            ways = {"torch conv": self._torch_conv, "torch fft": self._torch_fft}
            functions = {name: way() for name, way in ways.items() if name in self.rivals}
            found |= {name: with_torch(*f, (x, w), self.gradient, self.dtype) for name, f in functions.items()}
        return found

    def jax_functions(self) -> dict[str, Function]:
        """Ours, and what a JAX user has today."""
        ours = sigconv.convolve_channels if self.flips else sigconv.correlate_channels
        is_dense = self.groups == 1
        found: dict[str, Function] = {OURS: functools.partial(ours, **self._options)}
        if "jax conv" in self.rivals:
            found["jax conv"] = self._lax
        if "jax rfft" in self.rivals:
            plan, axes = cyclic(self.signal[2:], self.kernel[2:], self.pads), tuple(range(2, len(self.kernel)))

            def by_fft(x: jax.Array, w: jax.Array) -> jax.Array:
                turned = w if self.flips else jnp.flip(w, axes)
                return convolve_with_jax(x, turned if is_dense else turned[:, 0], plan, is_dense=is_dense)

            found["jax rfft"] = by_fft
        return {name: _scanned(function) for name, function in found.items()} if self.is_scanned else found

    def _lax(self, x: jax.Array, w: jax.Array, layout: Any = None) -> jax.Array:
        rank = len(self.kernel) - 2
        return lax.conv_general_dilated(
            x,
            w,
            window_strides=(1,) * rank,
            padding=self.pads,
            lhs_dilation=(self.input_dilation,) * rank,
            rhs_dilation=(self.dilation,) * rank,
            dimension_numbers=layout,
            feature_group_count=self.groups,
        )

    def _channels_last(self, x: jax.Array, w: jax.Array) -> Candidate:
        """For users who keep their arrays like that: nothing is transposed on the clock."""
        space = "DHW"[5 - x.ndim :]
        layout = (f"N{space}C", f"{space}IO", f"N{space}C")
        turned = jnp.moveaxis(x, 1, -1), jnp.moveaxis(w, (0, 1), (-1, -2))
        return with_jax(lambda x, w: self._lax(x, w, layout), turned, read=lambda y: np.moveaxis(np.asarray(y), -1, 1))

    def _torch_conv(self) -> tuple[Function, Preparation]:
        """The function, and what it wants done to the kernel first."""
        functions, rank = peer("torch").nn.functional, len(self.kernel) - 2
        if self.input_dilation == 1:
            (before,) = {lo for lo, _ in self.pads}
            options = {"padding": before, "dilation": self.dilation, "groups": self.groups}
            conv = functools.partial(getattr(functions, f"conv{rank}d"), **options)
            return self._one_by_one(conv) if self.is_scanned else conv, self._turned(self.flips)
        # Its padding is that of the convolution it is the transpose of; its weights are (c_in, c_out, *taps), flipped.
        padding = tuple(k - 1 - lo for k, (lo, _) in zip(self.extents, self.pads, strict=True))
        more, turned = tuple(hi - lo for lo, hi in self.pads), self._turned(not self.flips)
        options = {"stride": self.input_dilation, "padding": padding, "output_padding": more}
        conv = functools.partial(getattr(functions, f"conv_transpose{rank}d"), **options)
        return conv, lambda w: turned(w).transpose(0, 1)

    def _one_by_one(self, conv: Function) -> Function:
        torch = peer("torch")
        return lambda x, w: torch.cat([conv(row, w) for row in x.split(1)])

    def _torch_fft(self) -> tuple[Function, Preparation]:
        """The same, where no zeros are inserted in the signal."""
        torch, is_dense, turned = peer("torch"), self.groups == 1, self._turned(not self.flips)
        plan = cyclic(self.signal[2:], self.extents, self.pads)

        def spread(w: Any) -> Any:
            spaced = w.new_zeros((*self.kernel[:2], *self.extents))
            spaced[(..., *(slice(None, None, self.dilation),) * (len(self.kernel) - 2))] = turned(w)
            return spaced if is_dense else spaced[:, 0]

        return lambda x, w: convolve_with_torch(x, w, plan, torch, is_dense=is_dense), spread

    def _turned(self, flips: bool) -> Preparation:
        axes = tuple(range(2, len(self.kernel)))
        return (lambda w: w.flip(axes)) if flips else (lambda w: w)


def _scanned(function: Function) -> Function:
    return lambda x, w: lax.map(lambda row: function(row[None], w)[0], x)
