"""Filters by their purpose: what goes in are numbers, what comes out are taps."""

from sigconv.design.wavelets import Wavelet as Wavelet
from sigconv.design.wavelets import wavelet as wavelet
