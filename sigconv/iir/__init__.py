"""Recursive filters: `scipy.signal`'s `lfilter` and `sosfilt`, parallel over time and differentiable in everything."""

from sigconv.iir.filters import lfilter as lfilter
from sigconv.iir.filters import sosfilt as sosfilt
from sigconv.iir.stability import is_stable as is_stable
from sigconv.iir.steady import lfilter_zi as lfilter_zi
from sigconv.iir.steady import sosfilt_zi as sosfilt_zi
