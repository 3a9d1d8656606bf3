"""What an artifact's folder says about itself, and how that is checked against what is there."""

import hashlib
import hmac
import json
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidgen_gui.system.files import fsync_dir, fsync_file

MANIFEST_NAME = "manifest.json"
MANIFEST_FORMAT = 1
MAX_MANIFEST_BYTES = 16 * 1024 * 1024
FULL_CHECK_LIMIT_BYTES = 64 * 1024 * 1024
"""Artifacts up to this size are read in full whenever they are opened."""


class UnsoundError(Exception):
    """An artifact's folder is not what its manifest says, or there is no manifest."""


@dataclass(frozen=True, slots=True)
class StoredArtifact:
    """A finished artifact. ``folder / name`` is a file of it; ``bytes`` counts its files."""

    key: str
    stage: str
    folder: Path
    value: Mapping[str, Any]
    rung: str
    content_sha256: str
    bytes: int

    def file(self, name: str) -> Path:
        return self.folder / name


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """The one spelling of a JSON value; TypeError or ValueError when it is none."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_as_dict
    )
    return text.encode("ascii")


def _as_dict(value: object) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"not a JSON value: {value!r}")


def intent_key(stage: str, version: int, intent: Mapping[str, Any]) -> str:
    """The artifact's address: 40 hex digits of BLAKE2b over what was asked for."""
    document = canonical_json({"stage": stage, "version": version, "intent": intent})
    return hashlib.blake2b(document, digest_size=20).hexdigest()


def write_manifest(
    folder: Path,
    *,
    key: str,
    stage: str,
    rung: str,
    value: Mapping[str, Any],
    files: Sequence[str],
    tag_key: bytes,
) -> None:
    """Describe and tag ``files`` in ``folder``, and sync all of it; OSError when it can't be."""
    value = json.loads(canonical_json(value))
    entries = {name: _describe(folder / name) for name in sorted(files)}
    content = hashlib.sha256(canonical_json({"value": value, "files": entries})).hexdigest()
    manifest = {
        "format": MANIFEST_FORMAT,
        "key": key,
        "stage": stage,
        "rung": rung,
        "value": value,
        "files": entries,
        "content_sha256": content,
    }
    manifest["tag"] = _tag(manifest, tag_key)
    path = folder / MANIFEST_NAME
    path.write_bytes(canonical_json(manifest))
    for name in files:
        fsync_file(folder / name)
    fsync_file(path)
    fsync_dir(folder)


def read_artifact(
    folder: Path, key: str, tag_key: bytes, *, full_check_limit_bytes: int
) -> StoredArtifact:
    """Open the artifact in ``folder`` and check manifest, tag, sizes and (up to a limit) bytes.

    Raises:
        FileNotFoundError: there is no such folder.
        UnsoundError: it is damaged, incomplete or not ours.
    """
    try:
        data = _manifest_bytes(folder)
        manifest = _parse_manifest(data, key, tag_key)
        total = 0
        for name, entry in manifest["files"].items():
            _check_size(folder / name, entry["bytes"])
            total += entry["bytes"]
        if total <= full_check_limit_bytes:
            for name, entry in manifest["files"].items():
                if _sha256(folder / name) != entry["sha256"]:
                    raise UnsoundError(f"{name} has other content than was written")
        return StoredArtifact(
            key=key,
            stage=manifest["stage"],
            folder=folder,
            value=manifest["value"],
            rung=manifest["rung"],
            content_sha256=manifest["content_sha256"],
            bytes=total,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, FileNotFoundError) and not folder.exists():
            raise
        raise UnsoundError(f"{type(error).__name__}: {error}") from error


def _manifest_bytes(folder: Path) -> bytes:
    with (folder / MANIFEST_NAME).open("rb") as file:
        data = file.read(MAX_MANIFEST_BYTES + 1)
    if len(data) > MAX_MANIFEST_BYTES:
        raise UnsoundError("the manifest is too large")
    return data


def _parse_manifest(data: bytes, key: str, tag_key: bytes) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(data)
    tag = manifest.pop("tag")
    if not hmac.compare_digest(tag, _tag(manifest, tag_key)):
        raise UnsoundError("the tag is not ours")
    if manifest["key"] != key or manifest["format"] != MANIFEST_FORMAT:
        raise UnsoundError("the manifest is another artifact's")
    return manifest


def _check_size(path: Path, size: int) -> None:
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode) or found.st_size != size:
        raise UnsoundError(f"{path.name} has {found.st_size} bytes instead of {size}")


def _tag(manifest: Mapping[str, Any], tag_key: bytes) -> str:
    return hmac.new(tag_key, canonical_json(manifest), hashlib.sha256).hexdigest()


def _describe(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": _sha256(path)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
