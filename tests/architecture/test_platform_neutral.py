"""What would work on one platform only: system paths, shells, the system's text encoding."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "vidgen_gui").rglob("*.py"))
SYSTEM_PATH = re.compile(
    r"/(usr|bin|sbin|lib|opt|etc|var|tmp|home|root|mnt|Library|System|Applications|Users)\b"
    r"|[A-Za-z]:[\\/]|~/"
)
# It looks for a tool where each platform's driver puts it, besides PATH.
KNOWS_PLACES = {ROOT / "vidgen_gui/gpu/smi.py"}
TEXT_CALLS = {"open", "read_text", "write_text", "fdopen", "NamedTemporaryFile"}
SHELL_CALLS = {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"}


def _without_docstrings(tree: ast.Module) -> Iterator[ast.AST]:
    """All nodes but the strings that stand as statements: docstrings and notes on constants."""
    notes = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return (node for node in ast.walk(tree) if id(node) not in notes)


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def _is_binary(node: ast.Call) -> bool:
    modes = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
    modes += [kw.value.value for kw in node.keywords if isinstance(kw.value, ast.Constant)]
    return any(isinstance(mode, str) and re.fullmatch(r"[rwax+]*b[rwax+]*", mode) for mode in modes)


def _opens_a_file(node: ast.Call) -> bool:
    """Not every ``open`` is a file's: a player opens a video, a URL is opened."""
    text_call = _called(node) in TEXT_CALLS
    if not text_call or _called(node) in {"read_text", "write_text"}:
        return text_call
    modes = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
    return any(isinstance(mode, str) and re.fullmatch(r"[rwaxbt+]+", mode) for mode in modes)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
@pytest.mark.req("S2", "S3", "S7", "J1")
def test_nothing_belongs_to_one_platform(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in _without_docstrings(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            named_place = SYSTEM_PATH.match(node.value) and path not in KNOWS_PLACES
            assert not named_place, f"line {node.lineno}: a system path"
        if not isinstance(node, ast.Call):
            continue
        assert ast.unparse(node.func) not in SHELL_CALLS, f"line {node.lineno}: a shell"
        assert not any(kw.arg == "shell" for kw in node.keywords), f"line {node.lineno}: a shell"
        if _opens_a_file(node) and not _is_binary(node):
            named = {kw.arg for kw in node.keywords} | (
                {"encoding"} if _called(node) == "read_text" and node.args else set()
            )
            assert "encoding" in named, f"line {node.lineno}: text in the system's encoding"
