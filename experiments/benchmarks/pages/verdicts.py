"""The targets and what became of them, the bad news as plainly as the good."""

from collections import Counter
from collections.abc import Mapping, Sequence

from experiments.benchmarks.comparison import Outcome
from experiments.benchmarks.guard import CONTAMINATED
from experiments.benchmarks.pages.markdown import both, bullets, table, times
from experiments.benchmarks.verdict import TIE, Judgement, Ratio, judge, slower
from experiments.benchmarks.workloads.table import WORKLOADS
from experiments.benchmarks.workloads.workload import Workload

Outcomes = Mapping[str, Mapping[str, Outcome]]
"""By section and name."""


def target_table(outcomes: Outcomes, workloads: Mapping[str, Sequence[Workload]] = WORKLOADS) -> str:
    """Every target, in the order of the sections."""
    judgements = [j for section, group in workloads.items() for j in judge(group, outcomes.get(section, {}))]
    head = ["workload", "rival", "wanted", "worst case", "best case", "cases", "verdict"]
    counted = Counter(judgement.word for judgement in judgements)
    words = ", ".join(f"{count} {word}" for word, count in counted.most_common())
    legend = (
        f"{len(judgements)} targets: {words}. A ratio is the rival's time ÷ ours, of medians, with that of minima in "
        "parentheses: above 1 we are ahead, ~ has a rival that was called once only. Where a rival has several ways, "
        f"the fastest of them counts. Met is from 1/{TIE} of what was wanted on, in the worst case, by medians."
    )
    return legend + "\n\n" + table(head, [_target_row(judgement) for judgement in judgements])


def _target_row(judgement: Judgement) -> list[str]:
    target, ratios = judgement.target, judgement.ratios or judgement.spared or judgement.doubtful
    wanted = "to be stated" if target.wanted is None else f"≥ {target.wanted:g}"
    wanted += f", stretch {target.stretch:g}" if target.stretch else ""
    word = f"**{judgement.word}**" if judgement.word == "short" else judgement.word
    if judgement.short and len(ratios) > 1:
        word += f" in {len(judgement.short)}: " + "; ".join(ratio.case for ratio in judgement.short)
    others = (("does not show at", judgement.spared), ("not counted, CONTAMINATED:", judgement.doubtful))
    for why, some in others:
        if some and some is not ratios:
            word += f"; {why} " + "; ".join(_at(ratio) for ratio in some)
    worst, best = (_at(ratios[0]), _at(ratios[-1])) if ratios else ("", "")
    return [judgement.goal, target.rival, wanted, worst, best if len(ratios) > 1 else "", str(len(ratios)), word]


def _at(ratio: Ratio) -> str:
    return both(ratio.medians, ratio.minima, is_rough=ratio.is_rough) + f" at {ratio.case}"


def trust(outcomes: Outcomes) -> list[str]:
    """Whether the machine was idle and the results right."""
    rows = [outcome for section in outcomes.values() for outcome in section.values()]
    unclean = [row.name for row in rows if row.row.is_clean is False]
    unknown = sum(row.row.is_clean is None for row in rows)
    clean = len(rows) - len(unclean) - unknown
    idle = f"{clean} of {len(rows)} rows were measured on an idle machine"
    if unclean:
        idle += f"; not to be believed, as others used more than {CONTAMINATED} cores: {'; '.join(unclean)}"
    if unknown:
        idle += f"; {unknown} rows are unknown, as this system does not tell what others use"
    judged = {row.name: (row.ours.error or 0.0) / row.allowed for row in rows if row.allowed}
    lines = [idle + "."]
    if judged:
        worst = max(judged, key=lambda name: judged[name])
        beyond = [name for name, share in judged.items() if share > 1]
        lines.append(
            f"sigconv's error is within the tolerance rule in {len(judged) - len(beyond)} of the {len(judged)} rows "
            f"that the rule speaks of; the worst is {judged[worst]:.2g} of what is allowed, at {worst}."
        )
    return lines


def slower_list(outcomes: Outcomes) -> str:
    """Every rival that is ahead by more than a tie."""
    if not outcomes:
        return "Not measured."
    lines = []
    for section, found in outcomes.items():
        for outcome in found.values():
            behind = ", ".join(f"{times(1 / value)}× than {name}" for name, value in slower(outcome).items())
            doubt = " (CONTAMINATED)" if outcome.row.is_clean is False else ""
            if behind:
                lines.append(f"{section}, {outcome.name}: slower by {behind}{doubt}.")
    if not lines:
        return f"Nowhere by more than {TIE}×."
    return f"Every rival that is ahead by more than {TIE}× (medians):\n\n" + bullets(lines)
