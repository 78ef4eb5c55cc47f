"""What pictures are like, and how far two are apart: statistics of features, distances between them, and losses.

Pure functions of arrays, without a network and without an optimiser: see docs/gram.md.
"""

from sigconv.style.conventions import CONVENTIONS as CONVENTIONS
from sigconv.style.conventions import STATISTICS as STATISTICS
from sigconv.style.conventions import Convention as Convention
from sigconv.style.distances import DISTANCES as DISTANCES
from sigconv.style.losses import content_loss as content_loss
from sigconv.style.losses import statistics as statistics
from sigconv.style.losses import style_loss as style_loss
from sigconv.style.second_order import Autocorrelation as Autocorrelation
from sigconv.style.second_order import Gram as Gram
from sigconv.style.second_order import LaggedGram as LaggedGram
from sigconv.style.second_order import PowerSpectrum as PowerSpectrum
from sigconv.style.transport import Gaussian as Gaussian
from sigconv.style.transport import Moments as Moments
from sigconv.style.transport import SlicedWasserstein as SlicedWasserstein
from sigconv.style.variation import total_variation as total_variation
