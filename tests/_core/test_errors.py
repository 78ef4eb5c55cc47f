"""Errors: their classes, and the sentence they all have the form of."""

import pytest

from sigconv import DTypeError, OptionError, ShapeError, SigconvError
from sigconv._core.errors import front_door, lookup


@pytest.mark.parametrize(
    ("error", "base"), [(ShapeError, ValueError), (OptionError, ValueError), (DTypeError, TypeError)]
)
def test_errors_are_also_what_other_libraries_raise(error, base):
    assert issubclass(error, base)
    assert issubclass(error, SigconvError)


def test_lookup_returns_the_entry():
    assert lookup("mode", "a", {"a": 1}) == 1


@pytest.mark.parametrize("name", ["c", None, 3, ["a"]])
def test_lookup_lists_the_known_names(name):
    with pytest.raises(OptionError) as caught:
        lookup("mode", name, {"b": 1, "a": 2})
    assert str(caught.value) == f"`mode` must be one of ['a', 'b']; got {name!r}."


def test_front_door_shows_the_name_the_user_typed():
    @front_door("inner")
    def inner():
        raise ShapeError("`x` must be longer; got 1.")

    @front_door("outer")
    def outer():
        inner()

    with pytest.raises(ShapeError) as caught:
        inner()
    assert str(caught.value) == "`inner`: `x` must be longer; got 1."
    with pytest.raises(ShapeError) as caught:
        outer()
    assert str(caught.value) == "`outer`: `x` must be longer; got 1."
