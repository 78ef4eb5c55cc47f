"""Where is this, how many are there, and where do they go? Template matching on real pictures."""
