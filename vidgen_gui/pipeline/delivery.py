"""Putting a finished video into the person's folder: complete, under a name of its own.

``FOLDER/2025-03-01 quiet-morning.mp4`` is the video; its sidecar, thumbnail and subtitles lie in
the hidden ``FOLDER/.vidgen``. A name that is taken gets a number; no video is ever overwritten.
"""

import contextlib
import errno
import itertools
import json
import os
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import StorageError
from vidgen_gui.core.job import Job
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.text import slug
from vidgen_gui.pipeline.stage import StoredInput
from vidgen_gui.system.files import fsync_dir, fsync_file, storage_error
from vidgen_gui.system.lock import FileLock
from vidgen_gui.system.paths import AppPaths
from vidgen_gui.system.patience import patient

VIDEO_NAME = "video.mp4"
THUMBNAIL_NAME = "thumbnail.jpg"
SUBTITLES_NAME = "captions.srt"
HIDDEN_FOLDER = ".vidgen"
_LOCK_WAIT_S = 30.0
_COPY_BYTES = 4 * 1024 * 1024
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
    cancel: CancelToken | None = None,
    today: date | None = None,
) -> Path:
    """Copy a render into the job's output folder; returns the video's path.

    A job that was delivered before, but stopped before that was recorded, is not delivered
    twice: its sidecar names the job and the render.

    Raises:
        StorageError: OUTPUT_VANISHED, OUTPUT_UNWRITABLE, OUTPUT_BUSY or DISK_FULL, or
            ARTIFACT_DAMAGED when the render itself is gone; nothing is left behind.
        Cancelled: the token was set while the video was copied; nothing is left behind.
    """
    folder = job.spec.output_dir
    base = f"{(today or date.today()).isoformat()} {slug(title)}"  # noqa: DTZ011 - the person's day
    content = {**sidecar, "job_id": job.id, "render_key": render.key}
    with _output_errors(folder):
        hidden = _hidden_folder(folder)
        _drop_stale_parts(hidden, job.id)
        delivered = _delivered_before(folder, slug(title), content)
        if delivered is not None:
            return delivered
        part = hidden / f".{job.id}.mp4.part"
        try:
            _copy(render.file(VIDEO_NAME), part, cancel)
            with _naming(cancel):
                return _place(part, folder, base, render, content)
        finally:
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def _naming(cancel: CancelToken | None) -> Iterator[None]:
    """Nobody else of ours chooses a name meanwhile."""
    lock = FileLock(AppPaths.find().data / "delivery.lock")
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(lock.held(patient(_LOCK_WAIT_S), cancel))
        except TimeoutError as error:
            raise StorageError(MessageId.OUTPUT_BUSY, detail=str(error)) from error
        yield


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
            _remove_companions(video)
            if isinstance(error, FileExistsError):
                continue
            raise
        fsync_dir(folder)
        return video
    raise AssertionError("numbers don't end")


def _write_companions(video: Path, render: StoredInput, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1)
    # Named by the job until it is whole: what a kill leaves is found when the job goes on.
    part = sidecar_path(video).with_name(f".{content['job_id']}.json.part")
    part.write_text(text + "\n", encoding="utf-8")
    fsync_file(part)
    part.replace(sidecar_path(video))
    _copy(render.file(THUMBNAIL_NAME), thumbnail_path(video))
    if render.file(SUBTITLES_NAME).is_file():
        _copy(render.file(SUBTITLES_NAME), subtitles_path(video))


def _remove_companions(video: Path) -> None:
    for companion in (sidecar_path(video), thumbnail_path(video), subtitles_path(video)):
        companion.unlink(missing_ok=True)


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


def _copy(source: Path, target: Path, cancel: CancelToken | None = None) -> None:
    with contextlib.ExitStack() as stack:
        try:
            reading = stack.enter_context(source.open("rb"))
        except FileNotFoundError as error:
            raise StorageError(MessageId.ARTIFACT_DAMAGED, path=str(source)) from error
        writing = stack.enter_context(target.open("wb"))
        while chunk := reading.read(_COPY_BYTES):
            writing.write(chunk)
            writing.flush()
            # In steps, so that a cancel need not wait until a slow stick has taken all of it.
            os.fsync(writing.fileno())
            if cancel is not None:
                cancel.raise_if_cancelled()


def _hidden_folder(folder: Path) -> Path:
    if not folder.is_dir():
        # Made again, it might lie under the mount point of a disk that was pulled out.
        raise StorageError(MessageId.OUTPUT_VANISHED, path=str(folder))
    hidden = folder / HIDDEN_FOLDER
    if not hidden.is_dir():
        hidden.mkdir(exist_ok=True)
        # Who may save videos here must get into it, too: several people can share the folder.
        # Memory cards and some shares know no such rights.
        with contextlib.suppress(OSError):
            hidden.chmod(stat.S_IMODE(folder.stat().st_mode))
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - Windows only

        ctypes.windll.kernel32.SetFileAttributesW(str(hidden), _FILE_ATTRIBUTE_HIDDEN)
    return hidden


def _drop_stale_parts(hidden: Path, job_id: str) -> None:
    """Remove what kills left: of this job, and long ago of jobs that never came back."""
    for part in hidden.glob(".*.part"):
        # Somebody else's may be kept from us where a folder is shared.
        with contextlib.suppress(FileNotFoundError, PermissionError):
            ours = part.name.startswith(f".{job_id}.")
            if ours or time.time() - part.stat().st_mtime > _STALE_PART_S:
                part.unlink()


def _delivered_before(folder: Path, name: str, content: Mapping[str, Any]) -> Path | None:
    for sidecar in list((folder / HIDDEN_FOLDER).iterdir()):
        if sidecar.suffix != ".json" or name not in sidecar.stem:
            continue
        try:
            found = json.loads(sidecar.read_text(encoding="utf-8"))
        except (ValueError, RecursionError, OSError):
            # Not one of ours, somebody else's or damaged: it says nothing about this job.
            continue
        keys = ("job_id", "render_key")
        if not isinstance(found, dict) or any(found.get(key) != content[key] for key in keys):
            continue
        video = folder / f"{sidecar.stem}.mp4"
        if video.is_file():
            if video.stat().st_size:
                return video
            # Only its name was taken when a kill came.
            video.unlink()
        _remove_companions(video)
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
