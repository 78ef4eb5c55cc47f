"""`convert_kernel` and `Convention.reproduce`: between every two functions of the table, on what they really give."""

import random

import numpy as np
import pytest
from conversions import Caller, draw, every_call, is_conjugate, kernel_of
from functions import OURS

from sigconv import OptionError, convention, convert_kernel
from sigconv._core.conventions import CONVENTIONS

NAMES = [name for name in CONVENTIONS if name in OURS]


@pytest.fixture(scope="module")
def ours():
    return Caller(OURS)


def check_pair(call_of, source, target, draws):
    """What `reproduce` promises holds, and where it refuses there is nothing."""
    rng, made = random.Random(f"{source} {target}"), 0
    for _ in range(400 * draws):
        data, call = draw(rng, source, target)
        wanted = call_of(source, data, CONVENTIONS[source].arguments(call))
        if wanted is None or is_conjugate(CONVENTIONS[source], data, call):
            continue
        made += 1
        converted = convert_kernel(kernel_of(source, data), source=source, target=target, groups=data.groups)
        np.testing.assert_array_equal(converted, kernel_of(target, data))
        options = {name: getattr(call, name) for name in ("mode", "boundary", "stride", "dilation", "origin")}
        options |= {"input_dilation": call.input_dilation, "output_padding": call.output_padding}
        try:
            arguments = convention(target).reproduce(convention(source), call.shape, call.taps, **options)
        except OptionError:
            lengths = wanted.shape[2:]
            found = [
                other
                for other in every_call(CONVENTIONS[target], CONVENTIONS[source], data, call, lengths)
                if not is_conjugate(CONVENTIONS[target], data, other)
                and np.array_equal(call_of(target, data, CONVENTIONS[target].arguments(other)), wanted)
            ]
            assert not found, f"{target} does {source} {call} on {data} as {found[0]}"
        else:
            y = call_of(target, data, arguments)
            assert y is not None, f"{target} refuses {arguments}, for {source} {call} on {data}"
            np.testing.assert_array_equal(y, wanted, err_msg=f"{target} {arguments} for {source} {call} on {data}")
        if made == draws:
            return
    pytest.fail(f"only {made} draws of {source} gave a result")


@pytest.mark.parametrize("target", NAMES)
def test_source_is_reproduced_or_cannot_be(target, ours, by_definition, x64):
    """A draw of every fourth source; with the targets all of them have their turn."""
    for source in NAMES[NAMES.index(target) % 4 :: 4]:
        check_pair(ours, source, target, draws=1)


@pytest.mark.peers
@pytest.mark.parametrize("target", NAMES)
def test_every_source_is_reproduced_or_cannot_be(target, ours, by_definition, x64):
    for source in NAMES:
        check_pair(ours, source, target, draws=20)
