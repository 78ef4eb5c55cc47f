"""Discrete wavelet transforms: two-channel filter banks over one or more axes, decimated and stationary."""

from sigconv.wavelets.boundaries import MODES as MODES
from sigconv.wavelets.levels import dwt_max_level as dwt_max_level
from sigconv.wavelets.levels import swt_max_level as swt_max_level
from sigconv.wavelets.multilevel import wavedec as wavedec
from sigconv.wavelets.multilevel import waverec as waverec
from sigconv.wavelets.single import dwt as dwt
from sigconv.wavelets.single import idwt as idwt
from sigconv.wavelets.stationary import iswt as iswt
from sigconv.wavelets.stationary import swt as swt
