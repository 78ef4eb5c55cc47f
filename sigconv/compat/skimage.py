"""scikit-image's functions that find a pattern, a peak or a shift."""

from sigconv.compat._skimage_match import match_template as match_template
from sigconv.compat._skimage_peaks import peak_local_max as peak_local_max
from sigconv.compat._skimage_registration import phase_cross_correlation as phase_cross_correlation
