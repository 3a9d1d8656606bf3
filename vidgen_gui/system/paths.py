"""Where the app's own files and the person's videos live on this platform."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.system.files import storage_errors

APP_NAME = "VidGen"


def resolve(text: str) -> Path:
    """A path a person wrote: ``~`` expanded, made absolute, links followed.

    Raises:
        InputError: it leads nowhere: links in a circle, the home of nobody, a sign that no name
            has, a place below a working folder that is gone; or its name is no text.
    """
    try:
        path = expand_home(text).resolve()
        # Names from before UTF-8 fit into no database and no sidecar.
        str(path).encode()
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError(MessageId.FOLDER_UNKNOWN, detail=str(error), path=text) from error
    return path


def expand_home(text: str) -> Path:
    """A path a person wrote, with ``~`` expanded and all else as it is.

    Raises:
        InputError: it is the home of nobody.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise InputError(MessageId.FOLDER_UNKNOWN, detail=str(error), path=text) from error


@dataclass(frozen=True, slots=True)
class AppPaths:
    """The app's folders. None of them has to exist yet.

    ``home`` set (``VIDGEN_HOME``) puts all of them in one folder: portable installs, tests.
    """

    config: Path
    data: Path
    cache: Path
    state: Path
    videos: Path

    @classmethod
    def find(cls, environ: Mapping[str, str] = os.environ) -> "AppPaths":
        """The platform's folders, or those under ``VIDGEN_HOME``; ``VIDEO_DIR`` is honoured.

        Raises:
            InputError: one of these variables leads nowhere, or the person has no home folder.
        """
        home = environ.get("VIDGEN_HOME", "").strip()
        video_dir = environ.get("VIDEO_DIR", "").strip()
        if home:
            root = resolve(home)
            videos = resolve(video_dir) if video_dir else root / "videos"
            return cls(root / "config", root / "data", root / "cache", root / "state", videos)
        dirs = platformdirs.PlatformDirs(APP_NAME, appauthor=False)
        try:
            return cls(
                dirs.user_config_path,
                dirs.user_data_path,
                dirs.user_cache_path,
                dirs.user_state_path,
                resolve(video_dir) if video_dir else dirs.user_videos_path / APP_NAME,
            )
        except RuntimeError as error:
            # A container may run as a user that nobody knows.
            raise InputError(MessageId.NO_HOME, detail=str(error)) from error

    @property
    def log_file(self) -> Path:
        return self.state / "vidgen.log"

    def create(self, otherwise: MessageId = MessageId.DATA_UNWRITABLE) -> None:
        """Make the app's own folders, private to the person.

        Raises:
            StorageError: the disk is full, or ``otherwise``.
        """
        for folder in (self.config, self.data, self.cache, self.state):
            with storage_errors(folder, otherwise):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                # One that is there may be closed to us.
                next(folder.iterdir(), None)
