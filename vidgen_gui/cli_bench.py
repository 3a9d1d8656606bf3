"""``vidgen-gui bench``: measurements that live beside the source and not in the installed app."""

import argparse
import importlib
import sys
from pathlib import Path

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.system.paths import resolve

SOURCE = Path(__file__).resolve().parents[1]
_MODULES = {"vram": "tests.benchmarks.bench_vram"}


def add_bench(bench: argparse.ArgumentParser) -> None:
    """The grammar of ``bench``."""
    bench.add_argument("what", choices=sorted(_MODULES), help="vram: every card, played")
    bench.add_argument("--quick", action="store_true", help="a sample of the cells")
    bench.add_argument("--json", action="store_true", help="print the result as JSON")
    bench.add_argument("--out", type=resolve, metavar="FILE", help="write the report there")


def run_bench(arguments: argparse.Namespace, source: Path = SOURCE) -> int:
    """Run it; its own exit status: 0 when what must hold did.

    Raises:
        InputError: this is no source checkout.
    """
    module = _MODULES[arguments.what]
    file = source.joinpath(*module.split(".")).with_suffix(".py")
    if not file.is_file():
        raise InputError(MessageId.BENCH_NEEDS_SOURCE, path=str(file))
    if str(source) not in sys.path:
        sys.path.insert(0, str(source))
    options = [name for name, wanted in _switches(arguments).items() if wanted]
    if arguments.out is not None:
        options += ["--out", str(arguments.out)]
    return int(importlib.import_module(module).main(options))


def _switches(arguments: argparse.Namespace) -> dict[str, bool]:
    return {"--quick": arguments.quick, "--json": arguments.json}
