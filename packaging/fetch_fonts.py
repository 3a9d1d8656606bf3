# /// script
# requires-python = ">=3.11"
# dependencies = ["fonttools==4.68.0"]
# ///
"""Makes resources/fonts from Debian 12's Noto packages: fetch, subset, list what is covered.

Run on Debian or Ubuntu (`apt-get download` and `dpkg-deb` are used), with fonttools installed:
``python packaging/fetch_fonts.py [FOLDER WITH THE .deb FILES]``. The same packages give the
same bytes. The app never runs this; it reads the fonts and `coverage.json` that it wrote.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fontTools.subset import Options, Subsetter, load_font, save_font
from fontTools.ttLib import TTFont

TARGET = Path(__file__).resolve().parent.parent / "resources" / "fonts"

PACKAGES = {
    "fonts-noto-core=20201225-1": (
        "58f4f0bb6720f919f92096b3508e1412a0f1544424ade6c5b5bf1eb694dd64ba"
    ),
    "fonts-noto-extra=20201225-1": (
        "a44b0c7b9e3c72caf4237ab46846652d6d6eea296abfe675f6f604b6562ffd40"
    ),
    "fonts-noto-cjk=1:20220127+repack1-1": (
        "4a2515eb6db3978b897fef9709ed0d2b1f4c6c4df4d83d6c4ef65f71f1b1f502"
    ),
    "fonts-noto-color-emoji=2.042-0+deb12u1": (
        "a5ab0f69c7938423862320d9aca5dd187b3fd879d6a9a57dd52e17c3fa8d2751"
    ),
}

# What the window and the captions need of Latin, Greek and Cyrillic.
LATIN_WEIGHTS = ("Regular", "Medium", "SemiBold", "Bold", "ExtraBold")

# One bold face for each of the other scripts, in the order in which they are tried.
SCRIPTS = (
    *("Arabic", "Hebrew", "Devanagari", "Thai", "Bengali", "Tamil", "Telugu", "Gujarati"),
    *("Gurmukhi", "Kannada", "Malayalam", "Oriya", "Sinhala", "Georgian", "Armenian"),
    *("Ethiopic", "Khmer", "Lao", "Myanmar", "Thaana", "Cherokee"),
)

# Shapes of ideographs differ by country; each face carries what its country's text uses.
# Index in the collection, and the characters.
CJK = {"SC": 2, "TC": 3, "JP": 0, "KR": 1}
CJK_COMMON = [(0x2E80, 0x2FDF), (0x3000, 0x303F), (0x3200, 0x33FF), (0xFF00, 0xFFEF)]
KANA = [(0x3040, 0x30FF), (0x31F0, 0x31FF)]
BOPOMOFO = [(0x3100, 0x312F), (0x31A0, 0x31BF)]
HANGUL = [(0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97F), (0xAC00, 0xD7FF)]
IDEOGRAPHS = [(0x3007, 0x3007), (0x4E00, 0x9FFF), (0xF900, 0xFAFF)]

# Vertical writing and other countries' shapes are not drawn; leaving them out halves the files.
CJK_FEATURES = ["ccmp", "kern", "liga", "ljmo", "mark", "mkmk", "tjmo", "vjmo"]

MATH = [(0x2010, 0x2027), (0x2030, 0x205E), (0x2070, 0x209F), (0x2100, 0x23FF), (0x2A00, 0x2BFF)]


@dataclass(frozen=True)
class Face:
    """One file to be made: where it comes from and what is kept of it."""

    source: str
    name: str
    index: int = -1
    keep: frozenset[int] | None = None
    features: tuple[str, ...] = ("*",)


def spread(ranges: Iterable[tuple[int, int]]) -> set[int]:
    return {code for first, last in ranges for code in range(first, last + 1)}


def encodable(codec: str, first_rows: int | None = None) -> set[int]:
    """Ideographs of a national standard; ``first_rows`` bounds the lead byte (Big5 level 1)."""
    found = set()
    for code in spread(IDEOGRAPHS):
        try:
            encoded = chr(code).encode(codec)
        except UnicodeEncodeError:
            continue
        if first_rows is None or encoded[0] <= first_rows:
            found.add(code)
    return found


def faces() -> list[Face]:
    found = [Face(f"NotoSans-{w}.ttf", f"NotoSans-{w}.ttf") for w in LATIN_WEIGHTS]
    found += [Face(f"NotoSans{s}-Bold.ttf", f"NotoSans{s}-Bold.ttf") for s in SCRIPTS]
    found.append(Face("NotoSerifTibetan-Bold.ttf", "NotoSerifTibetan-Bold.ttf"))
    cjk = {
        "SC": spread([*CJK_COMMON, *KANA, *BOPOMOFO, *IDEOGRAPHS]),
        "TC": spread([*CJK_COMMON, *BOPOMOFO]) | encodable("big5", 0xC6),
        "JP": spread([*CJK_COMMON, *KANA]) | encodable("shift_jis"),
        "KR": spread([*CJK_COMMON, *HANGUL]),
    }
    for region, index in CJK.items():
        keep, features = frozenset(cjk[region]), tuple(CJK_FEATURES)
        name = f"NotoSansCJK{region}-Bold.otf"
        found.append(Face("NotoSansCJK-Bold.ttc", name, index, keep, features))
    found.append(Face("NotoSansSymbols-Bold.ttf", "NotoSansSymbols-Bold.ttf"))
    found.append(Face("NotoSansSymbols2-Regular.ttf", "NotoSansSymbols2-Regular.ttf"))
    math = frozenset(spread(MATH))
    found.append(Face("NotoSansMath-Regular.ttf", "NotoSansMath-Regular.ttf", keep=math))
    return found


def unpack(folder: Path, scratch: Path) -> dict[str, Path]:
    """Download what is missing, check the hashes, unpack; returns font name → file."""
    folder.mkdir(parents=True, exist_ok=True)
    for package, sha256 in PACKAGES.items():
        pattern = f"{package.split('=')[0]}_*.deb"
        if not list(folder.glob(pattern)):
            subprocess.run(["apt-get", "download", package], cwd=folder, check=True)
        (archive,) = folder.glob(pattern)
        if hashlib.sha256(archive.read_bytes()).hexdigest() != sha256:
            sys.exit(f"{archive} is not the package that this was written for")
        subprocess.run(["dpkg-deb", "-x", str(archive), str(scratch)], check=True)
    return {path.name: path for path in scratch.rglob("Noto*.[ot]t[fc]")}


def make(face: Face, source: Path, target: Path) -> None:
    options = Options()
    options.hinting = False
    options.layout_features = list(face.features)
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.recalc_timestamp = False
    options.font_number = face.index
    options.drop_tables += ["vhea", "vmtx", "VORG"]
    font = load_font(str(source), options)
    cut = Subsetter(options)
    codes = set(font.getBestCmap())
    cut.populate(unicodes=codes if face.keep is None else codes & face.keep)
    cut.subset(font)
    save_font(font, str(target), options)


def describe(path: Path) -> dict[str, object]:
    """A face's entry in coverage.json: names as Qt sees them, covered code points as ranges."""
    with TTFont(path) as font:
        names = font["name"]
        family = names.getDebugName(16) or names.getDebugName(1)
        weight = font["OS/2"].usWeightClass
        ranges: list[list[int]] = []
        for code in sorted(font.getBestCmap()):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return {"file": path.name, "family": family, "weight": weight, "ranges": ranges}


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    entries = []
    with tempfile.TemporaryDirectory() as scratch_name:
        scratch = Path(scratch_name)
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else scratch / "packages"
        found = unpack(folder, scratch / "unpacked")
        for face in faces():
            make(face, found[face.source], TARGET / face.name)
            entries.append(describe(TARGET / face.name))
            print(face.name, (TARGET / face.name).stat().st_size)
        emoji = TARGET / "NotoColorEmoji.ttf"
        emoji.write_bytes(found[emoji.name].read_bytes())
        entries.append(describe(emoji))
        for package in PACKAGES:
            name = package.split("=", 1)[0]
            copyright_file = scratch / "unpacked" / "usr" / "share" / "doc" / name / "copyright"
            (TARGET / f"LICENSE-{name}.txt").write_bytes(copyright_file.read_bytes())
    lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries)
    (TARGET / "coverage.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    print(sum(path.stat().st_size for path in TARGET.iterdir()) / 2**20, "MiB in all")


if __name__ == "__main__":
    main()
