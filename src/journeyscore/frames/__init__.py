"""Journey logs as dataframes: the same bits as journeys in memory, at the engine's speed.

```python
from journeyscore import frames

frames.score("stays.parquet", by="journey")
```

Needs the extra ``journeyscore[frames]``.
"""

from __future__ import annotations

from .comparing import compare
from .journeys import journeys
from .merging import merge, read
from .overview import Overview, overview
from .scoring import check, fold, market, score
from .touchpoints import touchpoints

__all__ = [
    "Overview",
    "check",
    "compare",
    "fold",
    "journeys",
    "market",
    "merge",
    "overview",
    "read",
    "score",
    "touchpoints",
]
