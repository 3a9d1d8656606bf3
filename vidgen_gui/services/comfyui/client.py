"""A ComfyUI server as the app uses it: what it is, what it has, and pictures from it."""

import hashlib
import uuid
from collections.abc import Generator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.events import Progress
from vidgen_gui.core.quality import FrameSize
from vidgen_gui.net.address import ServerAddress
from vidgen_gui.net.http import HttpClient
from vidgen_gui.services.comfyui import api, untrusted
from vidgen_gui.services.comfyui.api import ServerQueue
from vidgen_gui.services.comfyui.errors import NotComfyUI
from vidgen_gui.services.comfyui.pace import Pace
from vidgen_gui.services.comfyui.run import PromptRun, RunResult
from vidgen_gui.services.comfyui.stats import SystemStats, parse_stats
from vidgen_gui.system.files import storage_errors
from vidgen_gui.system.patience import patient

_ASK_S = 10.0
_HEALTH_S = 3.0
_OBJECT_INFO_S = 60.0
"""Servers with hundreds of extensions take long to list every node, and to find every file."""
_UPLOAD_S = 60.0
_MAX_OBJECT_INFO_BYTES = 64 << 20
_MOST_FILES = 10_000


class ComfyClient:
    """Speaks to one ComfyUI server through ``http``, which it doesn't close.

    One run at a time; the short questions may be asked beside it.

    Every method raises `Cancelled`, the errors of `net.errors`, and `NotComfyUI` where an answer
    isn't ComfyUI's.

    Args:
        client_id: name of the websocket; a new one for each run unless given.
    """

    def __init__(self, http: HttpClient, client_id: str | None = None) -> None:
        self._http = http
        self._client_id = client_id

    def system_stats(self, cancel: CancelToken, *, deadline_s: float | None = None) -> SystemStats:
        """The server's version, how it was started, and its memory."""
        stats = parse_stats(self._ask_stats(cancel, deadline_s))
        if stats is None:
            raise NotComfyUI(self._http.address.url, "no statistics of ComfyUI's")
        return stats

    def stats_answer(
        self, cancel: CancelToken, *, deadline_s: float | None = None
    ) -> Mapping[str, Any]:
        """What `system_stats` is read from, as it came: for who checks its figures himself."""
        answer = self._ask_stats(cancel, deadline_s)
        if parse_stats(answer) is None:
            raise NotComfyUI(self._http.address.url, "no statistics of ComfyUI's")
        return untrusted.mapping(answer)

    def _ask_stats(self, cancel: CancelToken, deadline_s: float | None) -> Any:
        limit_s = patient(_ASK_S) if deadline_s is None else deadline_s
        return self._http.get_json("system_stats", deadline_s=limit_s, cancel=cancel)

    def object_info(self, cancel: CancelToken) -> Mapping[str, Mapping[str, Any]]:
        """Every kind of node with its inputs; entries that make no sense are left out.

        Some MiB on servers with many extensions: keep what is needed, not the answer.
        """
        answer = self._http.get_json(
            "object_info",
            deadline_s=patient(_OBJECT_INFO_S),
            cancel=cancel,
            max_bytes=_MAX_OBJECT_INFO_BYTES,
        )
        known = {
            name: entry
            for name, entry in untrusted.mapping(answer).items()
            if isinstance(entry, Mapping) and isinstance(entry.get("input"), Mapping)
        }
        if not known:
            raise NotComfyUI(self._http.address.url, "no nodes of ComfyUI's")
        return MappingProxyType(known)

    def models(self, folder: str, cancel: CancelToken) -> tuple[str, ...]:
        """The files in one of the server's model folders (``checkpoints``, ``upscale_models``)."""
        answer = self._http.get_json(f"models/{folder}", deadline_s=patient(_ASK_S), cancel=cancel)
        if not isinstance(answer, list):
            raise NotComfyUI(self._http.address.url, "no list of models")
        names = (untrusted.exact(name) for name in untrusted.items(answer, _MOST_FILES))
        return tuple(name for name in names if name)

    def queue(self, cancel: CancelToken) -> ServerQueue:
        """Everybody's prompts at the server."""
        return api.read_queue(self._http, deadline_s=patient(_ASK_S), cancel=cancel)

    def free(self, cancel: CancelToken, *, unload: bool = True) -> None:
        """Ask the server to give back memory. It does so when idle: measure what came of it.

        Args:
            unload: forget the models too, which costs a reload with the next picture.
        """
        self._http.post_json(
            "free",
            {"unload_models": unload, "free_memory": True},
            deadline_s=patient(_ASK_S),
            cancel=cancel,
        )

    def upload_image(self, path: Path, cancel: CancelToken) -> str:
        """Put a picture into the server's input folder; the value for a LoadImage node.

        The name is made of its content, so that the same picture is there once.

        Raises:
            StorageError: ``path`` can't be read.
        """
        with storage_errors(path):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:24]
        answer = self._http.upload(
            "upload/image",
            "image",
            f"vidgen-{digest}.png",
            path,
            {"type": "input", "overwrite": "true"},
            deadline_s=patient(_UPLOAD_S),
            cancel=cancel,
        )
        fields = untrusted.mapping(answer)
        name, subfolder = (untrusted.exact(fields.get(key, "")) for key in ("name", "subfolder"))
        if not name:
            raise NotComfyUI(self._http.address.url, "the upload got no name")
        return f"{subfolder}/{name}" if subfolder else name

    def run(
        self,
        graph: Mapping[str, Any],
        target: Path,
        *,
        size: FrameSize | None,
        deadline_s: float,
        cancel: CancelToken,
        pace: Pace | None = None,
    ) -> Generator[Progress, None, RunResult]:
        """Have a picture made and put it, verified, at ``target``; yields progress and previews.

        Whatever ends it early (an error, a cancel, closing the generator) withdraws our prompt
        from the server, and no other. ``target`` and its folder are only touched for a picture
        that passed.

        Args:
            graph: in API format, with one node that saves a picture.
            size: what the picture has to measure, None for any.
            deadline_s: for all of it, as given (`system.patience` isn't applied).
            pace: judges how long steps take; without it only the deadline does.

        Raises:
            ValidationFailed, MissingCheckpoint, MissingNode: refused before anything ran.
            OutOfGpuMemory, OutOfRam, ExecutionFailed: a node failed.
            InterruptedByOther: somebody stopped or removed it at the server.
            ServerGone: the server ended or lost it.
            DeadlinePassed: not in time.
            StepTooSlow: by the pace.
            PictureUnusable: what came isn't the picture that was asked for.
            Unreachable, TooSlow, HttpFailure, Garbled, RedirectRefused: nothing was begun.
            StorageError: the disk is full or the folder not writable.
            Cancelled: the token was set.
        """
        return PromptRun(
            self._http,
            graph,
            target,
            size=size,
            deadline_s=deadline_s,
            cancel=cancel,
            client_id=self._client_id or str(uuid.uuid4()),
            pace=pace,
        ).steps()


def check_health(address: ServerAddress, cancel: CancelToken, api_key: str | None = None) -> None:
    """Ask the server's own route whether it is there and well; connections are closed again.

    Raises:
        NetError: it doesn't answer in three seconds, or with a failure.
        NotComfyUI: something else answers.
        Cancelled: the token was set.
    """
    with HttpClient(address, api_key=api_key) as http:
        ComfyClient(http).system_stats(cancel, deadline_s=patient(_HEALTH_S))
