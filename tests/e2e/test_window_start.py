"""What the window says when it cannot start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vidgen_gui.system.spawn import self_command

PROGRAM = """
import sys
from vidgen_gui import app
app.QMessageBox.critical = lambda _parent, title, text: print(title, text, sep=": ")
sys.exit(app.main())
"""


def test_a_folder_that_leads_nowhere_is_one_sentence(tmp_path: Path) -> None:
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "VIDGEN_HOME": str(tmp_path),
        "VIDEO_DIR": "~nobody-of-this-name/videos",
    }
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stdout.startswith("VidGen: ")
    assert "~nobody-of-this-name/videos" in ended.stdout
    assert len(ended.stdout.splitlines()) == 1
    assert "Traceback" not in ended.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
@pytest.mark.parametrize("display", ["", ":987"])
def test_without_a_display_it_is_one_sentence(tmp_path: Path, display: str) -> None:
    environment = os.environ | {"DISPLAY": display, "VIDGEN_HOME": str(tmp_path)}
    for variable in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY"):
        environment.pop(variable, None)
    ended = subprocess.run(
        self_command(), env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("There is no display here")
    assert len(ended.stderr.splitlines()) == 1
    assert "vidgen-gui make --topic" in ended.stderr
    assert list(tmp_path.iterdir()) == []
