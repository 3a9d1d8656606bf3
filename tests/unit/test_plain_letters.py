"""A language in which "I" is no upper case "i" doesn't change what C libraries read."""

import ctypes
import locale
import shutil
import string
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from vidgen_gui.core.minima import FileKind
from vidgen_gui.media.probe import probe
from vidgen_gui.system.plain_letters import plain_letters

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("localedef") is None,
    reason="making a language takes localedef",
)


@pytest.fixture
def no_small_i(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process in a language like Turkish, where the lower case of "I" isn't "i"."""
    pairs = ";".join(f"(<{c.upper()}>,<{c}>)" for c in string.ascii_lowercase if c != "i")
    source = tmp_path / "source"
    source.write_text(f"LC_CTYPE\ntolower {pairs}\nEND LC_CTYPE\n")
    # It warns of all that this language lacks besides.
    command = ["localedef", "-c", "-i", str(source), str(tmp_path / "dotless")]
    subprocess.run(command, capture_output=True, check=False)
    monkeypatch.setenv("LOCPATH", str(tmp_path))
    before = locale.setlocale(locale.LC_CTYPE)
    locale.setlocale(locale.LC_CTYPE, "dotless")
    yield
    locale.setlocale(locale.LC_CTYPE, before)


def small(letter: str) -> str:
    return chr(ctypes.CDLL(None).towlower(ord(letter)))


@pytest.mark.usefixtures("no_small_i")
def test_letters_are_plain_inside_and_the_languages_outside() -> None:
    assert small("I") == "I"
    with plain_letters():
        assert small("I") == "i"
        with plain_letters():
            assert small("I") == "i"
        assert small("I") == "i"
    assert small("I") == "I"


@pytest.mark.usefixtures("no_small_i")
def test_a_file_is_probed_in_a_language_without_a_small_i(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 22_050, 0, "NONE", ""))
        file.writeframes(bytes(2 * 22_050))
    [sound] = probe(path, FileKind.SOUND).audios
    assert (sound.codec, sound.sample_rate_hz, sound.duration_s) == ("pcm", 22_050, 1.0)
