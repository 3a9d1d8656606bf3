"""Machines that are set up in an odd way: folders, clocks, languages, rights and limits."""

from kit import App


def test_the_set_up_check_leaves_nothing_and_says_nothing_else(app: App) -> None:
    ended = app.start("doctor").wait().clean()
    assert (ended.code, ended.stderr) == (0, "")
    app.assert_nothing_left()
