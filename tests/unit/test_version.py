"""The app's version has one source."""

import importlib.metadata
import platform
import re
import tomllib
from pathlib import Path

import pytest
from packaging.version import Version

import vidgen_gui
from vidgen_gui.core.settings import Settings
from vidgen_gui.pipeline.doctor import examine
from vidgen_gui.system.paths import AppPaths

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


@pytest.mark.req("O5")
def test_every_python_that_is_promised_is_tried_and_the_code_is_written_for_the_oldest():
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    promised = set(re.findall(r"Python :: (3\.\d+)", "\n".join(project["project"]["classifiers"])))
    tried = re.search(r"for version in ([\d. ]+);", (PROJECT.parent / ".ci" / "run").read_text())
    assert tried
    assert promised == {"3.11", *tried[1].split()}
    assert project["tool"]["ruff"]["target-version"] == "py311"
    assert project["tool"]["mypy"]["python_version"] == "3.11"


@pytest.mark.req("O5")
def test_the_set_up_check_names_the_python_that_runs():
    check = next(iter(examine(AppPaths.find(), Settings())))
    assert (check.name, check.message.params["version"]) == ("python", platform.python_version())
