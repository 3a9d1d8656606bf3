"""What ComfyUI's websocket says, read as values, and what is concluded of one prompt from it."""

import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recordings import recording

from vidgen_gui.services.comfyui import messages
from vidgen_gui.services.comfyui.errors import (
    ExecutionFailed,
    InterruptedByOther,
    OutOfGpuMemory,
    OutOfRam,
)
from vidgen_gui.services.comfyui.messages import (
    MAX_PREVIEW_BYTES,
    Cached,
    Executed,
    Executing,
    Failed,
    Greeting,
    Interrupted,
    NodeProgress,
    NodeState,
    Preview,
    ServerFile,
    Started,
    Succeeded,
    parse,
)
from vidgen_gui.services.comfyui.progress import GraphProgress
from vidgen_gui.services.comfyui.state import PromptState

OURS = "0b7a2c1e-5d3f-4a68-9c1d-2f6f8d1f7a11"
OTHER = "99999999-5d3f-4a68-9c1d-2f6f8d1f7a11"
JPEG = b"\xff\xd8\xff\xe0picture"
GRAPH: dict[str, Any] = {
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "a"}},
    "3": {"class_type": "KSampler", "inputs": {"steps": 20}},
    "8": {"class_type": "VAEDecode", "inputs": {}},
    "9": {"class_type": "SaveImage", "inputs": {}},
}
FILE = ServerFile("vidgen_00001_.png", "", "output")


def event(kind: str, **data: Any) -> str:
    return json.dumps({"type": kind, "data": {"prompt_id": OURS, **data}})


def recorded(name: str) -> tuple[dict[str, Any], PromptState]:
    exchange = recording(f"comfyui-0.3.64/{name}.json")
    body = exchange["request"]["body"]
    return exchange, PromptState(body["prompt_id"], body["prompt"])


def replay(exchange: dict[str, Any], state: PromptState) -> list[float]:
    fractions = []
    for entry in exchange["ws"]:
        if "json" in entry:
            state.take(parse(json.dumps(entry["json"])))
            fractions.append(state.fraction)
    return fractions


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (event("status", status={"exec_info": {"queue_remaining": 2}}), Greeting(2)),
        (event("status"), Greeting(None)),
        (event("execution_start", timestamp=1), Started(OURS)),
        (event("execution_cached", nodes=["4", 5, None, {}]), Cached(OURS, ("4", "5"))),
        (event("executing", node="3"), Executing(OURS, "3")),
        (event("executing", node=3), Executing(OURS, "3")),
        (event("executing", node=None), Executing(OURS, None)),
        (event("executing"), None),
        (
            event("progress", node="3", value=5, max=20),
            NodeProgress(OURS, (NodeState("3", 5.0, 20.0),)),
        ),
        (
            '{"type":"progress","data":{"value":5,"max":20}}',
            NodeProgress(None, (NodeState("", 5, 20),)),
        ),
        (
            event("progress", node="3", value=30, max=20),
            NodeProgress(OURS, (NodeState("3", 20, 20),)),
        ),
        (event("progress", node="3", value=5, max=0), None),
        (event("progress", node="3", value=None, max="many"), None),
        (
            event("progress_state", nodes={"3": {"value": 1, "max": 2, "state": "finished"}}),
            NodeProgress(OURS, (NodeState("3", 1.0, 2.0, finished=True),)),
        ),
        (event("progress_state", nodes=[1, 2]), None),
        (
            event("executed", node="9", output={"images": [{"filename": "a.png", "type": "temp"}]}),
            Executed(OURS, "9", (ServerFile("a.png", "", "temp"),)),
        ),
        (event("executed", node="9", output=None), Executed(OURS, "9", ())),
        (event("execution_success"), Succeeded(OURS)),
        (
            event("execution_interrupted", node_id="3", node_type="KSampler"),
            Interrupted(OURS, "3", "KSampler"),
        ),
        (
            event("execution_error", node_id="3", exception_type="E", exception_message="x\0\ny"),
            Failed(OURS, "3", "", "E", "x y"),
        ),
    ],
)
def test_known_messages(frame: str, message: object) -> None:
    assert parse(frame) == message


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "{",
        "null",
        "[]",
        '"status"',
        "[" * 100_000,
        '{"type": 5, "data": {}}',
        '{"type": ["status"], "data": {}}',
        '{"type": "status"}',
        '{"type": "from-the-future", "data": {"prompt_id": "x"}}',
        '{"type": "execution_start", "data": {"prompt_id": 7}}',
        '{"type": "execution_start", "data": {"prompt_id": "\\ud800"}}',
        '{"type": "progress", "data": {"node": "3", "value": 1e999, "max": 1e999}}',
        '{"type": "progress", "data": {"node": "3", "value": ' + "9" * 400 + ', "max": 2}}',
        event("execution_start", prompt_id="x" * 5000),
        b"",
        b"\0\0\0",
        struct.pack(">I", 1),
        struct.pack(">II", 99, 1) + JPEG,
        struct.pack(">II", 3, 1) + b"3half a minute left",
        struct.pack(">II", 1, 1) + b"GIF89a",
        struct.pack(">II", 1, 1) + JPEG + b"x" * MAX_PREVIEW_BYTES,
        struct.pack(">II", 4, 1 << 31) + JPEG,
        struct.pack(">II", 4, 500) + b"{}" + JPEG,
    ],
)
def test_what_is_unknown_or_broken_is_passed_over(frame: str | bytes) -> None:
    assert parse(frame) is None


@given(st.one_of(st.text(), st.binary(), st.binary().map(lambda tail: b"\0\0\0\4" + tail)))
def test_no_frame_breaks_the_parser(frame: str | bytes) -> None:
    parse(frame)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
_NAMES = ("prompt_id", "node", "nodes", "value", "max", "output", "status", "traceback", "node_id")


@given(st.sampled_from(sorted(messages._PARSERS)), st.dictionaries(st.sampled_from(_NAMES), _JSON))
def test_no_known_event_of_any_shape_breaks_the_state(kind: str, data: dict[str, Any]) -> None:
    state = PromptState(OURS, GRAPH)
    state.take(messages.parse_event(kind, {"prompt_id": OURS} | data))
    state.take_history({"status": data, "outputs": data})
    assert 0.0 <= state.fraction <= 1.0


def test_previews_of_both_kinds() -> None:
    metadata = json.dumps({"prompt_id": OURS, "node_id": "3"}).encode()
    assert parse(struct.pack(">II", 1, 1) + JPEG) == Preview(JPEG)
    framed = struct.pack(">II", 4, len(metadata)) + metadata + JPEG
    assert parse(framed) == Preview(JPEG, OURS)


def test_previews_are_ours_only_while_ours_runs_or_when_they_say_so() -> None:
    state = PromptState(OURS, GRAPH)
    assert state.take(Preview(JPEG)) is None
    assert state.take(Preview(JPEG, OTHER)) is None
    assert state.take(Preview(JPEG, OURS)) == JPEG
    state.take(Started(OURS))
    assert state.take(Preview(JPEG)) == JPEG
    assert state.take(Preview(JPEG, OTHER)) is None
    state.take(Executing(OURS, None))
    assert state.take(Preview(JPEG)) is None
    assert state.previews == 2


@pytest.mark.parametrize("name", ["success_txt2img", "success_hires_tiled"])
def test_a_recorded_success_is_followed_to_its_file(name: str) -> None:
    exchange, state = recorded(name)
    fractions = replay(exchange, state)
    assert state.decided
    assert state.succeeded
    assert state.failure is None
    assert not state.cached
    assert state.file is not None
    assert state.file.filename == exchange["view"]["params"]["filename"]
    assert fractions == sorted(fractions)
    assert fractions[-1] > 0.99
    assert 0.3 < sorted(fractions)[len(fractions) // 2] < 0.95


def test_a_recorded_repeat_is_known_to_be_cached() -> None:
    exchange, state = recorded("success_cached_repeat")
    replay(exchange, state)
    assert state.decided
    assert state.cached
    assert state.file is not None


@pytest.mark.parametrize(
    ("name", "error", "node"),
    [
        ("error_oom", OutOfGpuMemory, "12"),
        ("error_ram", OutOfRam, "12"),
        ("interrupted", InterruptedByOther, "3"),
    ],
)
@pytest.mark.req("F3")
def test_recorded_failures_by_socket_and_by_history(name: str, error: type, node: str) -> None:
    exchange, state = recorded(name)
    replay(exchange, state)
    late = PromptState(state.prompt_id, exchange["request"]["body"]["prompt"])
    assert late.take_history(exchange["history"][state.prompt_id])
    for each in (state, late):
        assert type(each.failure) is error
        assert each.failure.message.params["node"] == node
        assert each.decided
        assert not each.succeeded


def test_the_history_alone_tells_a_success() -> None:
    exchange, state = recorded("success_txt2img")
    assert state.take_history(exchange["history"][state.prompt_id])
    assert state.decided
    assert state.file is not None


def test_old_histories_have_no_status() -> None:
    state = PromptState(OURS, GRAPH)
    assert not state.take_history({"outputs": {}})
    assert state.take_history({"outputs": {"9": {"images": [{"filename": "a.png"}]}}})
    assert state.file == ServerFile("a.png", "", "output")


def test_an_error_without_a_reason_in_the_history_is_still_one() -> None:
    state = PromptState(OURS, GRAPH)
    assert state.take_history({"status": {"status_str": "error", "messages": [["x"], None, []]}})
    assert isinstance(state.failure, ExecutionFailed)


def test_the_end_of_execution_is_no_success() -> None:
    state = PromptState(OURS, GRAPH)
    state.take(Started(OURS))
    state.take(Executing(OURS, "3"))
    state.take(Executed(OURS, "9", (FILE,)))
    state.take(Executing(OURS, None))
    assert state.ended
    assert not state.succeeded
    assert not state.decided


def test_other_peoples_prompts_change_nothing() -> None:
    state = PromptState(OURS, GRAPH)
    for message in (
        Started(OTHER),
        Cached(OTHER, ("4", "3", "8", "9")),
        NodeProgress(OTHER, (NodeState("3", 20, 20),)),
        NodeProgress(None, (NodeState("", 20, 20),)),
        Executed(OTHER, "9", (FILE,)),
        Failed(OTHER, "3", "K", "torch.OutOfMemoryError", "out of memory"),
        Interrupted(OTHER, "3", "K"),
        Succeeded(OTHER),
        Executing(OTHER, None),
        Executing(None, None),
    ):
        state.take(message)
    assert not state.running
    assert not state.ended
    assert not state.decided
    assert state.fraction == 0.0
    assert state.file is None


def test_order_and_repetition_do_not_matter() -> None:
    story = [
        Started(OURS),
        Cached(OURS, ("4",)),
        Executing(OURS, "3"),
        NodeProgress(OURS, (NodeState("3", 10, 20),)),
        NodeProgress(OURS, (NodeState("3", 20, 20),)),
        Executing(OURS, "8"),
        Executed(OURS, "9", (FILE,)),
        Succeeded(OURS),
        Executing(OURS, None),
    ]
    for told in (story, story * 2, story[::-1], [m for m in story for _ in range(3)]):
        state = PromptState(OURS, GRAPH)
        fractions = []
        for message in told:
            state.take(message)
            fractions.append(state.fraction)
        assert state.decided
        assert state.file == FILE
        assert fractions == sorted(fractions)


def test_the_first_verdict_stands() -> None:
    state = PromptState(OURS, GRAPH)
    state.take(Failed(OURS, "3", "KSampler", "ValueError", "bad"))
    state.take(Succeeded(OURS))
    assert isinstance(state.failure, ExecutionFailed)
    assert not state.succeeded


def test_a_saved_picture_is_taken_before_a_previewed_one() -> None:
    graph = {"7": {"class_type": "PreviewImage", "inputs": {}}, **GRAPH}
    state = PromptState(OURS, graph)
    state.take(Executed(OURS, "7", (ServerFile("p.png", "", "temp"),)))
    assert state.file == ServerFile("p.png", "", "temp")
    state.take(Executed(OURS, "77", (ServerFile("unknown node.png", "", "output"),)))
    state.take(Executed(OURS, "9", (FILE, ServerFile("second.png", "", "output"))))
    assert state.file == FILE


def test_progress_is_over_the_whole_graph() -> None:
    progress = GraphProgress(GRAPH)
    progress.begin("4")
    progress.begin("3")
    loaded = progress.fraction
    progress.update([NodeState("", 10, 20)])
    half = progress.fraction
    progress.update([NodeState("3", 2, 20)])
    assert 0 < loaded < half == progress.fraction < 0.6
    progress.finish(["3", "8", "nobody"])
    progress.begin("9")
    assert half < progress.fraction < 1
    progress.finish(GRAPH)
    assert progress.fraction == 1.0


@pytest.mark.parametrize("graph", [{}, {"1": None}, {"1": {"inputs": {"steps": -5}}}, {"1": {}}])
def test_odd_graphs_have_progress_too(graph: dict[str, Any]) -> None:
    progress = GraphProgress(graph)
    progress.finish(graph)
    assert progress.fraction in {0.0, 1.0}
