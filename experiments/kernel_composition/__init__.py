"""Two convolution layers as one: where that is exact, what flipping does, when it pays."""
