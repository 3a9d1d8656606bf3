"""Putting a damaged file out of the way under a dated name, so that nothing is lost."""

from datetime import datetime
from pathlib import Path

from vidgen_gui.system.files import fsync_dir, storage_errors


def set_aside(path: Path, label: str, *companions: str) -> Path:
    """Rename ``path`` to ``NAME.LABEL-DATE-TIME`` (numbered when taken) and return that.

    Args:
        companions: suffixes of files that belong to it and go with it (``"-wal"``).

    Raises:
        StorageError: the folder cannot be written.
    """
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    stem = f"{path.name}.{label}-{stamp}"
    target = path.with_name(stem)
    number = 1
    with storage_errors(path):
        while target.exists():
            number += 1
            target = path.with_name(f"{stem}-{number}")
        path.rename(target)
        for suffix in companions:
            companion = path.with_name(path.name + suffix)
            if companion.exists():
                companion.rename(target.with_name(target.name + suffix))
        fsync_dir(path.parent)
    return target
