"""Where is this template in that image? Zero-mean normalised cross-correlation on real pictures."""
