"""Writes down what the matrix showed: figures that must hold, tables by card, sums for the 12 GB.

The words stand here; every figure comes from the run or from the app's own planner.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from vram_kit import CARDS, ERROR_FACTOR, JOBS, Card, CellResult, Verdict, Writer

from vidgen_gui.core.image_family import Family
from vidgen_gui.core.plan import Plan, Rung
from vidgen_gui.core.quality import Quality

HEAD = """# Pictures on any card: measured on played machines

Made by `vidgen-gui bench vram` from a source checkout{sample}. A real ComfyUI protocol over real
sockets, played by `tests/fakes/comfyui.py`: every graph that is sent is weighed node by node with
ComfyUI's own planning rules, times a hidden factor between {low} and {high} that belongs to a model
family and a way of making the picture, moves by up to 5 % from run to run, and is nowhere to be
seen by the planner. What exceeds the card's memory at that moment fails as PyTorch does. The card
is simulated; the language model (Qwen2.5-7B-Instruct, Q4_K_M, 8,192 tokens) holds of it what its
file's header says. Planner, ladder, residency and the ComfyUI client are the app's own.

{cells} cells ({cards} cards × {qualities} qualities × {families} families × {writers} states of the
language model), {jobs} jobs a cell and one more that shows what was learned: {pictures} pictures in
{minutes:.1f} minutes. A job here is one scene's picture, so that each job's first try counts.
Whether a video comes of it is tried in `tests/e2e/test_vram_matrix.py`.
"""
RULES = """
“Best” is found by trying: each rung's graph against the hidden budget, without jitter; the budget
is the whole card less what nobody can be asked to give back, without the 512 MiB that the app
leaves to the desktop. A cell counts as near the best when
*every one* of its jobs, the first as well, ended at most one rung below it, counted in the whole
ladder of the quality, lower qualities' pictures included.
"""


def report(
    verdict: Verdict,
    *,
    minutes: float,
    others: Mapping[str, Verdict],
    sums: str,
    writer_table: str,
    sample: bool = False,
) -> str:
    """The whole of ``docs/vram.md``.

    Args:
        others: verdicts on other hidden errors, by a name.
    """
    parts = [
        _head(verdict, minutes, sample=sample),
        "## What must hold\n",
        _must_hold(verdict),
        RULES,
        "## Ultra, card by card\n",
        _ultra(verdict.results),
        "\n## Every quality\n",
        _qualities(verdict.results),
        "\n## Swaps and steps down\n",
        _efforts(verdict.results),
        "\n## Where it falls short\n",
        _short(verdict),
        "\n## Other hidden errors\n",
        _others(others),
        "\n## The sums for 12 GB\n",
        sums,
        "\n## The language model\n",
        writer_table,
    ]
    return "\n".join(parts).rstrip() + "\n"


def _head(verdict: Verdict, minutes: float, *, sample: bool) -> str:
    cells = [result.cell for result in verdict.results]
    return HEAD.format(
        low=ERROR_FACTOR[0],
        high=ERROR_FACTOR[1],
        cells=len(cells),
        cards=len({cell.card for cell in cells}),
        qualities=len({cell.quality for cell in cells}),
        families=len({cell.family for cell in cells}),
        writers=len({cell.writer for cell in cells}),
        jobs=JOBS,
        pictures=len(verdict.jobs),
        minutes=minutes,
        sample=" with `--quick`: a sample of the cells" if sample else "",
    )


def _must_hold(verdict: Verdict) -> str:
    needless = len(verdict.needlessly_painted)
    turns = ", ".join(f"{share:.1%}" for share in verdict.began_well)
    exact = sum(
        all(result.steps_below_best(job) <= 0 for job in result.every_job)
        for result in verdict.results
    )
    rows = [
        ("jobs that deliver the full size", "100 %", f"{verdict.full_size:.1%}"),
        ("cells at most one rung below the best", "≥ 90 %", f"{verdict.near_best:.1%}"),
        ("cells at the best rung, always", "", f"{exact / len(verdict.results):.1%}"),
        ("cells painted though another rung fits in every run", "0", str(needless)),
        ("cells painted where a rung fits in some runs only", "", str(len(verdict.luckless))),
        (
            f"first tries without out-of-memory after {JOBS} jobs",
            "≥ 90 %",
            f"{verdict.learned:.1%}",
        ),
        ("the same for each job in turn", "", turns),
    ]
    return as_table(("figure", "wanted", "found"), rows)


def _ultra(results: Sequence[CellResult]) -> str:
    """One row a card: what a Ultra job ended with after the learning jobs, and the best."""
    rows = []
    for card in _cards(results):
        row = [card.name]
        row += [
            _ended(results, card, Quality.ULTRA, family, writer)
            for family in (Family.SD15, Family.SDXL)
            for writer in Writer
        ]
        rows.append(row)
    titles = [f"{family.value}, {writer.value}" for family in (Family.SD15, Family.SDXL)
              for writer in Writer]  # fmt: skip
    return (
        "How the last picture was made, by family and by where the language model is; in brackets "
        "the best that fits, where it is another.\n\n" + as_table(("card", *titles), rows)
    )


def _ended(
    results: Iterable[CellResult], card: Card, quality: Quality, family: Family, writer: Writer
) -> str:
    for result in results:
        cell = result.cell
        if (cell.card, cell.quality, cell.family, cell.writer) == (card, quality, family, writer):
            made = result.probe.rung
            return made if made == result.best else f"{made} ({result.best})"
    return ""


def _qualities(results: Sequence[CellResult]) -> str:
    rows = []
    for card in _cards(results):
        for family in (Family.SD15, Family.SDXL):
            made = [_ended(results, card, quality, family, Writer.ABSENT) for quality in Quality]
            if any(made):
                rows.append((card.name, family.value, *made))
    titles = ("card", "family", *(quality.slug for quality in Quality))
    return "Without a language model on the card.\n\n" + as_table(titles, rows)


def _efforts(results: Sequence[CellResult]) -> str:
    rows = []
    for card in _cards(results):
        own = [result for result in results if result.cell.card == card]
        steps = [sum(job.steps_down for job in turn)
                 for turn in zip(*(one.every_job for one in own), strict=True)]  # fmt: skip
        pauses = sum(job.pauses for one in own for job in one.every_job)
        managed = [one for one in own if one.cell.writer is Writer.MANAGED]
        back = sum(bool(one.writer_came_back) for one in managed)
        painted = sum(job.rung == "painter" for one in own for job in one.every_job)
        rows.append((card.name, len(own), *steps, pauses, f"{back} of {len(managed)}", painted))
    titles = ("card", "cells", *(f"steps down, job {turn + 1}" for turn in range(JOBS + 1)),
              "model paused", "model there at the end", "painted")  # fmt: skip
    return (
        "A step down is a try that ran out of memory. The language model is paused at most once a "
        "batch of pictures, and is there again after it.\n\n" + as_table(titles, rows)
    )


def _short(verdict: Verdict) -> str:
    missed = [result for result in verdict.results if not result.is_near_best]
    if not missed:
        return "Nowhere."
    rows = []
    for result in missed:
        cell = result.cell
        made = " → ".join(job.rung for job in result.every_job)
        rows.append((cell.card.name, cell.quality.slug, cell.family.value, cell.writer.value,
                     f"{result.budget_mib:,.0f}", result.best, made))  # fmt: skip
    titles = ("card", "quality", "family", "language model", "hidden budget, MiB", "best", "made")
    return as_table(titles, rows)


def _others(verdicts: Mapping[str, Verdict]) -> str:
    rows = [
        (
            name,
            f"{verdict.near_best:.1%}",
            f"{verdict.learned:.1%}",
            len(verdict.needlessly_painted),
            len(verdict.luckless),
        )
        for name, verdict in verdicts.items()
    ]
    titles = ("hidden error", "near the best", "first tries well after 3 jobs",
              "painted needlessly", "painted by bad luck")  # fmt: skip
    return (
        "The same cells with cards, by planner, ladder and calibration alone, without sockets "
        "(`tests/vram_pure.py`): with other factors out of the same range, and with errors that "
        "nobody reckoned with.\n\n" + as_table(titles, rows)
    )


def rungs_table(plan: Plan) -> str:
    """A plan's rungs with what the rules say they need, in MiB."""
    rows = []
    for number, rung in enumerate(plan.rungs):
        need = rung.need
        mark = "**starts here**" if number == plan.start else ""
        figures = (f"{need.low_mib:,.0f}", f"{need.likely_mib:,.0f}", f"{need.high_mib:,.0f}")
        rows.append((rung.name, *figures, f"{rung.comfortable_mib:,.0f}", _sizes(rung), mark))
    titles = ("rung", "least", "by the rules", "most", "nothing streamed", "made as", "")
    return as_table(titles, rows)


def _sizes(rung: Rung) -> str:
    picture = rung.picture
    if picture is None:
        return "painted"
    middle = f" → {picture.refine_size} redrawn" if picture.refine_size is not None else ""
    return f"{picture.base}{middle} → {picture.final}, {picture.decode.value} decode"


def _cards(results: Iterable[CellResult]) -> list[Card]:
    seen = Counter(result.cell.card for result in results)
    return [card for card in CARDS if seen[card]]


def as_table(titles: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(map(str, titles)) + " |", "|" + "---|" * len(titles)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines)
