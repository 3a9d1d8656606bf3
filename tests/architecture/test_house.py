"""The house rules that no linter holds."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "vidgen_gui"
CAPTION_PAINTER = {PACKAGE / f"media/captions/{name}.py" for name in ("painter", "shaping")}
SOURCES = sorted(PACKAGE.rglob("*.py"))
MAX_FILE_LINES = 420
MAX_FUNCTION_LINES = 55


def _modules_after(code: str) -> set[str]:
    probe = f"{code}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(done.stdout.split())


@pytest.mark.req("LBL-5", "LBL-7")
def test_the_command_line_loads_no_widgets() -> None:
    loaded = _modules_after("import vidgen_gui.cli")
    assert "vidgen_gui.pipeline.engine" in loaded
    assert "PySide6.QtWidgets" not in loaded
    assert "qasync" not in loaded


@pytest.mark.req("N7")
def test_what_is_heavy_is_not_imported_before_it_is_needed() -> None:
    loaded = _modules_after("import vidgen_gui.app")
    heavy = {"cv2", "onnxruntime", "onnx", "piper", "pyqtgraph", "PySide6.QtMultimedia", "PIL"}
    heavy |= {"numpy", "fasttext", "pysubs2", "requests"}
    assert not heavy & loaded


@pytest.mark.parametrize(
    "floor", ["core", "system", "net", "gpu", "store", "services", "media", "assets", "pipeline"]
)
def test_no_qt_is_loaded_below_the_controller(floor: str) -> None:
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted((PACKAGE / floor).rglob("*.py"))
        if path.name != "__init__.py" and path not in CAPTION_PAINTER
    ]
    if not modules:
        pytest.skip(f"nothing on {floor} yet")
    loaded = _modules_after("\n".join(f"import {module}" for module in modules))
    assert not {name for name in loaded if name.split(".")[0] in {"PySide6", "qasync"}}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_and_functions_stay_readable(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= MAX_FILE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= MAX_FUNCTION_LINES, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_says_what_lives_in_it(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if tree.body:
        assert ast.get_docstring(tree)


def test_text_files_are_utf8_with_unix_line_ends() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], capture_output=True, check=False, cwd=ROOT
    ).stdout.split(b"\0")
    texts = {".py", ".md", ".toml", ".sh", ".json", ".svg", ".qss", ".sql", ".yml", ".desktop"}
    for name in filter(None, tracked):
        path = ROOT / name.decode()
        if path.suffix in texts and path.is_file():
            assert b"\r" not in path.read_bytes(), path


REQUIREMENT_ROW = re.compile(r"^\| ([A-Z]+(?:-[A-Z0-9]+)?\d*) \|", re.MULTILINE)


def test_requirements_and_tests_name_the_same_ids() -> None:
    listed = REQUIREMENT_ROW.findall((ROOT / "docs/requirements.md").read_text(encoding="utf-8"))
    assert len(listed) == len(set(listed)), "an id is listed twice"
    proven: set[str] = set()
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "req"
            ):
                ids = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                assert len(ids) <= 4, f"{path}: {ids}"
                proven.update(str(one) for one in ids)
    assert proven == set(listed)
