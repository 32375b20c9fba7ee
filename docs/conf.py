"""The documentation site: ``make docs`` builds it into docs/_build, with every warning an error."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import journeyscore
from journeyscore import touchpoints

project = "journeyscore"
copyright = "the journeyscore developers, Apache 2.0"
release = version = journeyscore.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "journeyscore"
html_show_sourcelink = False
html_copy_source = False
templates_path: list[str] = []

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
myst_url_schemes = ["http", "https", "mailto"]
suppress_warnings = [
    "myst.xref_missing",  # links out of docs/, to the benchmarks and examples
    "ref.python",  # a name of the facade is that of its module too
]

default_role = "code"  # docstrings write `Tally` as text, like Markdown
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "mixed"
napoleon_use_ivar = True
napoleon_use_rtype = False
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

for package in (journeyscore, touchpoints):
    for name in package.__all__:
        getattr(package, name)  # names found on first use are not listed until then

_FIELD = type(namedtuple("Record", ["field"]).field)  # type: ignore[attr-defined]


def _skip(app: Any, what: str, name: str, member: Any, skip: bool, options: Any) -> bool | None:
    """Leave out the fields of named tuples, which the class itself describes."""
    return True if isinstance(member, _FIELD) else None


def _fences(app: Any, what: str, name: str, of: Any, options: Any, lines: list[str]) -> None:
    """Docstrings fence their blocks as Markdown does; here they become literal blocks."""
    inside, result = False, []
    for line in lines:
        if line.lstrip().startswith("```"):
            inside = not inside
            result += ["", "::", ""] if inside else [""]
        else:
            result.append(f"    {line}" if inside else line)
    lines[:] = result


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", _fences)
    app.connect("autodoc-skip-member", _skip)
