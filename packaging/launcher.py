"""Where the frozen app starts; the same entry point as the installed command."""

import multiprocessing
import sys

from vidgen_gui.__main__ import main

if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.exit(main())
