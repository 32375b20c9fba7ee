"""Hypothesis profiles: `default` for every run, `slow` (HYPOTHESIS_PROFILE=slow) for many more.

Where CI is set it is `ci`: the same examples every time, so that a change is judged by what it
changes. Other runs look further at each turn, and what they find becomes a test.
"""

import os
from contextlib import suppress

with suppress(ModuleNotFoundError):  # where the extra `testing` is not installed (tests/extras.py)
    from hypothesis import HealthCheck, Phase, settings

    settings.register_profile(
        "default", deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.register_profile("slow", parent=settings.get_profile("default"), max_examples=2000)
    settings.register_profile("ci", parent=settings.get_profile("default"), derandomize=True)
    # of tests that are run again and again, for each mutant or environment: few examples
    settings.register_profile(
        "quick", parent=settings.get_profile("ci"), max_examples=15, database=None,
        phases=[Phase.explicit, Phase.generate],
    )  # fmt: skip
    usual = "ci" if os.environ.get("CI") else "default"
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", usual))
