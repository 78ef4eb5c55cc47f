"""Filters from what they are to do: arrays in, kernels out, differentiable in every continuous parameter.

Kernels are impulse responses, for `convolve`. Frequencies are in cycles/sample unless `fs` is given.
See docs/design.md.
"""

from sigconv.design.derivatives import derivative as derivative
from sigconv.design.derivatives import laplacian as laplacian
from sigconv.design.derivatives import laplacian_of_gaussian as laplacian_of_gaussian
from sigconv.design.fir import windowed_sinc as windowed_sinc
from sigconv.design.gabor import gabor as gabor
from sigconv.design.gabor import gabor_bank as gabor_bank
from sigconv.design.kaiser import kaiser_attenuation as kaiser_attenuation
from sigconv.design.kaiser import kaiser_beta as kaiser_beta
from sigconv.design.kaiser import kaiser_order as kaiser_order
from sigconv.design.least_squares import least_squares as least_squares
from sigconv.design.minimum_phase import minimum_phase as minimum_phase
from sigconv.design.recursive import biquad as biquad
from sigconv.design.recursive import butterworth as butterworth
from sigconv.design.response import frequency_response as frequency_response
from sigconv.design.response import sos_response as sos_response
from sigconv.design.savitzky_golay import savitzky_golay as savitzky_golay
from sigconv.design.smooth import box as box
from sigconv.design.smooth import gaussian as gaussian
from sigconv.design.steerable import steerable_pair as steerable_pair
from sigconv.design.steerable import steering_weights as steering_weights
from sigconv.design.wavelets import Wavelet as Wavelet
from sigconv.design.wavelets import wavelet as wavelet
from sigconv.design.windows import window as window
