"""Journey logs as dataframes: the same bits as journeys in memory, at the engine's speed.

```python
from journeyscore import frames

frames.score("stays.parquet", by="journey")
```

Needs the extra ``journeyscore[frames]``.
"""

from __future__ import annotations

from .._extras import needed

with needed("dataframes need", "frames"):
    import narwhals as _narwhals  # noqa: F401
    import polars as _polars  # noqa: F401

from .comparing import compare
from .files import Written, score_files
from .findings import answers, ask_again, needs
from .journeys import journeys
from .loops import causes, follow_ups, loops
from .memory import experience, market
from .merging import merge, read
from .overview import Overview, overview
from .promises import ledger, promises, read_ledger, silences
from .scoring import check, fold, score
from .task import Progress
from .touchpoints import touchpoints

__all__ = [
    "Overview",
    "Progress",
    "Written",
    "answers",
    "ask_again",
    "causes",
    "check",
    "compare",
    "experience",
    "fold",
    "follow_ups",
    "journeys",
    "ledger",
    "loops",
    "market",
    "merge",
    "needs",
    "overview",
    "promises",
    "read",
    "read_ledger",
    "score",
    "score_files",
    "silences",
    "touchpoints",
]
