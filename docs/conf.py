"""How the pages are built: `make docs`."""

project = "sigconv"
copyright = "The sigconv developers"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
exclude_patterns = ["_build"]
napoleon_custom_sections = ["Shapes", "Reference"]
autodoc_typehints = "none"
autodoc_member_order = "bysource"
myst_heading_anchors = 3
suppress_warnings = ["myst.xref_missing"]
