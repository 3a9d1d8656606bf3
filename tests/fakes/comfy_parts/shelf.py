"""The fake's folders: what it saved, what was uploaded."""

import hashlib
import re
import tempfile
from pathlib import Path

from fakes.comfy_parts.faults import Fault

PLACES = ("output", "temp", "input")
KEPT = 40
"""Pictures of each place that stay on the disk; the oldest go."""


class OutsideError(Exception):
    """A file's place lies outside its folder."""


class Shelf:
    """Keeps pictures in folders of its own; ``close`` removes them."""

    def __init__(self) -> None:
        self._root = tempfile.TemporaryDirectory(prefix="fake-comfyui-")
        self._counts: dict[str, int] = {}
        self._digests: dict[str, str] = {}
        self.faults: dict[str, Fault] = {}
        self.aliases: dict[str, Path] = {}
        for place in PLACES:
            self.folder(place).mkdir()

    def folder(self, place: str) -> Path:
        return Path(self._root.name) / place

    def close(self) -> None:
        self._root.cleanup()

    def keep(self, data: bytes, prefix: str, place: str) -> dict[str, str]:
        """Save under the next free number of this prefix; how the server tells of it.

        Raises:
            OutsideError: the prefix leads out of the folder.
        """
        subfolder, _, name = prefix.rpartition("/")
        if not self.is_inside(place, subfolder):
            raise OutsideError("Saving image outside the output folder is not allowed.")
        target = self.folder(place) / subfolder
        target.mkdir(parents=True, exist_ok=True)
        number = self._counts[prefix] = self._counts.get(prefix, 0) + 1
        filename = f"{name}_{number:05}_.png"
        (target / filename).write_bytes(data)
        self._forget_old(place)
        return {"filename": filename, "subfolder": subfolder, "type": place}

    def _forget_old(self, place: str) -> None:
        files = [path for path in self.folder(place).rglob("*") if path.is_file()]
        for path in sorted(files, key=lambda path: path.stat().st_mtime_ns)[:-KEPT]:
            path.unlink()
        for names in (self.faults, self.aliases):
            for name in list(names)[:-KEPT]:
                del names[name]

    def find(self, place: str, subfolder: str, filename: str) -> Path | None:
        """The file, if it lies where it says."""
        path = self.folder(place) / subfolder / Path(filename).name
        return path if self.is_inside(place, subfolder) and path.is_file() else None

    def is_inside(self, place: str, subfolder: str) -> bool:
        folder = self.folder(place).resolve()
        return (folder / subfolder).resolve().is_relative_to(folder)

    def upload(self, name: str, data: bytes, *, overwrite: bool) -> str:
        """Keep an uploaded picture; the name under which it lies (another if taken)."""
        name = re.sub(r"[^\w. ()-]", "_", Path(name).name) or "image.png"
        digest = hashlib.sha256(data).hexdigest()
        stem, suffix, number = Path(name).stem, Path(name).suffix, 0
        while not overwrite and self._digests.get(name, digest) != digest:
            number += 1
            name = f"{stem} ({number}){suffix}"
        (self.folder("input") / name).write_bytes(data)
        self._digests[name] = digest
        return name

    def uploaded(self) -> list[str]:
        return sorted(self._digests)

    def input_digests(self) -> dict[str, str]:
        return dict(self._digests)
