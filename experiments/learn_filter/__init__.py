"""A filter found by gradient descent from its input and output."""
