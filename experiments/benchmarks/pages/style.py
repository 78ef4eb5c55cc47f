"""One colour and one marker per rival, everywhere."""

from experiments.benchmarks.workloads.workload import OURS

# Okabe & Ito's colours, which remain apart for the colour-blind, and markers for print.
STYLES = {
    OURS: ("#000000", "o"),
    "jax convolve": ("#D55E00", "s"),
    "jax fftconvolve": ("#E69F00", "D"),
    "jax conv": ("#D55E00", "s"),
    "jax conv channels-last": ("#D55E00", "*"),
    "jax rfft": ("#E69F00", "D"),
    "scipy fftconvolve": ("#0072B2", "^"),
    "scipy oaconvolve": ("#56B4E9", "v"),
    "numpy convolve": ("#009E73", "P"),
    "opencv filter2D": ("#009E73", "X"),
    "torch conv": ("#CC79A7", "<"),
    "torch fft": ("#8C4B72", ">"),
}
"""By candidate."""
GRID, LIMIT = "0.9", "0.6"
