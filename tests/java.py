"""Java, which PySpark runs on: where it is missing tests are skipped, but never in CI."""

import os
import shutil

import pytest


def require_java() -> None:
    """Skip the test where there is no Java runtime; where CI is set, fail it."""
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") or (home and shutil.which("java", path=os.path.join(home, "bin"))):
        return
    reason = "no Java runtime, which PySpark needs: install a headless one, 17 or newer"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
