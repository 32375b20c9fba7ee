"""The script that draws on pages, ready-made: to make it takes longer than to score a million rows.

``python -m journeyscore.report.vega`` makes it anew, when vl-convert brings newer versions.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import vl_convert

FILE = files("journeyscore.report").joinpath("vega.js")
"""Vega, Vega-Lite and their embedding as one script; vega.LICENSE.txt has their licences."""

_EMBEDDING = "window.vegaEmbed = vegaEmbed;"
"""What a page needs of them."""


@cache
def script() -> str:
    """The script, as it stands in a page."""
    return FILE.read_text(encoding="utf-8")


def made() -> str:
    """The script as the installed vl-convert makes it."""
    bundle = str(vl_convert.javascript_bundle(_EMBEDDING)).replace("</script", "<\\/script")
    return f"{heading()}\n{bundle}"


def heading() -> str:
    """Its first line: what is in it, and whose it is."""
    vega, embed = vl_convert.get_vega_version(), vl_convert.get_vega_embed_version()
    return (
        f"/*! Vega {vega}, Vega-Lite {vl_convert.get_vegalite_versions()[-1]}, Vega-Embed {embed}, "
        "(c) University of Washington Interactive Data Lab, BSD-3-Clause; "
        "D3 (c) Mike Bostock, ISC; and others, MIT */"
    )


if __name__ == "__main__":
    from pathlib import Path

    Path(str(FILE)).write_text(made(), encoding="utf-8")
