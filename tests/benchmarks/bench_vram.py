"""Every card, quality, model family and place of the language model, played; writes docs/vram.md.

Run ``vidgen-gui bench vram`` or ``python -m tests.benchmarks.bench_vram`` (``--quick`` for a
sample, ``--json`` for every picture, ``--out FILE``). Ends with 1 when something that must hold
does not.
"""

import argparse
import dataclasses
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
if str(TESTS) not in sys.path:
    sys.path.insert(0, str(TESTS))

from gguf_kit import CONTEXTS, QUANTISATIONS, qwen_7b  # noqa: E402 - found by the path above
from vram_kit import (  # noqa: E402
    ERROR_FACTOR,
    Cell,
    CellResult,
    Verdict,
    all_cells,
    sampled_cells,
)
from vram_play import Playground  # noqa: E402
from vram_pure import play as play_purely  # noqa: E402
from vram_report import report  # noqa: E402
from vram_sums import twelve_gb  # noqa: E402

from vidgen_gui.gpu.gguf_model import read_model  # noqa: E402
from vidgen_gui.gpu.llm_memory import LlmSettings, table  # noqa: E402

WORLDS = "abcdefghij"
STRANGE_ERRORS = ((0.5, 2.2), (1.6, 1.6), (0.75, 0.75))
REPORT = TESTS.parent / "docs" / "vram.md"


def main(options: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="a sample of the cells")
    parser.add_argument("--json", action="store_true", help="print every picture as JSON")
    parser.add_argument("--out", type=Path, help=f"where the report goes; {REPORT.name} usually")
    given = parser.parse_args(options)
    cells = sampled_cells() if given.quick else tuple(all_cells())
    began = time.monotonic()
    verdict = Verdict(play(cells, quiet=given.json))
    minutes = (time.monotonic() - began) / 60
    text = report(
        verdict,
        minutes=minutes,
        others={} if given.quick else other_errors(),
        sums=twelve_gb(),
        writer_table=writer_table(),
        sample=given.quick,
    )
    target = given.out or (None if given.quick else REPORT)
    if target is not None:
        target.write_text(text, encoding="utf-8")
    problems = verdict.problems()
    if given.json:
        rows = [_as_json(result) for result in verdict.results]
        sys.stdout.write(json.dumps({"cells": rows, "problems": problems}) + "\n")
    elif target is None:
        sys.stdout.write(text)
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


def play(cells: Sequence[Cell], *, quiet: bool) -> list[CellResult]:
    """Each cell from an empty memory; says on the terminal what became of it."""
    results = []
    with TemporaryDirectory(prefix="vidgen-bench-") as home, Playground() as ground:
        os.environ["VIDGEN_HOME"], os.environ["VIDGEN_DISCOVER"] = home, "off"
        for number, cell in enumerate(cells, 1):
            results.append(ground.play(cell))
            if not quiet:
                _say(f"{number}/{len(cells)}", results[-1])
    return results


def _say(place: str, result: CellResult) -> None:
    jobs = result.every_job
    steps = "+".join(str(job.steps_down) for job in jobs)
    pauses = sum(job.pauses for job in jobs)
    made = " ".join(dict.fromkeys(job.rung for job in jobs))
    mark = "" if result.is_near_best and not result.painted_needlessly else "  MISSED"
    sys.stderr.write(
        f"{place} {result.cell}: {made} (best {result.best}, {result.budget_mib:,.0f} MiB; "
        f"steps down {steps}, swaps {pauses}){mark}\n"
    )


def other_errors() -> dict[str, Verdict]:
    """The same cells, purely, with hidden errors that the first run did not have."""
    low, high = ERROR_FACTOR
    found = {
        f"{low} to {high}, {world}": Verdict(play_purely(all_cells(), ERROR_FACTOR, world=world))
        for world in WORLDS
    }
    for low, high in STRANGE_ERRORS:
        name = f"{low} to {high}" if low < high else f"{low} everywhere"
        found[name] = Verdict(play_purely(all_cells(), (low, high)))
    return found


def writer_table() -> str:
    """Ten quantisations and six contexts of Qwen2.5-7B-Instruct, from files of headers only."""
    with TemporaryDirectory() as folder:
        models = {
            name: read_model(qwen_7b(name).write(Path(folder) / f"{name}.gguf"))
            for name in QUANTISATIONS
        }
    text = table(models, CONTEXTS, LlmSettings(context_tokens=CONTEXTS[0]))
    return (
        "Qwen2.5-7B-Instruct with all layers on the card, in MiB by its file's header and the "
        "tokens of its context: likely, and in brackets the range.\n\n" + text
    )


def _as_json(result: CellResult) -> dict[str, Any]:
    cell = result.cell
    return {
        "card": cell.card.name,
        "quality": cell.quality.slug,
        "family": cell.family.value,
        "writer": cell.writer.value,
        "budget_mib": round(result.budget_mib),
        "best": result.best,
        "sure": result.sure,
        "jobs": [dataclasses.asdict(job) for job in result.every_job],
    }


if __name__ == "__main__":
    sys.exit(main())
