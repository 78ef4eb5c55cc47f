"""The contract of the public names, and what every public docstring owes."""

import inspect

import jax
import pytest

import sigconv
from sigconv import compat, design, iir, restore, style, wavelets

SIGNATURES = {
    "correlate": "(signal, kernel, *, mode='full', boundary='zero', axes=None, stride=1, dilation=1, method='auto', precision=None)",
    "correlate_channels": "(signal, weights, *, padding='valid', boundary='zero', stride=1, dilation=1, input_dilation=1, groups=1, method='auto', precision=None)",
    "correlation_lags": "(n, k, mode='full')",
    "convention": "(name)",
    "convert_kernel": "(kernel, *, source, target, groups=1)",
    "Constant": "(value=0)",
    "Sides": "(low, high)",
    "OverlapSave": "(block=None)",
    "SeparableKernel": "(factors)",
    "Filter": "(weights, *, stride=1, dilation=1, groups=1, lo=None, kind='correlation', bias=None, channels=True, period=1)",
    "compose": "(second, first, *, boundary=None, shape=None, exact=None)",
    "circulant": "(kernel, shape)",
    "prepare": "(kernel, signal_shape, *, kind='correlation', mode='full', padding=None, boundary='zero', axes=None, stride=1, dilation=1, input_dilation=1, groups=1, dtype=None, method='auto', precision=None)",
}
SIGNATURES["match_template"] = (
    "(image, template, *, score='zncc', mask=None, image_mask=None, padding='valid', boundary='zero', channel_axis=None, overlap=0.3, tile=None, method='auto')"
)
SIGNATURES["match_bank"] = (
    "(image, templates, *, score='zncc', mask=None, image_mask=None, padding='valid', boundary='zero', channel_axis=None, overlap=0.3, method='auto', chunk=None)"
)
SIGNATURES["find_peaks"] = (
    "(scores, count, *, threshold=None, min_distance=1, border=0, lowest=False, refine=None, axes=None)"
)
SIGNATURES["phase_correlation"] = (
    "(reference, moving, *, normalization='phase', window='hann', upsampling=1, reference_mask=None, moving_mask=None, overlap=0.3, disambiguate=False, axes=None)"
)
_GRAM = "normalize='spatial', centered=False, lags=None, mask=None, chunk=None, precision=None, channel_axis=-3, boundary='zero')"
SIGNATURES["gram"] = f"(features, *, {_GRAM}"
SIGNATURES["cross_gram"] = f"(x, y, *, {_GRAM}"
SIGNATURES["lagged_gram"] = f"(features, lags=None, *, {_GRAM.replace('lags=None, ', '')}"
SIGNATURES["kernel_gram"] = "(weights, *, stride=None, precision=None)"
SIGNATURES["convolve"] = SIGNATURES["correlate"]
SIGNATURES["convolve_channels"] = SIGNATURES["correlate_channels"]
OWNERS = (sigconv, design, iir, restore, style, wavelets)
FUNCTIONS = {
    f"{owner.__name__}.{name}": value
    for owner in (*OWNERS, *(module for module in vars(compat).values() if inspect.ismodule(module)))
    if "._" not in owner.__name__
    for name, value in vars(owner).items()
    if inspect.isfunction(value)
    and not name.startswith("_")
    and value.__module__.startswith("sigconv")
    and name not in ("front_door", "lookup")
    and (owner in OWNERS or value.__module__ == owner.__name__)
}


def plain(function):
    signature = inspect.signature(function)
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values()]
    return str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty))


RECURSIVE = {
    "lfilter": "(b, a, signal, *, axis=-1, initial=None, method='auto')",
    "sosfilt": "(sos, signal, *, axis=-1, initial=None, method='auto')",
    "lfilter_zi": "(b, a)",
    "sosfilt_zi": "(sos)",
    "is_stable": "(a=None, *, sos=None)",
}


@pytest.mark.parametrize("name", RECURSIVE)
def test_signature_of_recursive_filters_is_the_contract(name):
    assert plain(getattr(iir, name)) == RECURSIVE[name]


@pytest.mark.parametrize("name", SIGNATURES)
def test_signature_is_the_contract(name):
    assert plain(getattr(sigconv, name)) == SIGNATURES[name]


def test_public_names_are_the_list():
    names = {name for name in vars(sigconv) if not name.startswith("_")}
    assert names == {
        "Constant", "Convention", "Filter", "DTypeError", "OptionError", "OverlapSave", "Prepared", "SeparableKernel", "ShapeError", "Sides", "SigconvError", "compat",
        "circulant", "compose", "composition", "design", "differing_outputs", "iir", "filter", "operators", "convention", "convert", "convert_kernel", "convolve", "convolve_channels", "correlate", "correlate_channels", "correlation_lags",
        "gram", "cross_gram", "lagged_gram", "kernel_gram", "restore", "style", "wavelets", "match_template", "phase_correlation", "find_peaks", "matching", "match_bank", "prepare", "select_method", "signal",
    }  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docstring_is_short_and_annotated(name):
    function = FUNCTIONS[name]
    text = inspect.getdoc(function)
    assert text
    assert len(text.splitlines()) <= 36
    assert all(len(line) <= 120 for line in text.splitlines())
    signature = inspect.signature(function)
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(p.annotation is not inspect.Parameter.empty for p in signature.parameters.values())


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n.startswith("sigconv.") and "compat" not in n])
def test_docstring_has_an_example(name):
    assert "Example:" in inspect.getdoc(FUNCTIONS[name])


@pytest.mark.parametrize(
    "name", [n for n, f in FUNCTIONS.items() if inspect.signature(f).return_annotation is jax.Array]
)
def test_docstring_gives_shapes_or_refers_to_one_that_does(name):
    text = inspect.getdoc(FUNCTIONS[name])
    assert "Shapes:" in text or "are those of" in text
