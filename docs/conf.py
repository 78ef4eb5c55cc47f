"""How the pages are built: `make docs`."""

import pathlib
import sys

from sphinx.errors import ExtensionError

project = "sigconv"
copyright = "The sigconv developers"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["wide.css"]
exclude_patterns = ["_build"]
napoleon_custom_sections = ["Shapes", "Reference"]
autodoc_typehints = "none"
autodoc_member_order = "bysource"
myst_heading_anchors = 3
suppress_warnings = ["myst.xref_missing"]


def escape(app, what, name, obj, options, lines):
    """Stars and bars in docstrings are shapes and magnitudes, never emphasis."""
    lines[:] = [line.replace("*", r"\*").replace("|", r"\|") for line in lines]


def check_conventions(app):
    """The page on conventions is not built where it, the table and the code disagree."""
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    from write import disagreements

    found = disagreements()
    if found:
        raise ExtensionError("; ".join(found))


def setup(app):
    app.connect("builder-inited", check_conventions)
    app.connect("autodoc-process-docstring", escape, priority=400)
