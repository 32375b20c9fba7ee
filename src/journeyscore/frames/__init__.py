"""Journey logs as dataframes: the same bits as journeys in memory, at the engine's speed.

```python
from journeyscore import frames

frames.score("stays.parquet", by="journey")
```

Needs the extra ``journeyscore[frames]``.
"""

from __future__ import annotations

from .comparing import compare
from .files import Written, score_files
from .merging import merge, read
from .scoring import check, fold, market, score
from .task import Progress
from .touchpoints import touchpoints

__all__ = [
    "Progress", "Written", "check", "compare", "fold", "market", "merge", "read", "score",
    "score_files", "touchpoints",
]  # fmt: skip
