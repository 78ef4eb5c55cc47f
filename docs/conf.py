"""How the pages are built: `make docs`."""

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


def setup(app):
    app.connect("autodoc-process-docstring", escape, priority=400)
