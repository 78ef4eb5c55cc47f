"""Finding a pattern or a shift: scores of a template at every place of an image, and what follows from them."""

from sigconv.matching.bank import BestMatch as BestMatch
from sigconv.matching.bank import match_bank as match_bank
from sigconv.matching.confidence import peak_to_sidelobe_ratio as peak_to_sidelobe_ratio
from sigconv.matching.confidence import second_peak_ratio as second_peak_ratio
from sigconv.matching.cross_spectrum import Band as Band
from sigconv.matching.delay import delay as delay
from sigconv.matching.lags import correlate_lags as correlate_lags
from sigconv.matching.peaks import Peaks as Peaks
from sigconv.matching.peaks import find_peaks as find_peaks
from sigconv.matching.registration import Registration as Registration
from sigconv.matching.registration import phase_correlation as phase_correlation
from sigconv.matching.scores import match_template as match_template
from sigconv.matching.soft import soft_argmax as soft_argmax
from sigconv.matching.warps import Bank as Bank
from sigconv.matching.warps import transform_bank as transform_bank
