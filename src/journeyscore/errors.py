"""Everything this library raises, in one tree.

```
JourneyScoreError
├── InvalidValue (ValueError)        a value that cannot be scored
│   ├── OutOfScale                   a number outside the range of its scale
│   ├── NotFinite                    NaN or infinity
│   ├── NaiveTime                    a time without a timezone
│   ├── InvalidToken                 a token or header that is damaged, forged or foreign
│   │   └── ExpiredToken             one that may be used no longer
│   └── WrongType (TypeError)        text, a boolean, ... where a number is wanted
├── UnknownName (LookupError)        no such id, touchpoint, field or factor
├── BrokenLaw (AssertionError)       a scorer under test breaks a law of scoring
├── LogError (ValueError)            a journey log that cannot be scored
│   ├── LogNotFound (FileNotFoundError)
│   ├── MissingColumn (LookupError)
│   ├── RejectedRows                 rows refused under ``strict=True``
│   └── OtherWork                    a folder with work that is not what is asked for
└── JournalError (RuntimeError)      a journal that cannot be used as it is
    ├── JournalUnavailable (OSError)     its database is away, locked or full; nothing was written
    └── OtherPolicy (ValueError)         its sums are folded under another policy
```

Each is also the error of the standard library that a caller already catches. Messages quote
numbers and the values of closed lists; of ids and free text only the type and the length, so
that an error may be logged wherever the host logs.
"""

from __future__ import annotations

from collections.abc import Iterable


class JourneyScoreError(Exception):
    """The root of the tree: what is wrong, where, and what would be right.

    Attributes:
        path: the field, row or file the error is about, ``""`` if there is none.
        value: the offending value itself, for the caller; the message never quotes free text.
        hint: what would be right, ``""`` if there is nothing to add.

    >>> str(JourneyScoreError("7 is too much", path="delivered", hint="at most 5"))
    'delivered: 7 is too much; at most 5'
    """

    def __init__(
        self, problem: str, *, path: str = "", value: object = None, hint: str = ""
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.path = path
        self.value = value
        self.hint = hint

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        advice = f"; {self.hint}" if self.hint else ""
        return f"{where}{self.problem}{advice}"


class InvalidValue(JourneyScoreError, ValueError):
    """A value that cannot be scored."""


class OutOfScale(InvalidValue):
    """A number outside the range of its scale: 7 on a rating of 1 to 5, a level of 1.2."""


class NotFinite(InvalidValue):
    """NaN or infinity."""


class NaiveTime(InvalidValue):
    """A time without a timezone: it does not say which moment it is."""


class InvalidToken(InvalidValue):
    """A token or header that is damaged, forged, foreign, or of another version."""


class ExpiredToken(InvalidToken):
    """A token that is whole, but may be used no longer."""


class WrongType(InvalidValue, TypeError):
    """A value of a type that is never coerced: text or a boolean where a number is wanted."""


class UnknownName(JourneyScoreError, LookupError):
    """No event, touchpoint, field or factor has this name."""


class BrokenLaw(JourneyScoreError, AssertionError):
    """A scorer under test breaks a law of scoring; see `journeyscore.testing.check_scorer`."""


class LogError(JourneyScoreError, ValueError):
    """A journey log that cannot be scored."""


class LogNotFound(LogError, FileNotFoundError):
    """No file at this path."""

    def __str__(self) -> str:
        return JourneyScoreError.__str__(self)  # an OSError would print its errno


class MissingColumn(LogError, LookupError):
    """A column that scoring cannot do without."""


class RejectedRows(LogError):
    """Rows that cannot be folded, in a log scored with ``strict=True``."""


class OtherWork(LogError):
    """A folder that holds other work than what is asked for, or work that is not to be resumed."""


class JournalError(JourneyScoreError, RuntimeError):
    """A journal that cannot be used as it is: newer than the library, damaged, no journal."""


class JournalUnavailable(JournalError, OSError):
    """The database of the journal is away, locked or full: what was asked for was not done.

    Nothing of it was written, unless the connection was lost in the very commit; asking again is
    safe either way, an event that has an id is not counted twice.
    """

    def __str__(self) -> str:
        return JourneyScoreError.__str__(self)  # an OSError would print its errno


class OtherPolicy(JournalError, ValueError):
    """The sums of the journal are folded under another policy than the one given."""


def described(value: object) -> str:
    """A value as an error may quote it: numbers and booleans as they are, all else by type.

    >>> described(7), described("Mr Smith")
    ('7', 'str of length 8')
    """
    if value is None or isinstance(value, (bool, int, float)):
        return repr(value)
    if isinstance(value, (str, bytes, list, tuple, dict)):
        return f"{type(value).__name__} of length {len(value)}"
    return f"a {type(value).__name__}"


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like this one, or None: what a hint may suggest.

    >>> closest("hotel.vallet", ["hotel.valet", "hotel.bellman"])
    'hotel.valet'
    """
    from difflib import get_close_matches  # only errors and notes need it

    return next(iter(get_close_matches(name, list(known), n=1)), None)
