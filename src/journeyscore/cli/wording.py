"""What the library hints at, as one types it on the command line."""

from __future__ import annotations

import re

_TYPED = [
    (re.compile(pattern), typed)
    for pattern, typed in (
        (r"columns=\{'theirs': '([^']+)'\}", r"--columns THEIRS=\1"),
        (r"score\(\.\.\., quarantine='([^']+)'\)", r"--quarantine \1"),
        (r"check\(\) lists them all, and without strict", "without --strict"),
        (r"\bscale=rating\(1, 5\)", "--scale NAME=rating:1:5"),
        (r"\btimezone=", "--timezone"),
        (r"\bresume=True\b", "--resume"),
    )
]


QUARANTINE = re.compile(r"--quarantine (\S+) sets them aside and scores the rest")
"""What only `score` and `report` can do."""


def typed(words: str, command: str = "score") -> str:
    """A message with the options of the command in place of the arguments of functions.

    >>> typed("no column journey; columns={'theirs': 'journey'} renames one")
    'no column journey; --columns THEIRS=journey renames one'
    """
    for pattern, option in _TYPED:
        words = pattern.sub(option, words)
    if command not in ("score", "report"):
        words = QUARANTINE.sub(r"journeyscore score LOG --quarantine \1 lists them", words)
    return words
