"""Our own ComfyUI without the graphics card, for as long as pictures need it. Only ever ours."""

import logging
from dataclasses import replace

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.service import Ownership
from vidgen_gui.core.turn import Turn
from vidgen_gui.pipeline.service_core import ServiceCore
from vidgen_gui.pipeline.service_plans import ServicePlan
from vidgen_gui.services.managed.launch import LaunchSpec

_logger = logging.getLogger(__name__)

CPU_FLAG = "--cpu"


class CpuMode:
    """Starts the program anew with and without `CPU_FLAG`. Safe to use from any thread.

    Args:
        core: the image maker's.
    """

    def __init__(self, core: ServiceCore) -> None:
        self._core = core
        self._switching = Turn()
        self._usual: ServicePlan | None = None

    @property
    def is_on(self) -> bool:
        """Whether the program was started without the card by us."""
        return self._usual is not None

    @property
    def is_possible(self) -> bool:
        """Whether the server is ours, or would be, and takes flags."""
        plan = self._usual or self._core.plan
        if not isinstance(plan.launch, LaunchSpec) or CPU_FLAG in plan.launch.argv:
            return False
        ours = {Ownership.MANAGED, Ownership.NONE} if plan.autostart else {Ownership.MANAGED}
        return self._core.view().ownership in ours

    def planned(self, plan: ServicePlan) -> ServicePlan:
        """Changed settings as they are used now."""
        if self._usual is None:
            return plan
        self._usual = plan
        return _without_card(plan)

    def use(self, *, on_cpu: bool, cancel: CancelToken) -> None:
        """Have the program run with or without the card; does nothing where it does already.

        Raises:
            ServiceError: it cannot be ended or started.
            Cancelled: the token was set.
        """
        with self._switching.taken(cancel):
            if on_cpu is self.is_on:
                return
            if on_cpu:
                self._usual = self._core.plan
                self._core.configure(_without_card(self._usual))
            elif self._usual is not None:
                self._core.configure(self._usual)
                self._usual = None
            _logger.info("the image maker is started anew %s", "on the CPU" if on_cpu else "")
            self._core.pause()
            self._core.start(cancel)


def _without_card(plan: ServicePlan) -> ServicePlan:
    launch = plan.launch
    if not isinstance(launch, LaunchSpec):
        return plan
    return replace(plan, launch=replace(launch, argv=(*launch.argv, CPU_FLAG)))
