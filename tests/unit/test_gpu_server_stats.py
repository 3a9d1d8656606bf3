"""An image server's own figures about its card."""

from collections.abc import Mapping
from typing import Any

import pytest
from recordings import recording

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import ServiceError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.gpu.readings import SourceUnavailable
from vidgen_gui.gpu.server_stats import ServerSource

CANCEL = CancelToken()
GIB = 1024**3
DEVICE = {
    "name": "cuda:0 NVIDIA RTX A2000 12GB : cudaMallocAsync",
    "type": "cuda",
    "index": 0,
    "vram_total": 12 * GIB,
    "vram_free": 6 * GIB,
    "torch_vram_total": 0,
    "torch_vram_free": 0,
}


def _source(answer: Any) -> ServerSource:
    def ask(cancel: CancelToken) -> Mapping[str, Any]:
        assert cancel is CANCEL
        return answer  # type: ignore[no-any-return]

    return ServerSource(ask)


@pytest.mark.req("S7", "ERR-13")
def test_a_remote_card_is_known_by_its_server() -> None:
    source = _source({"system": {}, "devices": [DEVICE]})
    (card,) = source.read(4.0, CANCEL)
    assert card.name == "NVIDIA RTX A2000 12GB"
    assert (card.total_mib, card.used_mib, card.free_mib, card.at_s) == (12288, 6144, 6144, 4.0)
    assert card.temperature_c is None
    assert source.read_memory(5.0, CANCEL)[0].used_mib == 6144


def test_a_server_without_a_card_has_none() -> None:
    answer = recording("comfyui-0.3.64/get_system_stats.json")["body"]
    assert _source(answer).read(0, CANCEL) == ()


@pytest.mark.req("AUD-35")
@pytest.mark.parametrize("bad", [-1, 3.4e38, float("nan"), "12", None, 13 * GIB, True])
def test_amounts_that_cannot_be_true_are_refused(bad: Any) -> None:
    (card,) = _source({"devices": [DEVICE | {"vram_free": bad}]}).read(0, CANCEL)
    assert card.free_mib is None


@pytest.mark.parametrize("answer", [None, [], "x", {}, {"devices": 5}, {"devices": {}}])
def test_something_else_is_no_answer(answer: Any) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        _source(answer).read(0, CANCEL)
    assert caught.value.message.id is MessageId.GPU_SERVER_UNKNOWING


def test_odd_entries_do_no_harm() -> None:
    odd = [5, None, {}, {"type": "cuda", "name": 7, "index": -3, "vram_total": GIB}, DEVICE]
    cards = _source({"devices": odd}).read(0, CANCEL)
    assert [card.memory_known for card in cards] == [False, False, True]
    assert [card.index for card in cards] == [2, 3, 0]


def test_a_server_that_is_down_says_why() -> None:
    def ask(_: CancelToken) -> Mapping[str, Any]:
        raise ServiceError(MessageId.SERVICE_SILENT)

    with pytest.raises(SourceUnavailable) as caught:
        ServerSource(ask).read(0, CANCEL)
    assert "service-silent" in caught.value.detail
