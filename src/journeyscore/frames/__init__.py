"""Journey logs as dataframes: the same bits as journeys in memory, at the engine's speed.

```python
from journeyscore import frames

frames.score("stays.parquet", by="journey")
```

Needs the extra ``journeyscore[frames]``.
"""

from __future__ import annotations

from .comparing import compare
from .findings import answers, ask_again, needs
from .loops import causes, follow_ups, loops
from .memory import experience, market
from .merging import merge, read
from .promises import ledger, promises, read_ledger, silences
from .scoring import check, fold, score
from .touchpoints import touchpoints

__all__ = [
    "answers",
    "ask_again",
    "causes",
    "check",
    "compare",
    "experience",
    "fold",
    "follow_ups",
    "ledger",
    "loops",
    "market",
    "merge",
    "needs",
    "promises",
    "read",
    "read_ledger",
    "score",
    "silences",
    "touchpoints",
]
