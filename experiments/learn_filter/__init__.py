"""Filters found by gradient descent: from input and output, or from the output alone."""
