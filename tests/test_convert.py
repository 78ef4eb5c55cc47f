"""`convert_kernel` and `Convention.reproduce`: between every two functions of the table, on what they really give."""

import pytest
from conversions import Caller, check_pair
from functions import OURS

from sigconv._core.conventions import CONVENTIONS

NAMES = [name for name in CONVENTIONS if name in OURS]


@pytest.fixture(scope="module")
def ours():
    return Caller(OURS)


@pytest.mark.parametrize("target", NAMES)
def test_source_is_reproduced_or_cannot_be(target, ours, by_definition, x64):
    """Two sources, never the target itself; with the targets all of them have their turn twice."""
    for offset in (7, 23):
        source = NAMES[(NAMES.index(target) + offset) % len(NAMES)]
        check_pair(ours, source, target, draws=1)


@pytest.mark.peers
@pytest.mark.parametrize("draws", [2, pytest.param(20, marks=pytest.mark.full)])
@pytest.mark.parametrize("target", NAMES)
def test_every_source_is_reproduced_or_cannot_be(target, draws, ours, by_definition, x64):
    for source in NAMES:
        check_pair(ours, source, target, draws)
