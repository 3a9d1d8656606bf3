"""Machines that are set up in an odd way: folders, clocks, languages, rights and limits."""

import os

import pytest
from kit import App, wait_until

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.system.paths import AppPaths


def test_the_set_up_check_leaves_nothing_and_says_nothing_else(app: App) -> None:
    ended = app.start("doctor").wait().clean()
    assert (ended.code, ended.stderr) == (0, "")
    app.assert_nothing_left()


@pytest.mark.skipif(os.name == "nt", reason="names are always text there")
@pytest.mark.parametrize("given_by", ["--out", "VIDEO_DIR", "VIDGEN_HOME"])
def test_a_folder_named_before_utf8_is_refused_in_words(app: App, given_by: str) -> None:
    folder = os.fsdecode(os.fsencode(app.folder) + b"/Filme \xfcber Bienen")
    if given_by == "--out":
        ended = app.make("--topic", "sea", "--out", folder)
    else:
        ended = app.make("--topic", "sea", env={given_by: folder})
    assert (ended.code, ended.failures) == (2, ["folder-unknown"])
    app.assert_nothing_left()


@pytest.mark.skipif(os.name == "nt", reason="Windows knows its people")
def test_a_user_without_a_home_is_told_to_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(uid: int) -> None:
        raise KeyError(uid)

    # A container can run as a user that stands in no list.
    monkeypatch.setattr("pwd.getpwuid", nobody)
    for variable in [name for name in os.environ if name.startswith(("HOME", "XDG_"))]:
        monkeypatch.delenv(variable)
    with pytest.raises(InputError) as caught:
        AppPaths.find({})
    assert caught.value.message.id is MessageId.NO_HOME


@pytest.mark.slow
def test_a_cache_that_is_emptied_meanwhile_is_told_as_that(app: App) -> None:
    run = app.start_short("--captions-only", "--no-music")
    wait_until(lambda: "image 0 begins" in app.log)
    # Renamed, as nothing can come in between.
    (app.home / "cache").rename(app.folder / "tidied")
    ended = run.wait().clean()
    assert (ended.code, ended.failures) == (1, ["artifact-damaged"])
    app.assert_nothing_left()
    assert app.make_short("--captions-only", "--no-music").failures == []
