"""`WORKLOADS`: every row of the table of targets, by section."""

from collections.abc import Mapping

from experiments.benchmarks.workloads import (
    channels,
    gradients,
    gram,
    hessian,
    iir,
    matching,
    one_d,
    operators,
    style_steps,
    transposed,
    two_d,
)
from experiments.benchmarks.workloads.workload import Workload

WORKLOADS: Mapping[str, tuple[Workload, ...]] = {
    "one-d": one_d.WORKLOADS,
    "one-d-synchronous": one_d.SYNCHRONOUS,
    "two-d": two_d.WORKLOADS,
    "channels": channels.WORKLOADS,
    "gradients": (*gradients.WORKLOADS, *hessian.WORKLOADS),
    "transposed": transposed.WORKLOADS,
    "operators": operators.WORKLOADS,
    "matching": matching.WORKLOADS,
    "gram": gram.WORKLOADS,
    "style-steps": style_steps.WORKLOADS,
    "iir": iir.WORKLOADS,
}
