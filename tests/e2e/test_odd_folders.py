"""Folders with any letters and signs: nothing in a path is taken for syntax or mangled."""

from pathlib import Path

import pytest
from kit import App, sidecar

ODD = "Vidéos ✨ [a],b;c'd=%41:文件 {\\an8} مجلد"


@pytest.mark.req("S2", "S4", "S5", "J2")
def test_every_folder_may_be_called_anything(tmp_path: Path, voice: Path) -> None:
    app = App(tmp_path / ODD, voice)
    try:
        ended = app.make_short("--caption-style", "boxed")
        assert ended.failures == []
        (video,) = ended.videos
        assert video.parent == app.out
        assert ODD in str(app.out)
        assert sidecar(video)["title"] == "The sea at dawn"
        app.assert_nothing_left()
    finally:
        app.end()


@pytest.mark.req("J4")
def test_a_folder_far_down_is_written_to(app: App) -> None:
    deep = app.out
    while len(str(deep)) < 1500:
        deep /= "a quite long name of a folder " * 4
    ended = app.make_short("--captions-only", "--no-music", "--out", str(deep))
    assert ended.failures == []
    (video,) = ended.videos
    assert video.is_file()
    assert len(str(video)) > 1500
