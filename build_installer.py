"""Builds what people install: a folder that runs without Python and, on Debian, a package.

``python build_installer.py`` writes ``dist/vidgen/`` and ``dist/vidgen_VERSION_ARCH.deb``.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from vidgen_gui import __version__

ROOT = Path(__file__).resolve().parent
DIST = ROOT / "dist"
BUNDLE = DIST / "vidgen"
INSTALL_DIR = "opt/vidgen"
DEPENDS = (
    "libc6 (>= 2.34), libegl1, libgl1, libxkbcommon0, libxkbcommon-x11-0, libdbus-1-3, "
    "libfontconfig1, libglib2.0-0 | libglib2.0-0t64, libxcb-cursor0, libxcb-icccm4, "
    "libxcb-image0, libxcb-keysyms1, libxcb-randr0, libxcb-render-util0, libxcb-shape0, "
    "libxcb-xinerama0, libpulse0"
)
CONTROL = """\
Package: vidgen
Version: {version}
Architecture: {architecture}
Maintainer: VidGen developers <vidgen@localhost.invalid>
Installed-Size: {size_kib}
Depends: {depends}
Section: video
Priority: optional
Description: turn a topic into a finished short video
 VidGen writes a script, speaks it, composes music, paints pictures, adds word-by-word
 captions and renders a vertical video, all on this machine.
"""


def build_bundle() -> Path:
    """Freeze the app into a folder; returns it."""
    shutil.rmtree(BUNDLE, ignore_errors=True)
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--distpath", str(DIST), "--workpath", str(ROOT / "build" / "pyinstaller")]
    subprocess.run([*command, str(ROOT / "packaging" / "vidgen.spec")], check=True, cwd=ROOT)
    return BUNDLE


def _architecture() -> str:
    found = subprocess.run(
        ["dpkg", "--print-architecture"], check=True, capture_output=True, text=True
    )
    return found.stdout.strip()


def _size_kib(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) // 1024


def _lay_out(tree: Path, bundle: Path) -> None:
    """Put everything where a Debian system expects it."""
    target = tree / INSTALL_DIR
    target.parent.mkdir(parents=True)
    shutil.copytree(bundle, target, symlinks=True)
    command = tree / "usr/bin/vidgen-gui"
    command.parent.mkdir(parents=True)
    command.symlink_to(f"/{INSTALL_DIR}/vidgen-gui")
    entry = tree / "usr/share/applications/vidgen.desktop"
    entry.parent.mkdir(parents=True)
    shutil.copy(ROOT / "packaging/linux/vidgen.desktop", entry)
    icons = tree / "usr/share/icons/hicolor"
    scalable = icons / "scalable/apps/vidgen.svg"
    scalable.parent.mkdir(parents=True)
    shutil.copy(ROOT / "resources/icons/vidgen.svg", scalable)
    licence = tree / "usr/share/doc/vidgen/copyright"
    licence.parent.mkdir(parents=True)
    shutil.copy(ROOT / "LICENSE", licence)


def build_deb(bundle: Path) -> Path:
    """Pack the bundle, its desktop entry and its icon; returns the package."""
    architecture = _architecture()
    package = DIST / f"vidgen_{__version__}_{architecture}.deb"
    with tempfile.TemporaryDirectory(dir=DIST, prefix="deb-") as folder:
        tree = Path(folder) / "tree"
        tree.mkdir()
        tree.chmod(0o755)
        _lay_out(tree, bundle)
        control = tree / "DEBIAN/control"
        control.parent.mkdir()
        control.write_text(
            CONTROL.format(
                version=__version__,
                architecture=architecture,
                size_kib=_size_kib(tree),
                depends=DEPENDS,
            )
        )
        command = ["dpkg-deb", "--root-owner-group", "-Zxz", "-z1", "--build", str(tree)]
        subprocess.run([*command, str(package)], check=True, stdout=subprocess.DEVNULL)
    return package


def main(arguments: Sequence[str] | None = None) -> int:
    """Build what this platform can; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-deb", action="store_true", help="only the folder")
    options = parser.parse_args(arguments)
    os.environ.setdefault("PYTHONHASHSEED", "0")
    bundle = build_bundle()
    print(bundle)
    if not options.no_deb and shutil.which("dpkg-deb"):
        print(build_deb(bundle))
    return 0


if __name__ == "__main__":
    sys.exit(main())
