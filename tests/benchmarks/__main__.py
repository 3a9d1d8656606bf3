"""All benchmarks, one table after the other: ``python -m tests.benchmarks``. Never asserts.

Figures are of this machine as it is now: leave it alone meanwhile. ``--quick`` takes a minute
or two and is less exact.
"""

import argparse
import sys

from tests.benchmarks import bench_app, bench_job, bench_render, bench_soak, bench_vram


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="fewer runs, no Ultra")
    quick = parser.parse_args().quick
    bench_render.main(["--pairs", "1", "--quality", "standard"] if quick else [])
    bench_job.main(["--runs", "1"] if quick else [])
    bench_app.main(["--quality", "standard"] if quick else ["--quality", "ultra"])
    bench_app.main(["--quality", "draft", "--count", "3" if quick else "10"])
    if not quick:
        bench_soak.main([])
    # Whole, it is `vidgen-gui bench vram`, which also writes its report.
    bench_vram.main(["--quick"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
