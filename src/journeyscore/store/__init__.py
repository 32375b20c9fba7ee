"""The journal: journeys that survive processes, crashes and late events.

```python
from journeyscore.store import Journal

with Journal("stays.db") as journal:  # or postgresql://user@host/name
    journal.append("stay-1042", touchpoint)
```

Needs the extra ``journeyscore[store]``, for PostgreSQL ``journeyscore[store-postgres]``.
"""

from __future__ import annotations

try:
    import sqlalchemy as _sqlalchemy  # noqa: F401
except ModuleNotFoundError as _error:
    raise ModuleNotFoundError(
        f"the journal needs {_error.name}: pip install 'journeyscore[store]'", name=_error.name
    ) from _error

from .async_journal import AsyncJournal
from .checking import Difference, Verification
from .content import with_ids
from .forgetting import Forgotten
from .journal import Journal
from .journeys import Known
from .outcomes import Appended, Outcome
from .scores import RecordedScore

__all__ = [
    "Appended",
    "AsyncJournal",
    "Difference",
    "Forgotten",
    "Journal",
    "Known",
    "Outcome",
    "RecordedScore",
    "Verification",
    "with_ids",
]
