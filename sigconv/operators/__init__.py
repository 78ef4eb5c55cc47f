"""Linear-operator views of convolutions on signals of one shape: products, transposes, solves, spectra, norms."""

from sigconv.operators.circulant import Circulant as Circulant
from sigconv.operators.convolution import Convolution as Convolution
from sigconv.operators.lineax import Spectral as Spectral
from sigconv.operators.lineax import as_lineax as as_lineax
from sigconv.operators.operator import LinearOperator as LinearOperator
from sigconv.operators.spectral import Bracket as Bracket
from sigconv.operators.spectral import normal as normal
from sigconv.operators.spectral import singular_values as singular_values
from sigconv.operators.spectral import spectral_norm as spectral_norm
from sigconv.operators.spectral import spectral_norm_bound as spectral_norm_bound
from sigconv.operators.toeplitz import Toeplitz as Toeplitz
