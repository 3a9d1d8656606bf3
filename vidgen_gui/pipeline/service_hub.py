"""Both services of one opened app: configured together, watched together, closed together."""

import contextlib
import logging
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, InputError, VidgenError
from vidgen_gui.core.messages import Message
from vidgen_gui.core.service import EndpointView, ServiceName, ServiceView
from vidgen_gui.core.service_settings import split_addresses
from vidgen_gui.core.settings import Settings
from vidgen_gui.net.address import ServerAddress, parse_address
from vidgen_gui.net.endpoints import EndpointSet
from vidgen_gui.pipeline.gpu_keeper import CardKeeper
from vidgen_gui.pipeline.image_service import ImageService
from vidgen_gui.pipeline.paused_services import PausedProgram, PauseRecords
from vidgen_gui.pipeline.picture_recipes import ImageWishes
from vidgen_gui.pipeline.script_service import ScriptService
from vidgen_gui.pipeline.service_core import ServiceCore
from vidgen_gui.pipeline.service_plans import (
    COMFYUI_PORT,
    LLAMA_SERVER_PORT,
    USUAL_MACHINE,
    MachineOptions,
    image_maker_plan,
    script_writer_plan,
)
from vidgen_gui.services.managed.life import ProcessRecords
from vidgen_gui.system.secrets import read_secret

_logger = logging.getLogger(__name__)

DEFAULT_PORTS = {
    ServiceName.SCRIPT_WRITER: LLAMA_SERVER_PORT,
    ServiceName.IMAGE_MAKER: COMFYUI_PORT,
}
API_KEY_VARIABLE = "VIDGEN_LLM_API_KEY"
API_KEY_NAME = "script-writer-api-key"


def _nothing() -> None:
    pass


class NoRecords:
    """For a hub that starts nothing."""

    def record(self, pid: int, kind: str) -> None:
        """Nothing is started."""

    def forget(self, pid: int) -> None:
        """Nothing was started."""


class ServiceHub:
    """Make it on a pool thread: it looks for programs and reads the keyring.

    Args:
        registry: records programs of ours, so that a crashed run's leftovers are found.
        on_change: called from any thread when a view would look different; must be quick.
        records: where it is written down that a service is paused.
    """

    def __init__(
        self,
        settings: Settings,
        registry: ProcessRecords,
        on_change: Callable[[], None] = _nothing,
        records: PauseRecords | None = None,
    ) -> None:
        self._cancel = CancelToken()
        self.script_writer = ScriptService(
            script_writer_plan(settings),
            registry,
            on_change,
            model=settings.script_writer.model,
            api_key=_api_key(settings),
            records=records,
        )
        self.image_maker = ImageService(
            image_maker_plan(settings), registry, on_change, _image_wishes(settings)
        )

    def configure(self, settings: Settings, machine: MachineOptions = USUAL_MACHINE) -> None:
        """Use changed settings. Programs of ours that run go on as they were started.

        Args:
            machine: how ComfyUI is started here.
        """
        self.script_writer.configure(
            script_writer_plan(settings),
            model=settings.script_writer.model,
            api_key=_api_key(settings),
        )
        self.configure_image_maker(settings, machine)

    def configure_image_maker(self, settings: Settings, machine: MachineOptions) -> None:
        """The image maker's part of `configure`, which reads no keyring."""
        plan = image_maker_plan(settings, machine)
        self.image_maker.configure(plan, _image_wishes(settings))

    def use_keeper(self, keeper: CardKeeper) -> None:
        """Let whoever keeps the graphics card have a say from now on."""
        self.image_maker.keeper = keeper
        self.script_writer.use_keeper(keeper)

    def take_over(self, paused: Mapping[ServiceName, PausedProgram]) -> None:
        """Bring back in time what an app that is gone left paused."""
        for name, program in paused.items():
            self.cores[name].take_over(program)

    @property
    def _services(self) -> Mapping[ServiceName, ScriptService | ImageService]:
        return {
            ServiceName.SCRIPT_WRITER: self.script_writer,
            ServiceName.IMAGE_MAKER: self.image_maker,
        }

    @property
    def cores(self) -> Mapping[ServiceName, ServiceCore]:
        """What finds, starts and stops each service."""
        return {name: service.core for name, service in self._services.items()}

    def views(self) -> tuple[ServiceView, ...]:
        """How both stand; asks nobody."""
        return tuple(core.view() for core in self.cores.values())

    def check(self, *, background: bool = False) -> None:
        """Ask both how they are. Waits for the network.

        Raises:
            Cancelled: the hub was closed meanwhile.
        """
        for core in self.cores.values():
            core.check(self._cancel, background=background)

    def examine(self) -> tuple[ServiceView, ...]:
        """Ask both now; how they stand then.

        Raises:
            Cancelled: the hub was closed meanwhile.
        """
        self.check()
        return self.views()

    def try_addresses(self, name: ServiceName, text: str) -> tuple[EndpointView, ...]:
        """Ask addresses as they were typed, one after the other in the answer.

        Raises:
            Cancelled: the hub was closed meanwhile.
        """
        parsed: dict[str, ServerAddress | Message] = {}
        for part in split_addresses(text):
            try:
                parsed[part] = parse_address(part, default_port=DEFAULT_PORTS[name])
            except InputError as error:
                parsed[part] = error.message
        addresses = [found for found in parsed.values() if isinstance(found, ServerAddress)]
        endpoints = EndpointSet(addresses, self._services[name].health)
        endpoints.check_all(self._cancel)
        asked = {view.url: view for view in endpoints.views()}
        return tuple(
            EndpointView(part, healthy=False, problem=found)
            if isinstance(found, Message)
            else asked[found.url]
            for part, found in parsed.items()
        )

    def start(self, name: ServiceName) -> None:
        """Start a service, or have Ollama load its model, and wait until it is ready.

        Raises:
            VidgenError: it cannot be started.
            Cancelled: the hub was closed meanwhile.
        """
        if name is ServiceName.SCRIPT_WRITER and self.script_writer.is_ollama:
            self.script_writer.load(self._cancel)
            return
        self.cores[name].start(self._cancel)

    def stop(self, name: ServiceName, *, consented: bool = False) -> None:
        """Stop a service, or have Ollama unload its model.

        Raises:
            VidgenError: it is not ours and nobody agreed, or it doesn't end.
        """
        if name is ServiceName.SCRIPT_WRITER and self.script_writer.is_ollama:
            self.script_writer.unload(self._cancel)
            return
        self.cores[name].stop(consented=consented)

    def restart(self, name: ServiceName, *, consented: bool = False) -> None:
        """Stop and start again, with the settings as they are now."""
        self.cores[name].restart(self._cancel, consented=consented)

    def free_after_pictures(self, settings: Settings) -> None:
        """The last picture of a phase is made: give its memory to others, if that is wished.

        Only servers that drew are asked: a ComfyUI that somebody else works with keeps its models.
        """
        if not settings.image_maker.free_after:
            return
        # Closing the app ends what this would be good for.
        with contextlib.suppress(Cancelled):
            self.image_maker.free(self._cancel)

    def close(self) -> None:
        """Stop waiting, and end what we started; what was found running goes on."""
        self._cancel.cancel()
        # Side by side: each may take seconds to end.
        with ThreadPoolExecutor(len(self._services), "vidgen-closing") as pool:
            for service in self._services.values():
                pool.submit(_close, service)


def _close(service: ScriptService | ImageService) -> None:
    try:
        service.close()
    except VidgenError as error:
        # The other one, and the rest of the app, are closed all the same.
        _logger.warning("a service was not ended: %s", error)
    except Exception:
        # The outermost frame of a thread whose result nobody asks for.
        _logger.exception("a service was not ended")


def _image_wishes(settings: Settings) -> ImageWishes:
    given = settings.image_maker
    return ImageWishes(given.checkpoint, given.negative_prompt, given.workflow_file)


def _api_key(settings: Settings) -> str | None:
    given = os.environ.get(API_KEY_VARIABLE, "").strip()
    if given or not settings.script_writer.needs_key:
        return given or None
    return read_secret(API_KEY_NAME)
