"""Bad calls, and what they are told."""

import jax.numpy as jnp
import pytest

from sigconv import DTypeError, OptionError, ShapeError, wavelets

X = jnp.arange(20.0)
REFUSED = {
    "mode": (
        lambda: wavelets.dwt(X, "haar", mode="symmetrical"),
        OptionError,
        "`wavelets.dwt`: `mode` must be one of ['antireflect', 'antisymmetric', 'constant', 'periodic', "
        "'periodization', 'reflect', 'smooth', 'symmetric', 'zero']; got 'symmetrical'.",
    ),
    "per axis": (
        lambda: wavelets.dwt(X, ("haar", "db2")),
        OptionError,
        "`wavelets.dwt`: `wavelet` must be one for all axes, or one for each of the 1; got 2.",
    ),
    "axes": (
        lambda: wavelets.wavedec(X, "haar", axes=1),
        OptionError,
        "`wavelets.wavedec`: `axes` must be axes of the signal, which has 1; got 1.",
    ),
    "bool": (
        lambda: wavelets.dwt(X > 1, "haar"),
        DTypeError,
        "`wavelets.dwt`: `signal` must hold integers, floats or complex numbers; got bool. Cast it to an integer type "
        "to count.",
    ),
    "empty": (
        lambda: wavelets.swt(jnp.zeros((2, 0)), "haar"),
        ShapeError,
        "`wavelets.swt`: `signal` must not be empty; got shape (2, 0). Leave out empty batches and signals.",
    ),
    "depth": (
        lambda: wavelets.wavedec(jnp.ones((20, 40)), "db4", level=2, axes=(0, 1)),
        OptionError,
        "`wavelets.wavedec`: `level` must be at most 1 for 20 × 40 samples and 8 taps; got 2. Beyond, every coefficient "
        "would be the boundary's: take a shorter wavelet, or go on with `dwt`.",
    ),
    "level": (
        lambda: wavelets.wavedec(X, "haar", level=-1),
        OptionError,
        "`wavelets.wavedec`: `level` must be None or an integer of at least 0; got -1.",
    ),
    "stationary depth": (
        lambda: wavelets.swt(X, "haar", level=3),
        OptionError,
        "`wavelets.swt`: `level` must be at most 2 for 20 samples, which 2^level must divide; got 3. "
        "Pad the signal to a multiple of 8.",
    ),
    "odd": (
        lambda: wavelets.swt(X[:9], "haar"),
        OptionError,
        "`wavelets.swt`: `level` must be at most 0 for 9 samples, which 2^level must divide; got None. "
        "Pad the signal to a multiple of 2.",
    ),
    "stationary levels": (
        lambda: wavelets.iswt([X, X, X, X], "haar"),
        OptionError,
        "`wavelets.iswt`: levels must be at most 2 for 20 samples, which 2^level must divide; got 3. "
        "Pad the signal to a multiple of 8.",
    ),
    "norm": (
        lambda: wavelets.swt(X, "haar", norm=1),
        OptionError,
        "`wavelets.swt`: `norm` must be True or False; got 1.",
    ),
    "decimated": (
        lambda: wavelets.iswt([X, X[:10]], "haar"),
        ShapeError,
        "`wavelets.iswt`: `coefficients` must have arrays of one shape; got [(10,), (20,)]. "
        "Those of `wavedec` go to `waverec`.",
    ),
    "pair": (
        lambda: wavelets.idwt(X, "haar"),
        OptionError,
        "`wavelets.idwt`: `coefficients` must be a pair (approximation, detail) where `axes` is one number; got an "
        "array. Give `axes` as a tuple for a dict.",
    ),
    "dict": (
        lambda: wavelets.idwt((X, X), "haar", axes=(0,)),
        OptionError,
        "`wavelets.idwt`: `coefficients` must be a dict of the bands ['a', 'd'] where `axes` is a tuple; got tuple of 2. "
        "Give `axes` as a number for a single axis.",
    ),
    "letters": (
        lambda: wavelets.idwt({"a": X, "h": X}, "haar", axes=(0,)),
        OptionError,
        "`wavelets.idwt`: `coefficients` must have bands among ['a', 'd']; got ['a', 'h'].",
    ),
    "nothing": (
        lambda: wavelets.idwt((None, None), "haar"),
        ShapeError,
        "`wavelets.idwt`: `coefficients` must have at least one band; got none.",
    ),
    "bands": (
        lambda: wavelets.idwt((X, X[:3]), "haar"),
        ShapeError,
        "`wavelets.idwt`: `coefficients` must have bands of one shape; got [(3,), (20,)].",
    ),
    "too few": (
        lambda: wavelets.idwt((X[:2], X[:2]), "db4"),
        ShapeError,
        "`wavelets.idwt`: `coefficients` must have at least 4 samples along axis 0 for 8 taps; got 2. "
        "Use the wavelet and mode of the transform.",
    ),
    "shape": (
        lambda: wavelets.idwt((X, X), "db4", shape=(30,)),
        ShapeError,
        "`wavelets.idwt`: `shape` must be that of the signal, (34,) or odd along an axis; got (30,).",
    ),
    "shape of levels": (
        lambda: wavelets.waverec([X, X], "db4", shape=(30,)),
        ShapeError,
        "`wavelets.waverec`: `shape` must be that of a signal with an approximation of shape (20,) after 1 levels; "
        "got (30,).",
    ),
    "details": (
        lambda: wavelets.waverec([X, X[:3]], "db4"),
        ShapeError,
        "`wavelets.waverec`: `coefficients` must have details of the approximation's shape at each level, (20,); "
        "got (3,).",
    ),
    "rank": (
        lambda: wavelets.waverec([X, X[None]], "db4"),
        ShapeError,
        "`wavelets.waverec`: `coefficients` must have arrays of one rank, 1; got shape (1, 20).",
    ),
    "list": (
        lambda: wavelets.waverec(X, "db4"),
        OptionError,
        "`wavelets.waverec`: `coefficients` must be [approximation, details, …, details]; got an array. "
        "For one level there is `idwt`.",
    ),
    "detail": (
        lambda: wavelets.waverec([X, {"d": X}], "db4"),
        OptionError,
        "`wavelets.waverec`: `coefficients` must be [approximation, detail, …, detail] where `axes` is one number; got "
        "dict for a detail. Give `axes` as a tuple for dicts.",
    ),
    "length": (
        lambda: wavelets.dwt_max_level(0, "haar"),
        ShapeError,
        "`wavelets.dwt_max_level`: `length` must be a positive number of samples; got 0.",
    ),
    "taps": (
        lambda: wavelets.dwt_max_level(10, 1),
        OptionError,
        "`wavelets.dwt_max_level`: `wavelet` must have at least 2 taps; got 1.",
    ),
    "half": (
        lambda: wavelets.swt_max_level(2.5),
        ShapeError,
        "`wavelets.swt_max_level`: `length` must be a positive number of samples; got 2.5.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_calls_are_refused_in_words(case):
    call, error, message = REFUSED[case]
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


@pytest.mark.parametrize("function", [wavelets.dwt, wavelets.wavedec, wavelets.swt])
def test_unknown_wavelets_are_told_what_there_is(function):
    with pytest.raises(OptionError, match=r"`wavelet` must be one of haar, db1 … db10, .*; got 'daubechies4'\. Give"):
        function(X, "daubechies4")
