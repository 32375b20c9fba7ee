"""Journeys drawn, and logs told on one page: for people who do not read dataframes.

```python
from journeyscore.report import journey_map, report

journey_map(card).save("stay.svg")          # or .png, or .html, which answers the pointer
report("season.jsonl").save("report.html")  # one file that needs no network
```

Needs the extra ``journeyscore[report]``.
"""

from __future__ import annotations

from .._extras import needed

with needed("reports and maps need", "report"):
    import jinja2 as _jinja2  # noqa: F401
    import narwhals as _narwhals  # noqa: F401
    import polars as _polars  # noqa: F401
    import vl_convert as _vl_convert  # noqa: F401

from .charts import journeys_map
from .evidence import Evidence
from .figure import Figure
from .maps import journey_map
from .page import Column, Page, Panel, Table
from .panels import PANELS
from .season import report

__all__ = [
    "PANELS",
    "Column",
    "Evidence",
    "Figure",
    "Page",
    "Panel",
    "Table",
    "journey_map",
    "journeys_map",
    "report",
]
