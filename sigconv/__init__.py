"""sigconv: correlation and convolution in JAX that say exactly which operation they do."""

from sigconv import compat as compat
from sigconv import operators as operators
from sigconv._core.boundary import Constant as Constant
from sigconv._core.boundary import Sides as Sides
from sigconv._core.conventions import Convention as Convention
from sigconv._core.conventions import convention as convention
from sigconv._core.errors import DTypeError as DTypeError
from sigconv._core.errors import OptionError as OptionError
from sigconv._core.errors import ShapeError as ShapeError
from sigconv._core.errors import SigconvError as SigconvError
from sigconv._core.factors import SeparableKernel as SeparableKernel
from sigconv._engine.overlap import OverlapSave as OverlapSave
from sigconv.composition import compose as compose
from sigconv.composition import differing_outputs as differing_outputs
from sigconv.convert import convert_kernel as convert_kernel
from sigconv.filter import Filter as Filter
from sigconv.operators.periodic import circulant as circulant
from sigconv.prepare import Prepared as Prepared
from sigconv.prepare import prepare as prepare
from sigconv.signal import convolve as convolve
from sigconv.signal import convolve_channels as convolve_channels
from sigconv.signal import correlate as correlate
from sigconv.signal import correlate_channels as correlate_channels
from sigconv.signal import correlation_lags as correlation_lags
from sigconv.signal import select_method as select_method
