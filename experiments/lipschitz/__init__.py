"""Bounds of the Lipschitz constant of convolution layers: how tight and how fast."""
