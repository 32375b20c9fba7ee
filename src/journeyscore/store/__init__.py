"""The journal: journeys that survive processes, crashes and late events.

```python
from journeyscore.store import Journal

with Journal("stays.db") as journal:  # or postgresql://user@host/name
    journal.append("stay-1042", touchpoint)
```

Needs the extra ``journeyscore[store]``, for PostgreSQL ``journeyscore[store-postgres]``.
"""

from __future__ import annotations

from .._extras import needed

with needed("the journal needs", "store"):
    import sqlalchemy as _sqlalchemy  # noqa: F401

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
