"""Where the frozen app starts; the same entry point as the installed command."""

import os
import sys

from vidgen_gui.__main__ import main

BOOTLOADER_ONLY = ("QT_PLUGIN_PATH", "QML2_IMPORT_PATH")


def hide_bundle_from_children() -> None:
    """Give the programs we start the environment that we were started with.

    The bootloader points the dynamic linker, and its hooks point Qt, at the bundle's libraries:
    a file manager or browser opened from the window must not load those. Our own workers find
    them again because they are told to start afresh.
    """
    original = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if original is not None:
        os.environ["LD_LIBRARY_PATH"] = original
    else:
        os.environ.pop("LD_LIBRARY_PATH", None)
    for name in BOOTLOADER_ONLY:
        os.environ.pop(name, None)
    os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"


if __name__ == "__main__":
    hide_bundle_from_children()
    sys.exit(main())
