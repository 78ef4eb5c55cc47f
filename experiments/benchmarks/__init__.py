"""How fast sigconv is, beside its rivals and the machine's limit; `python -m experiments.benchmarks.run`."""
