"""Feature extractors: from a picture to a list of arrays, one per layer, as `sigconv.style` takes them."""
