"""Whether tests notice a mutant: they run in a fork of a process that has the libraries loaded.

What is forked has imported pytest, Hypothesis and the libraries underneath, and nothing of
journeyscore: that is imported in the fork, one module of it from the mutant's source.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
SECONDS = 60
"""Of processor time, after which a mutant that never ends is ended."""

LOADED = (
    "pytest", "hypothesis.strategies", "attrs", "cattrs",
    "opentelemetry.trace", "narwhals", "polars", "sqlalchemy", "unittest.mock", "doctest",
)  # fmt: skip


def load() -> None:
    """Import once what every fork needs."""
    sys.path[:0] = [str(ROOT / "src"), str(ROOT), str(ROOT / "tests")]
    os.environ |= {"HYPOTHESIS_PROFILE": "quick", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    for name in LOADED:
        with suppress(ImportError):
            import_module(name)
    assert "journeyscore" not in sys.modules
    gc.freeze()


class _Mutated(MetaPathFinder, Loader):
    """Imports one module from a source that is not the one in its file."""

    def __init__(self, name: str, file: Path, code: str) -> None:
        self.name, self.file, self.code = name, file, code

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> ModuleSpec | None:
        if fullname != self.name:
            return None
        spec = spec_from_loader(fullname, self, origin=str(self.file))
        assert spec is not None
        spec.has_location = True  # so that the module has its __file__
        return spec

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.code, str(self.file), "exec"), module.__dict__)


def survives(module: str, code: str, tests: Sequence[str]) -> bool:
    """Whether all tests pass with a module of this source."""
    child = os.fork()
    if child == 0:
        status = _tested(module, code, tests)
        sys.stdout.flush()
        os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def file_of(module: str) -> Path:
    """The source of a module."""
    return ROOT / "src" / Path(*module.split(".")).with_suffix(".py")


def _tested(module: str, code: str, tests: Sequence[str]) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    signal.alarm(20 * SECONDS)  # nor may it wait for ever
    if not os.environ.get("MUTATION_SHOW"):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
    pytest = import_module("pytest")
    sys.meta_path.insert(0, _Mutated(module, file_of(module), code))
    options = [
        "-x", "-q", "-p", "no:cacheprovider", "-p", "xdist.plugin",
        "-p", "no:unraisableexception", "-p", "no:threadexception",  # they collect garbage for long
        "-p", "_hypothesis_pytestplugin", "--tb=no", f"--rootdir={ROOT}", "-m", "not slow",
    ]  # fmt: skip
    os.chdir(ROOT)
    try:
        import_module(module)  # before pytest comes upon its file, and makes a second one of it
        return int(pytest.main([*options, str(file_of(module).relative_to(ROOT)), *tests]))
    except BaseException as error:
        print(repr(error))
        return 1
