"""What importing the library loads, and what it does not."""

from __future__ import annotations

import subprocess
import sys

CORE = {"attr", "attrs", "opentelemetry"}


def modules(code: str) -> set[str]:
    """The modules a fresh interpreter has loaded after running the code."""
    listing = "import sys; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", f"{code}\n{listing}"], capture_output=True, text=True, check=True
    )
    return set(result.stdout.split())


def loaded(code: str) -> set[str]:
    """The same, of each the top level only."""
    return {name.partition(".")[0] for name in modules(code)}


def test_the_facade_loads_attrs_and_the_api_of_opentelemetry() -> None:
    plain = loaded("import attrs, opentelemetry.trace")
    more = loaded("import journeyscore") - plain - set(sys.stdlib_module_names)
    assert more == {"journeyscore"}


def test_scales_and_catalogues_are_imported_on_first_use() -> None:
    later = {"journeyscore.scales", "journeyscore.touchpoints.catalogues"}
    use = "from journeyscore import Journey, Touchpoint, Policy, score, promised"
    assert not later & modules(use)
    assert later <= modules(f"{use}; import journeyscore.touchpoints as t; t.CATALOGUES") | modules(
        "from journeyscore import minutes"
    )
    assert later <= modules("import journeyscore as j; j.scales; j.touchpoints.catalogues")


def test_every_name_of_the_facade_is_found_and_no_other() -> None:
    import journeyscore
    from journeyscore import plan, scales, touchpoints

    assert journeyscore.minutes is scales.minutes
    assert journeyscore.Plan is plan.Plan
    for package in (journeyscore, touchpoints):
        assert all(hasattr(package, name) for name in package.__all__)
        assert not hasattr(package, "no_such_name")


def test_edges_are_imported_by_path_only() -> None:
    heavy = {"polars", "narwhals", "pandas", "numpy", "pyarrow", "duckdb", "rich", "cattrs"}
    assert not heavy & loaded("import journeyscore; journeyscore.score(journeyscore.Journey('j'))")
    assert {"polars", "narwhals"} <= loaded("import journeyscore.frames")
    assert "cattrs" in loaded("import journeyscore.convert")
    edges = "import journeyscore.relationship, journeyscore.team, journeyscore.calibration"
    assert not {"sklearn", "scipy", "rich"} & loaded(edges)


def test_the_facade_offers_nothing_from_an_edge() -> None:
    import journeyscore

    for name in journeyscore.__all__:
        module = getattr(getattr(journeyscore, name), "__module__", "journeyscore.scales")
        edge = module.removeprefix("journeyscore.").partition(".")[0]
        assert edge not in {"frames", "convert", "cli"}
    assert 20 <= len(journeyscore.__all__) <= 30
    assert len(set(journeyscore.__all__)) == len(journeyscore.__all__)


def test_every_public_thing_is_documented() -> None:
    """Modules, classes, functions and methods without an underscore have a docstring."""
    import importlib
    import inspect
    import pkgutil

    import journeyscore

    missing = []
    for found in pkgutil.walk_packages(journeyscore.__path__, "journeyscore."):
        if found.name.endswith("__main__"):
            continue
        module = importlib.import_module(found.name)
        if not module.__doc__:
            missing.append(found.name)
        for name, thing in vars(module).items():
            own = getattr(thing, "__module__", None) == found.name
            if name.startswith("_") or not own or not callable(thing):
                continue
            if isinstance(thing, type) or inspect.isfunction(thing):
                if not inspect.getdoc(thing):
                    missing.append(f"{found.name}.{name}")
            if isinstance(thing, type):
                for method, of in vars(thing).items():
                    public = not method.startswith("_")
                    if public and (inspect.isfunction(of) or isinstance(of, property)):
                        if not inspect.getdoc(of):
                            missing.append(f"{found.name}.{name}.{method}")
    assert missing == []


def test_live_tracking_and_the_rest_of_opentelemetry_wait_for_their_first_use() -> None:
    code = (
        "import journeyscore, sys\n"
        "late = ['journeyscore.live', 'opentelemetry.metrics', 'opentelemetry._logs',"
        " 'opentelemetry.propagate', 'hmac']\n"
        "assert not set(late) & set(sys.modules), set(late) & set(sys.modules)\n"
        "assert journeyscore.Tracker().journey('j').tally.count == 0\n"
        "assert 'journeyscore.live' in sys.modules\n"
    )
    assert "journeyscore" in loaded(code)
