"""The one entry point: window, command line, worker processes and the process guard."""

import gc
import os
import signal
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Start what ``arguments`` ask for; returns the exit status."""
    argv = list(sys.argv[1:] if arguments is None else arguments)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # Until it knows how to end in order, Ctrl-C ends it at once: an exception in the midst of
        # importing Qt would abort it with pages of words.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        return _start(argv)
    except ImportError as error:
        from vidgen_gui.system.libraries import missing_library_advice

        advice = missing_library_advice(error)
        if advice is None:
            raise
        sys.stderr.write(f"{advice}\n")
        return 1


def _start(argv: list[str]) -> int:
    # Everything is imported where it is needed, as a worker must not pay for the window.
    match argv:
        case ["--worker", kind]:
            # NumPy's BLAS would start threads that spin; it costs 0.1 s and nobody uses them.
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
            from vidgen_gui.pipeline.worker_kinds import handler_factory
            from vidgen_gui.system.worker_server import serve

            return serve(kind, handler_factory)
        case ["--exec", *rest]:
            from vidgen_gui.system import guard

            return guard.main(rest)
        case []:
            # What imports make is no garbage; looking through it would hold the window up.
            gc.disable()
            from vidgen_gui import app

            return app.main()
        case _:
            from vidgen_gui import cli

            return cli.main(argv)


if __name__ == "__main__":
    sys.exit(main())
