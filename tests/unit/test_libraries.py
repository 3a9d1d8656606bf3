from pathlib import Path

import pytest

from vidgen_gui.system.libraries import missing_library_advice
from vidgen_gui.system.resources import resource

ABSENT = "libEGL.so.1: cannot open shared object file: No such file or directory"


def test_names_the_library_and_the_packages_that_are_missing(tmp_path: Path) -> None:
    table = tmp_path / "table.txt"
    table.write_text("# note\nlibnowhere.so.7 libnowhere7\nlibc.so.6 libc6\nlibgone.so.1 gone1\n")
    advice = missing_library_advice(ImportError(ABSENT), table)
    assert advice is not None
    assert "libEGL.so.1" in advice
    assert advice.endswith("apt-get install gone1 libnowhere7")
    assert "\n" not in advice


@pytest.mark.parametrize("words", ["No module named 'cv2'", "undefined symbol: _ZN", ""])
def test_other_failures_are_not_explained(words: str) -> None:
    assert missing_library_advice(ImportError(words)) is None


def test_shipped_table_has_pairs() -> None:
    lines = resource("system_libraries.txt").read_text("utf-8").splitlines()
    pairs = [line.split() for line in lines if not line.startswith("#")]
    assert {len(pair) for pair in pairs} == {2}
    assert all(library.startswith("lib") and ".so." in library for library, _ in pairs)
