"""Other libraries' functions, under their own names, with their own arguments, defaults and conventions."""

from sigconv.compat import ndimage as ndimage
from sigconv.compat import numpy as numpy
from sigconv.compat import scipy as scipy
from sigconv.compat import torch as torch
