"""What ``--help`` looks like."""

from __future__ import annotations

import argparse


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    r"""Examples line by line as they are written, and all else wrapped to the terminal.

    >>> HelpFormatter("journeyscore", width=20)._fill_text("what is open, the oldest first", 20, "")
    'what is open, the\noldest first'
    """

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" in text:
            return super()._fill_text(text, width, indent)
        return argparse.HelpFormatter._fill_text(self, text, width, indent)
