"""Mutation testing: ``python -m tests.mutation [MODULE...]``.

Every mutant of a module (see `mutants`) is held against the doctests of that module and the tests
that are named here, in the order in which they find most. A mutant that they let live is a gap in
them, unless ``survivors.toml`` says why no test can tell it from the original. Ends with 1 where
fewer than 95 of 100 mutants are killed, or one that lives is not explained.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

from .mutants import Mutant, mutants
from .trying import file_of, load, survives

LAWS = [f"tests/laws/test_{name}.py" for name in ("value", "fold", "journey")]
EXAMPLES = [
    f"tests/{name}.py"
    for name in (
        "test_examples_of_the_design", "test_refusals", "test_arithmetic", "test_contents",
        "test_zones_and_scales", "compatibility/test_golden", "test_journey",
        "test_edges_of_the_core",
    )
]  # fmt: skip
CAPABILITIES = [
    f"tests/capabilities/test_{name}.py"
    for name in ("scores", "recovery", "expectations", "promises", "journeys")
]
SCORES = [
    "tests/test_scorecard.py",
    *EXAMPLES,
    *CAPABILITIES,
    "tests/telemetry/test_score_span.py",
    LAWS[2],
]
STORE = [
    f"tests/store/test_{name}.py" for name in ("appending", "journal", "forgetting", "machine")
] + ["-k", "sqlite"]

TARGETS = {
    "journeyscore.value": [*EXAMPLES[:1], LAWS[0]],
    "journeyscore.tally": [*EXAMPLES[:6], *LAWS[:2]],
    "journeyscore.recovery": [*EXAMPLES[:4], CAPABILITIES[1], LAWS[2]],
    "journeyscore.valuation": ["tests/test_readings.py", *EXAMPLES, *CAPABILITIES, *LAWS],
    "journeyscore.journey": [*EXAMPLES, *CAPABILITIES, LAWS[2]],
    "journeyscore.folding": SCORES,
    "journeyscore.scorecard": SCORES,
    "journeyscore.frames.formula": ["tests/parity/test_formula.py"],
    "journeyscore.store.folding": STORE,
    "journeyscore.store.appending": STORE,
}
"""The modules that a wrong score would come out of, and the tests that guard each."""

WANTED = 0.95
SURVIVORS = tomllib.loads((Path(__file__).parent / "survivors.toml").read_text(encoding="utf-8"))
"""By module, the mutants that live, and why: ``"function: before  ->  after" = "reason"``."""


def main() -> int:
    """Try the modules named, or all of them; report as it goes."""
    parser = argparse.ArgumentParser("python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(TARGETS))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="try one of N mutants")
    given = parser.parse_args()
    load()
    tried = [_module(name, given.jobs, given.every) for name in given.modules or TARGETS]
    mutants, killed, unexplained = map(sum, zip(*tried, strict=True))
    print(
        f"{killed} of {mutants} mutants killed ({killed / mutants:.1%}), {unexplained} unexplained"
    )
    return 0 if killed >= WANTED * mutants and not unexplained else 1


def _module(module: str, jobs: int, every: int) -> tuple[int, int, int]:
    """Try the mutants of a module: how many there are, are killed, live without a reason."""
    source, tests = file_of(module).read_text(encoding="utf-8"), TARGETS[module]
    if not survives(module, source, tests):
        sys.exit(f"{module}: its tests fail as it is; MUTATION_SHOW=1 shows them")
    began, found = monotonic(), list(mutants(source))[::every]

    def lives(mutant: Mutant) -> bool:
        return survives(module, mutant.code, tests)

    reasons = SURVIVORS.get(module, {})
    living: list[str] = []
    with ThreadPoolExecutor(jobs) as pool:
        for mutant, outcome in zip(found, pool.map(lives, found), strict=True):
            if outcome:
                living.append(str(mutant))
                why = reasons.get(str(mutant), "NOT EXPLAINED")
                print(f"  line {mutant.line}: {mutant}  [{why}]", flush=True)
    unexplained, killed = len(set(living) - reasons.keys()), len(found) - len(living)
    print(
        f"{module}: {killed} of {len(found)} mutants killed ({killed / len(found):.1%}), "
        f"{unexplained} of the others unexplained; {monotonic() - began:.0f} s",
        flush=True,
    )
    for gone in reasons.keys() - set(living) if every == 1 else ():
        print(f"  survivors.toml explains what is killed or gone: {gone}")
    return len(found), killed, unexplained


if __name__ == "__main__":
    sys.exit(main())
