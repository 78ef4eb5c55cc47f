"""Other libraries' functions, under their own names, with their own arguments, defaults and conventions."""

from sigconv.compat import matlab as matlab
from sigconv.compat import ndimage as ndimage
from sigconv.compat import numpy as numpy
from sigconv.compat import opencv as opencv
from sigconv.compat import scipy as scipy
from sigconv.compat import skimage as skimage
from sigconv.compat import tensorflow as tensorflow
from sigconv.compat import torch as torch
from sigconv.compat import torch7 as torch7
