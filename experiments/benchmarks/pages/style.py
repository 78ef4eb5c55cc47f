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
    "scipy solve_toeplitz": ("#0072B2", "^"),
    "scipy matmul_toeplitz": ("#0072B2", "^"),
    "scipy solve_circulant": ("#0072B2", "^"),
    "numpy fft, svd": ("#009E73", "P"),
    "torch fft, svd": ("#8C4B72", ">"),
    "opencv matchTemplate": ("#009E73", "X"),
    "scikit-image match_template": ("#0072B2", "d"),
    "torch fft, pooled sums": ("#CC79A7", "<"),
    "torch fft, prefix sums": ("#8C4B72", "h"),
    "jax matmul": ("#D55E00", "s"),
    "numpy matmul": ("#009E73", "P"),
    "torch bmm": ("#CC79A7", "<"),
    "jax scan": ("#D55E00", "s"),
    "scipy sosfilt": ("#0072B2", "^"),
    "scipy lfilter": ("#56B4E9", "v"),
    "torchaudio's loop": ("#CC79A7", "<"),
}
"""By candidate; one that is not here cannot be drawn."""
GRID, LIMIT = "0.9", "0.6"
