"""Builds what people install: a folder that runs without Python and, on Debian, a package.

``python build_installer.py`` writes ``dist/vidgen/`` and ``dist/vidgen_VERSION_ARCH.deb``. The
package fits the release of Debian or Ubuntu it was built on, and later ones.
"""

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from vidgen_gui import __version__

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "packaging"))

from contents import needed_names  # noqa: E402 - found through the line above

INSTALL_DIR = "usr/lib/vidgen"
COMMAND = "vidgen-gui"
ICON = ROOT / "resources/icons/vidgen.svg"
ICON_SIZES_PX = (16, 24, 32, 48, 64, 128, 256, 512)
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
_CACHED = re.compile(r"^\s+\S+ \(.*\) => (\S+)$", re.MULTILINE)


def build_bundle(dist: Path) -> Path:
    """Freeze the app into ``dist/vidgen``; returns that folder."""
    bundle = dist / "vidgen"
    shutil.rmtree(bundle, ignore_errors=True)
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--distpath", str(dist), "--workpath", str(ROOT / "build/pyinstaller")]
    subprocess.run([*command, str(ROOT / "packaging/vidgen.spec")], check=True, cwd=ROOT)
    if sys.platform.startswith("linux"):
        _strip_python(bundle)
    return bundle


def _strip_python(bundle: Path) -> None:
    """Drop Python's debug information; what comes from wheels is stripped already."""
    files = [*bundle.glob("_internal/libpython*.so*"), *bundle.glob("_internal/python3*/**/*.so")]
    subprocess.run(["strip", "--strip-unneeded", *files], check=True)


def build_deb(bundle: Path, dist: Path, level: int) -> Path:
    """Pack the bundle, its desktop entry and its icon; returns the package.

    ``level`` is Zstandard's: 3 packs 700 MB in seconds, 19 in minutes and a tenth smaller.
    """
    architecture = _output("dpkg", "--print-architecture").strip()
    package = dist / f"vidgen_{__version__}_{architecture}.deb"
    with tempfile.TemporaryDirectory(dir=dist, prefix="deb-") as folder:
        tree = Path(folder) / "tree"
        tree.mkdir()
        _lay_out(tree, bundle)
        control = tree / "DEBIAN/control"
        control.parent.mkdir()
        control.write_text(
            CONTROL.format(
                version=__version__,
                architecture=architecture,
                size_kib=sum(path.lstat().st_size for path in tree.rglob("*")) // 1024,
                depends=", ".join(dependencies(bundle)),
            )
        )
        _open_to_all(tree)
        command = ["dpkg-deb", "--root-owner-group", "-Zzstd", f"-z{level}", "--build"]
        _output(*command, str(tree), str(package))
    return package


def _lay_out(tree: Path, bundle: Path) -> None:
    """Put everything where a Debian system expects it."""
    shutil.copytree(bundle, tree / INSTALL_DIR, symlinks=True, copy_function=_link_or_copy)
    command = tree / "usr/bin" / COMMAND
    command.parent.mkdir(parents=True)
    command.symlink_to(Path("..") / Path(INSTALL_DIR).relative_to("usr") / COMMAND)
    _copy(ROOT / "packaging/linux/vidgen.desktop", tree / "usr/share/applications")
    _copy(ROOT / "packaging/linux/copyright", tree / "usr/share/doc/vidgen")
    _copy(ROOT / "LICENSE", tree / "usr/share/doc/vidgen")
    icons = tree / "usr/share/icons/hicolor"
    _copy(ICON, icons / "scalable/apps")
    for size_px in ICON_SIZES_PX:
        draw_icon(icons / f"{size_px}x{size_px}/apps/vidgen.png", size_px)


def _link_or_copy(source: str, target: str) -> None:
    """Half a gigabyte need not be written twice where the file system can link."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _open_to_all(tree: Path) -> None:
    """Everybody may read what root installs, whatever this build's umask was."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(0o755 if path.is_dir() or mode & 0o100 else 0o644)


def _copy(source: Path, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(source, folder))


def draw_icon(target: Path, size_px: int) -> None:
    """Render the icon to a square PNG."""
    image = QImage(size_px, size_px, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(ICON)).render(painter)
    painter.end()
    target.parent.mkdir(parents=True)
    if not image.save(str(target)):
        raise OSError(f"{target} could not be written")


def dependencies(bundle: Path) -> list[str]:
    """The packages that hold the libraries which the bundle needs and doesn't bring.

    Raises:
        LookupError: this machine lacks one of them, so that its package cannot be named.
    """
    brought = {path.name for path in bundle.rglob("*.so*")}
    folders = {Path(path).parent for path in _CACHED.findall(_output("/sbin/ldconfig", "-p"))}
    packages = {_package_of(name, folders) for name in needed_libraries(bundle) - brought}
    glibc = platform.libc_ver()[1]
    return [f"libc6 (>= {glibc})" if name == "libc6" else name for name in sorted(packages)]


def needed_libraries(bundle: Path) -> set[str]:
    """The names that the bundle's programs and libraries ask the dynamic linker for."""
    return {name for path in _programs(bundle) for name in needed_names(path)}


def _programs(bundle: Path) -> Iterator[Path]:
    for path in bundle.rglob("*"):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def _package_of(name: str, folders: Iterable[Path]) -> str:
    for library in (folder / name for folder in folders):
        # A merged /usr makes /lib a link, and dpkg knows a file by the one path it was packed with.
        real = os.path.realpath(library)
        for path in (str(library), real, real.removeprefix("/usr"), f"/usr{library}"):
            found = subprocess.run(
                ["dpkg", "-S", path], capture_output=True, text=True, check=False
            )
            if found.returncode == 0:
                return found.stdout.partition(":")[0]
    raise LookupError(f"{name} is missing here: packaging/system_libraries.sh installs it")


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main(arguments: Sequence[str] | None = None) -> int:
    """Build what this platform can; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", help="where to write")
    parser.add_argument("--no-deb", action="store_true", help="only the folder")
    parser.add_argument("--level", type=int, default=3, help="how hard to pack (default: 3)")
    options = parser.parse_args(arguments)
    dist = options.dist.resolve()
    dist.mkdir(parents=True, exist_ok=True)
    bundle = build_bundle(dist)
    print(bundle)
    if not options.no_deb and shutil.which("dpkg-deb"):
        print(build_deb(bundle, dist, options.level))
    return 0


if __name__ == "__main__":
    sys.exit(main())
