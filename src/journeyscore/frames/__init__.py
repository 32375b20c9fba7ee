"""Journey logs as dataframes: the same bits as journeys in memory, at the engine's speed.

```python
from journeyscore import frames

frames.score("stays.parquet", by="journey")
```

Needs the extra ``journeyscore[frames]``.
"""

from __future__ import annotations

from .comparing import compare
from .merging import merge, read
from .scoring import check, fold, market, score
from .touchpoints import touchpoints

__all__ = ["check", "compare", "fold", "market", "merge", "read", "score", "touchpoints"]
