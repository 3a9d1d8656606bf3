"""What the end-to-end tests share: the app in private folders, its voice made once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kit import App, warm_voice


@pytest.fixture(scope="session")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return warm_voice(tmp_path_factory.mktemp("voice"))


@pytest.fixture
def app(tmp_path: Path, voice: Path) -> Iterator[App]:
    """The app with its voice ready, as after its first video."""
    made = App(tmp_path / "app", voice)
    yield made
    made.end()


@pytest.fixture
def fresh_app(tmp_path: Path) -> Iterator[App]:
    """The app as it was just installed."""
    made = App(tmp_path / "app")
    yield made
    made.end()
