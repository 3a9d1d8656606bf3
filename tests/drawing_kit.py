"""The image maker alone, on a played card, with whoever keeps that card: what its tests share."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fakes.card import PlayedCard
from session_kit import settings_with

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.events import Progress
from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.messages import Message
from vidgen_gui.core.picture import picture_size
from vidgen_gui.core.plan import CardMemory, Plan
from vidgen_gui.core.quality import Aspect, FrameSize, Quality, frame_size
from vidgen_gui.core.service import ServiceName
from vidgen_gui.core.settings import Settings
from vidgen_gui.pipeline.image_service import ImageService
from vidgen_gui.pipeline.picture_drawing import MadePicture
from vidgen_gui.pipeline.picture_recipes import PictureRequest
from vidgen_gui.pipeline.picture_records import PictureRecords
from vidgen_gui.pipeline.service_hub import NoRecords, ServiceHub
from vidgen_gui.store.calibrations import CalibrationStore
from vidgen_gui.store.database import Database

DRAWER, WRITER = ServiceName.IMAGE_MAKER.value, ServiceName.SCRIPT_WRITER.value
PROMPT = "a lighthouse in the storm"


@dataclass
class PlayedKeeper:
    """Keeps a played card: what is asked of it is what a test sees.

    ``pauses`` counts how often the script writer had to go.
    """

    card: PlayedCard
    profile: HardwareProfile = field(default_factory=HardwareProfile)
    machine: tuple[str, str] = ("Played card", "1.0")
    pauses: int = 0
    simulated: bool = True

    def memory(self, cancel: CancelToken) -> CardMemory:
        writer = self.card.held_by(WRITER)
        return CardMemory(
            name="Played card",
            total_mib=self.card.total_mib,
            free_mib=self.card.free_mib,
            drawer_mib=self.card.held_by(DRAWER),
            writer_mib=writer,
            writer_can_pause=writer > 0,
            simulated=self.simulated,
        )

    def make_room(
        self, need_mib: float, *, pause_script_writer: bool, cancel: CancelToken
    ) -> Generator[Progress, None, float | None]:
        yield Progress(0.0)
        room = self.card.room_for(DRAWER)()
        if pause_script_writer and need_mib > room - self.profile.reserve_mib:
            self.pauses += bool(self.card.held_by(WRITER))
            self.card.source.release(WRITER)
        return self.card.room_for(DRAWER)() - self.profile.reserve_mib

    @contextmanager
    def watch(self) -> Iterator["_Peak"]:
        self.card.most_used_mib = self.card.used_mib
        yield _Peak(self.card)

    @contextmanager
    def note_drawing(self, mib: float) -> Iterator[None]:
        assert mib >= 0
        yield


@dataclass
class _Peak:
    card: PlayedCard

    @property
    def peak_mib(self) -> float:
        return self.card.most_used_mib


class Desk:
    """An image maker that draws, with what it told."""

    def __init__(self, service: ImageService, folder: Path) -> None:
        self.service = service
        self._folder = folder
        self.told: list[Message] = []

    def draw(
        self, quality: Quality = Quality.ULTRA, *, job: str = "job", scene: int = 0, **more: object
    ) -> MadePicture:
        """One scene's picture; its file is at `picture`."""
        wanted = request(quality, job=job, scene=scene, **more)
        self._folder.mkdir(parents=True, exist_ok=True)
        steps = self.service.draw(wanted, self.picture, CancelToken())
        try:
            while True:
                notice = next(steps).notice
                if notice is not None:
                    self.told.append(notice)
        except StopIteration as stop:
            made: MadePicture = stop.value
            return made

    @property
    def picture(self) -> Path:
        return self._folder / "picture.png"

    def plan(self, quality: Quality = Quality.ULTRA) -> Plan:
        return self.service.plan(quality, Aspect.PORTRAIT, CancelToken())


def request(
    quality: Quality, *, job: str = "job", scene: int = 0, **more: object
) -> PictureRequest:
    return PictureRequest(
        PROMPT, 7 + scene, quality, Aspect.PORTRAIT, size_of(quality), job=job, scene=scene,
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def size_of(quality: Quality) -> FrameSize:
    """What the video's motion needs."""
    return picture_size(frame_size(quality, Aspect.PORTRAIT))


@contextmanager
def desk(
    settings: Settings | str, folder: Path, keeper: PlayedKeeper | None = None
) -> Iterator[Desk]:
    """An image maker whose records lie in ``folder``: the next one with it is the app's next start.

    Args:
        settings: or the address of its one server.
    """
    if isinstance(settings, str):
        settings = settings_with(image_maker={"url": settings})
    with Database(folder / "jobs.db", folder / "backups") as database:
        hub = ServiceHub(settings, NoRecords())
        try:
            service = hub.image_maker
            service.keeper = keeper
            service.records = PictureRecords(CalibrationStore(database))
            yield Desk(service, folder / "pictures")
        finally:
            hub.close()
