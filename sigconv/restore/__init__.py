"""Deconvolution: the scene that a blurred image shows."""

from sigconv.restore.blind import Restored as Restored
from sigconv.restore.blind import blind_richardson_lucy as blind_richardson_lucy
from sigconv.restore.inverse import inverse_filter as inverse_filter
from sigconv.restore.richardson_lucy import richardson_lucy as richardson_lucy
from sigconv.restore.tikhonov import tikhonov as tikhonov
from sigconv.restore.wiener import wiener as wiener
