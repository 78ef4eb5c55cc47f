"""What `Filter` does, on canonical layers: weights in the correlation sense, with channels."""
