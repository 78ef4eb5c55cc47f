"""The part of docs/performance.md that is measured: what each setting does."""

from collections.abc import Sequence

from experiments.benchmarks.guard import is_clean
from experiments.benchmarks.knobs import Effect, by_knob
from experiments.benchmarks.pages.markdown import CLEAN, ms, table, times
from experiments.benchmarks.setting import Setting
from experiments.benchmarks.verdict import TIE

START, END = "<!-- measured: settings -->", "<!-- end: settings -->"


def written(page: str, block: str) -> str:
    """The page with what is between the marks replaced."""
    before, rest = page.split(START)
    return f"{before}{START}\n\n{block.strip()}\n\n{END}{rest.split(END)[1]}"


def settings_block(effects: Sequence[Effect], setting: Setting) -> str:
    """A table per setting, and what they come to."""
    rounds = max((len(effect.ratios) for effect in effects), default=0)
    parts = [
        f"Measured on {setting.device}, {setting.cores} cores, jax {setting.versions['jax']}, {setting.date}, each way "
        f"{rounds} times in turn, each time in a process of its own. Gain is the time without ÷ with, median and "
        f"extremes: above 1 it helps; within {TIE}× either way, or where the extremes lie on both sides of 1, it may "
        "be noise.",
    ]
    if setting.is_quick:
        parts.insert(0, "**A smoke run: too little time to say anything.**")
    for name, own in by_knob(effects).items():
        head = ["convolution", f"{own[0].off}, ms", f"{own[0].on}, ms", "gain", "row"]
        parts += [f"### {name}", _summary(own), table(head, [_row(effect) for effect in own])]
    return "\n\n".join(parts)


def _summary(effects: Sequence[Effect]) -> str:
    helps = [e for e in effects if e.gain > TIE and min(e.ratios) > 1]
    hurts = [e for e in effects if e.gain < 1 / TIE and max(e.ratios) < 1]
    words = []
    if helps:
        words.append(f"helps by {_range(helps)} in {len(helps)} of {len(effects)}")
    if hurts:
        words.append(f"hurts by {_range(hurts)} in {len(hurts)} of {len(effects)}")
    return (", ".join(words) or f"no difference beyond noise in any of {len(effects)}").capitalize() + "."


def _range(effects: Sequence[Effect]) -> str:
    factors = sorted(max(effect.gain, 1 / effect.gain) for effect in effects)
    return f"{times(factors[0])}×" if len(factors) == 1 else f"{times(factors[0])} to {times(factors[-1])}×"


def _row(effect: Effect) -> list[str]:
    gain = f"{times(effect.gain)} ({times(min(effect.ratios))}–{times(max(effect.ratios))})"
    return [effect.task, ms(effect.seconds_off), ms(effect.seconds_on), gain, CLEAN[is_clean(effect.foreign)]]
