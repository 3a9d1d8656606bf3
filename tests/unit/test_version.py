"""The app's version has one source."""

import importlib.metadata
import tomllib
from pathlib import Path

import pytest
from packaging.version import Version

import vidgen_gui

PROJECT = Path(vidgen_gui.__file__).parents[1] / "pyproject.toml"


@pytest.mark.req("LBL-9")
def test_the_version_is_written_once_and_can_be_compared():
    assert str(Version(vidgen_gui.__version__)) == vidgen_gui.__version__
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    assert "version" not in project["project"]
    assert project["tool"]["hatch"]["version"]["path"] == "vidgen_gui/__init__.py"
    assert importlib.metadata.version("vidgen") == vidgen_gui.__version__


@pytest.mark.req("ERR-0")
def test_every_python_from_3_11_on_is_taken():
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11"
    named = [name.rsplit(" ", 1)[-1] for name in project["classifiers"] if "Python :: 3." in name]
    assert named[:3] == ["3.11", "3.12", "3.13"]
