"""Putting a finished video into the person's folder: complete, under a name of its own.

``FOLDER/2025-03-01 quiet-morning.mp4`` is the video; its sidecar, thumbnail and subtitles lie in
the hidden ``FOLDER/.vidgen``. A name that is taken gets a number; no video is ever overwritten.
"""

import contextlib
import errno
import itertools
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from vidgen_gui.core.errors import StorageError
from vidgen_gui.core.job import Job
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.text import slug
from vidgen_gui.pipeline.stage import StoredInput
from vidgen_gui.system.files import atomic_write_text, fsync_dir, fsync_file, storage_error
from vidgen_gui.system.lock import FileLock
from vidgen_gui.system.paths import AppPaths

VIDEO_NAME = "video.mp4"
THUMBNAIL_NAME = "thumbnail.jpg"
SUBTITLES_NAME = "captions.srt"
HIDDEN_FOLDER = ".vidgen"
_LOCK_WAIT_S = 30.0
_COPY_BYTES = 1024 * 1024
_STALE_PART_S = 24 * 3600.0
_NO_HARD_LINKS = frozenset(
    {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES}
)
_FILE_ATTRIBUTE_HIDDEN = 2


def sidecar_path(video: Path) -> Path:
    """Where the sidecar of a delivered video lies."""
    return video.parent / HIDDEN_FOLDER / f"{video.stem}.json"


def thumbnail_path(video: Path) -> Path:
    """Where the thumbnail of a delivered video lies."""
    return video.parent / HIDDEN_FOLDER / f"{video.stem}.jpg"


def subtitles_path(video: Path) -> Path:
    """Where the subtitles of a delivered video lie, if it has captions."""
    return video.parent / HIDDEN_FOLDER / f"{video.stem}.srt"


def deliver(
    job: Job,
    title: str,
    render: StoredInput,
    sidecar: Mapping[str, Any],
    *,
    today: date | None = None,
) -> Path:
    """Copy a render into the job's output folder; returns the video's path.

    A job that was delivered before, but stopped before that was recorded, is not delivered
    twice: its sidecar names the job and the render.

    Raises:
        StorageError: OUTPUT_VANISHED, OUTPUT_UNWRITABLE or DISK_FULL, or ARTIFACT_DAMAGED when
            the render itself is gone; nothing is left behind.
    """
    folder = job.spec.output_dir
    base = f"{(today or date.today()).isoformat()} {slug(title)}"  # noqa: DTZ011 - the person's day
    content = {**sidecar, "job_id": job.id, "render_key": render.key}
    with _output_errors(folder):
        hidden = _hidden_folder(folder)
        _drop_stale_parts(hidden)
        delivered = _delivered_before(folder, slug(title), content)
        if delivered is not None:
            return delivered
        part = hidden / f".{job.id}.part"
        try:
            _copy(render.file(VIDEO_NAME), part)
            lock = FileLock(AppPaths.find().data / "delivery.lock")
            with lock.held(_LOCK_WAIT_S):
                return _place(part, folder, base, render, content)
        finally:
            part.unlink(missing_ok=True)


def _place(
    part: Path, folder: Path, base: str, render: StoredInput, content: Mapping[str, Any]
) -> Path:
    """Give the finished copy the first free name, its companions first."""
    for number in itertools.count(1):
        video = folder / (f"{base}.mp4" if number == 1 else f"{base} {number}.mp4")
        if os.path.lexists(video):
            continue
        try:
            _write_companions(video, render, content)
            _rename_into_free(part, video)
        except BaseException as error:
            for companion in (sidecar_path(video), thumbnail_path(video), subtitles_path(video)):
                companion.unlink(missing_ok=True)
            if isinstance(error, FileExistsError):
                continue
            raise
        fsync_dir(folder)
        return video
    raise AssertionError("numbers don't end")


def _write_companions(video: Path, render: StoredInput, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1)
    atomic_write_text(sidecar_path(video), text + "\n")
    _copy(render.file(THUMBNAIL_NAME), thumbnail_path(video))
    if render.file(SUBTITLES_NAME).is_file():
        _copy(render.file(SUBTITLES_NAME), subtitles_path(video))


def _rename_into_free(part: Path, video: Path) -> None:
    """Move ``part`` to ``video`` at once and only if nothing is there; FileExistsError if so."""
    if sys.platform == "win32":
        part.rename(video)
        return
    try:
        os.link(part, video)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        # Memory cards and some shares know no links: take the name first, then fill it.
        os.close(os.open(video, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        part.replace(video)
    else:
        part.unlink()


def _copy(source: Path, target: Path) -> None:
    with contextlib.ExitStack() as stack:
        try:
            reading = stack.enter_context(source.open("rb"))
        except FileNotFoundError as error:
            raise StorageError(MessageId.ARTIFACT_DAMAGED, path=str(source)) from error
        shutil.copyfileobj(reading, stack.enter_context(target.open("wb")), _COPY_BYTES)
    fsync_file(target)


def _hidden_folder(folder: Path) -> Path:
    if not folder.is_dir():
        # Made again, it might lie under the mount point of a disk that was pulled out.
        raise StorageError(MessageId.OUTPUT_VANISHED, path=str(folder))
    hidden = folder / HIDDEN_FOLDER
    hidden.mkdir(exist_ok=True)
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - Windows only

        ctypes.windll.kernel32.SetFileAttributesW(str(hidden), _FILE_ATTRIBUTE_HIDDEN)
    return hidden


def _drop_stale_parts(hidden: Path) -> None:
    """Remove copies that a kill interrupted long ago and whose job never came back."""
    for part in hidden.glob(".*.part"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - part.stat().st_mtime > _STALE_PART_S:
                part.unlink()


def _delivered_before(folder: Path, name: str, content: Mapping[str, Any]) -> Path | None:
    for sidecar in (folder / HIDDEN_FOLDER).iterdir():
        video = folder / f"{sidecar.stem}.mp4"
        if sidecar.suffix != ".json" or name not in sidecar.stem or not video.is_file():
            continue
        try:
            found = json.loads(sidecar.read_text(encoding="utf-8"))
        except ValueError:
            # Not one of ours, or damaged: it says nothing about this job.
            continue
        keys = ("job_id", "render_key")
        if isinstance(found, dict) and all(found.get(key) == content[key] for key in keys):
            return video
    return None


@contextlib.contextmanager
def _output_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except StorageError as error:
        if error.message.id is MessageId.DATA_UNWRITABLE:
            raise StorageError(
                MessageId.OUTPUT_UNWRITABLE, detail=error.detail, path=str(folder)
            ) from error
        raise
    except OSError as error:
        gone = error.errno == errno.ENOENT and not folder.is_dir()
        otherwise = MessageId.OUTPUT_VANISHED if gone else MessageId.OUTPUT_UNWRITABLE
        raise storage_error(error, folder, otherwise) from error
