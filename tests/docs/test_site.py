"""The site builds without a warning, and knows every public name, column and page."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sphinx.util.inventory import InventoryFile

import journeyscore
from journeyscore.convert.rows import COLUMNS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html",
         "-d", str(built / "doctrees"), str(DOCS), str(built / "html")],
        check=True, cwd=ROOT,
    )  # fmt: skip
    return built / "html"


def public_names() -> set[str]:
    """The names that packages and modules offer in ``__all__``, under their full path."""
    names = {f"journeyscore.{name}" for name in journeyscore.__all__ if name != "__version__"}
    for found in pkgutil.walk_packages(journeyscore.__path__, "journeyscore."):
        if not found.name.rpartition(".")[2].startswith("_"):
            module = importlib.import_module(found.name)
            names |= {f"{found.name}.{name}" for name in getattr(module, "__all__", ())}
    return names


def test_every_public_name_is_in_the_reference(site: Path) -> None:
    """Under whichever of its names: what the facade offers is also that of a module."""
    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="")
    named = [
        name for kind, found in inventory.data.items() if kind != "py:module" for name in found
    ]
    documented = {id(found) for name in named if (found := _found(name)) is not None}
    public = public_names() | names_in_examples()
    assert len(public) > 60
    assert {name for name in public if id(_found(name)) not in documented} == set()


def names_in_examples() -> set[str]:
    """What the examples of the documents import out of modules, under its full path."""
    imports = re.compile(r"^>>> from (journeyscore[.\w]*) import ([\w, ]+)$", flags=re.MULTILINE)
    found = (imports.findall(page.read_text("utf-8")) for page in PAGES)
    named = {f"{module}.{name.strip()}" for page in found for module, some in page
             for name in some.split(",")}  # fmt: skip
    return {name for name in named if not inspect.ismodule(_found(name))}


def _found(name: str) -> object:
    """What stands under a full name; None for what only the documentation has, such as fields."""
    try:
        return pkgutil.resolve_name(name)
    except (AttributeError, ImportError, ValueError):
        return None


def test_no_page_of_the_site_asks_another_host_for_anything(site: Path) -> None:
    outside = re.compile(r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["']?(?:https?:)?//""")
    asking = [page.name for page in site.rglob("*.html") if outside.search(page.read_text("utf-8"))]
    assert asking == []


def test_the_table_of_columns_is_complete() -> None:
    table = (DOCS / "reference" / "columns.md").read_text("utf-8")
    assert re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE) == list(COLUMNS)


LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)#]+)(?:#[^)]*)?\)")
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md"), *ROOT.glob("[beti]*/**/*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = LINK.findall(page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []
