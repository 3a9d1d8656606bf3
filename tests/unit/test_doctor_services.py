"""The set-up check's lines about the language model and ComfyUI: what is true of each state."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.service import ServiceName, ServiceState, ServiceView
from vidgen_gui.core.settings import Settings
from vidgen_gui.pipeline.doctor import Check, CheckState, examine
from vidgen_gui.system.paths import AppPaths
from vidgen_gui.ui.words import sentence

WRITER = ServiceView(ServiceName.SCRIPT_WRITER)
MAKER = ServiceView(ServiceName.IMAGE_MAKER)
STARTABLE = replace(
    MAKER, state=ServiceState.STOPPED, can_start=True, command=("python", "/my apps/main.py")
)


def _examine(tmp_path: Path, views: Iterable[ServiceView], **settings: object) -> dict[str, Check]:
    paths = AppPaths.find({"VIDGEN_HOME": str(tmp_path)})
    found = examine(paths, Settings.model_validate(settings), views)
    return {check.name: check for check in found}


@pytest.mark.parametrize(
    ("view", "settings", "expected", "words"),
    [
        (
            replace(MAKER, state=ServiceState.NOT_FOUND),
            {},
            MessageId.CHECK_SERVICE_STANDS_IN,
            "says how to set it up",
        ),
        (STARTABLE, {}, MessageId.CHECK_SERVICE_STARTS, "python '/my apps/main.py'"),
        (
            STARTABLE,
            {"image_maker": {"autostart": False}},
            MessageId.CHECK_SERVICE_RESTS,
            "only when you say so",
        ),
        (
            STARTABLE,
            {"image_maker": {"enabled": False}},
            MessageId.CHECK_SERVICE_OFF,
            "turned off in Settings",
        ),
    ],
)
def test_what_nobody_needs_is_no_warning_and_is_told_as_it_is(
    tmp_path: Path,
    view: ServiceView,
    settings: dict[str, object],
    expected: MessageId,
    words: str,
) -> None:
    check = _examine(tmp_path, [view], **settings)["image-maker"]
    assert (check.state, check.message.id) == (CheckState.GOOD, expected)
    assert words in sentence(check.message)


def test_one_that_works_is_named_and_one_that_fails_says_why(tmp_path: Path) -> None:
    url = "http://127.0.0.1:8080"
    works = replace(WRITER, state=ServiceState.READY, url=url, model="gemma-3")
    why = Message(MessageId.COMFYUI_FOLDER_WRONG, {"path": "/nowhere"})
    fails = replace(MAKER, state=ServiceState.UNHEALTHY, detail=why)
    checks = _examine(tmp_path, [works, fails])
    assert checks["script-writer"].state is CheckState.GOOD
    assert "gemma-3" in sentence(checks["script-writer"].message)
    assert checks["image-maker"] == Check("image-maker", CheckState.WARNING, why)
