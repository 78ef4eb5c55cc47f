"""Textures and style transfer by optimisation, without a trained network."""
