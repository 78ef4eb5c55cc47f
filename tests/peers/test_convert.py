"""`convert_kernel` and `Convention.reproduce` on what the real functions give, wherever these can be imported."""

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
from conversions import Caller, check_pair
from functions import OURS, by_rows
from jax import lax

from sigconv._core.conventions import CONVENTIONS

cv2 = pytest.importorskip("cv2")
torch = pytest.importorskip("torch")

pytestmark = pytest.mark.peers

MIXED_DRAWS = 2


def on_tensors(function):
    return lambda x, w, **options: function(torch.tensor(x), torch.tensor(w), **options).numpy()


def refusing(function):
    """OpenCV's own exception is no ValueError."""

    def call(*arguments, **options):
        try:
            return function(*arguments, **options)
        except cv2.error as error:
            raise ValueError from error

    return call


REAL = {
    **{f"numpy.{name}": getattr(np, name) for name in ("correlate", "convolve")},
    **{name: getattr(scipy.signal, name[13:]) for name in CONVENTIONS if name.startswith("scipy.signal.")},
    **{name: getattr(scipy.ndimage, name[14:]) for name in CONVENTIONS if name.startswith("scipy.ndimage.")},
    **{
        name: on_tensors(getattr(torch.nn.functional, name.rsplit(".", 1)[1]))
        for name in CONVENTIONS
        if name.startswith("torch.")
    },
    "jax.lax.conv_general_dilated": lax.conv_general_dilated,
    "cv2.filter2D": refusing(lambda x, w, **options: cv2.filter2D(x, -1, w, **options)),
    "cv2.sepFilter2D": refusing(by_rows(cv2.sepFilter2D)),
}


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """PyTorch's threads are slower than none on a few numbers."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def call_of():
    return Caller({**OURS, **REAL})


@pytest.mark.parametrize("draws", [4, pytest.param(20, marks=pytest.mark.full)])
@pytest.mark.parametrize("target", CONVENTIONS)
def test_every_source_is_reproduced_or_cannot_be(target, draws, call_of, by_definition, x64):
    for source in CONVENTIONS:
        real = [name in REAL for name in (source, target)]
        compiled = "jax.lax.conv_general_dilated" in (source, target)  # Each of its calls takes a tenth of a second.
        if any(real):
            check_pair(call_of, source, target, draws if all(real) and not compiled else MIXED_DRAWS)
