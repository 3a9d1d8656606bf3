"""The fake ComfyUI misbehaves as it promises: messages, answers, pictures."""

import json
import struct
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from comfy_fake_kit import WAIT_S, finished, history, kinds, pixels, post, prompt_request, served
from comfy_talk import replay
from fakes.comfy_parts.faults import SOON_OVER
from fakes.comfyui import FakeComfyUI, Fault, JobState
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

SILENT = {Fault.NEVER_ANSWER, Fault.QUEUE_AND_NEVER_ANSWER, Fault.DRIP}
"""After these a client waits in vain."""


@pytest.fixture
def server() -> Iterator[FakeComfyUI]:
    with FakeComfyUI() as started:
        yield started


def test_a_dropped_socket_does_not_end_the_run(server: FakeComfyUI) -> None:
    server.faults.append("drop-mid-run")
    request = prompt_request()
    with pytest.raises(ConnectionClosed):
        replay(server.url, request)
    server.wait_for_state(JobState.DONE)
    assert history(server)[request["body"]["prompt_id"]]["status"]["completed"]


def test_messages_go_to_the_submitting_client_only(server: FakeComfyUI) -> None:
    with connect(server.url.replace("http", "ws", 1) + "/ws?clientId=other") as other:
        replay(server.url, prompt_request())
        requests.post(f"{server.url}/queue", json={"clear": False}, timeout=WAIT_S)
        heard = []
        while len(heard) < 4:
            heard.append(json.loads(other.recv(timeout=WAIT_S))["type"])
    assert set(heard) == {"status"}


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("duplicate-messages", lambda said: said.count("execution_success") == 2),
        ("unknown-messages", lambda said: "crystools.monitor" in said),
        ("foreign-messages", lambda said: said.count("execution_start") == 2),
        ("huge-message", lambda said: "logs" in said),
    ],
)
def test_messages_misbehave_on_cue(server: FakeComfyUI, fault: str, seen: Any) -> None:
    server.faults.append(fault)
    assert seen(kinds(replay(server.url, prompt_request())))


def test_messages_can_come_out_of_order(server: FakeComfyUI) -> None:
    usual = kinds(replay(server.url, prompt_request()))
    server.faults.append("out-of-order-messages")
    mixed = kinds(replay(server.url, prompt_request()))
    assert usual.index("execution_start") < usual.index("execution_cached")
    assert mixed.index("execution_cached") < mixed.index("execution_start")


@pytest.mark.parametrize(("knows", "event"), [(False, 1), (True, 4)])
def test_previews_come_in_the_frame_that_the_client_knows(*, knows: bool, event: int) -> None:
    with FakeComfyUI(previews=True) as server:
        address = server.url.replace("http", "ws", 1) + "/ws?clientId=tester"
        with connect(address, close_timeout=0.1) as listener:
            listener.recv(timeout=WAIT_S)
            if knows:
                features = {"supports_preview_metadata": True}
                listener.send(json.dumps({"type": "feature_flags", "data": features}))
                assert json.loads(listener.recv(timeout=WAIT_S))["type"] == "feature_flags"
            post(server)
            frame: str | bytes = ""
            while isinstance(frame, str):
                frame = listener.recv(timeout=WAIT_S)
        assert struct.unpack_from(">I", frame)[0] == event
        assert b"\xff\xd8\xff" in frame


@pytest.mark.parametrize(
    ("fault", "status"),
    [("500", 500), ("429", 429), ("503", 503), ("html", 200), ("redirect", 302)],
)
def test_a_post_is_answered_badly_once(server: FakeComfyUI, fault: str, status: int) -> None:
    server.faults.append(fault)
    body = prompt_request()["body"]
    answer = requests.post(f"{server.url}/prompt", json=body, timeout=WAIT_S, allow_redirects=False)
    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) == (status in {429, 503})
    assert server.prompts[-1].state is JobState.REFUSED
    assert finished(server)["status"]["completed"]


@pytest.mark.parametrize("fault", ["never-answer", "queue-and-never-answer"])
def test_an_answer_can_be_withheld(server: FakeComfyUI, fault: str) -> None:
    server.faults.append(fault)
    with pytest.raises(requests.RequestException):
        requests.post(f"{server.url}/prompt", json=prompt_request()["body"], timeout=0.2).json()
    server.wait(lambda fake: fake.prompts)
    if fault == "queue-and-never-answer":
        server.wait_for_state(JobState.DONE)
    else:
        server.wait_for_state(JobState.REFUSED)


def test_an_answer_can_drip_for_ever(server: FakeComfyUI) -> None:
    server.route_faults.once("/queue", "drip")
    with requests.get(f"{server.url}/queue", timeout=WAIT_S, stream=True) as answer:
        drops = answer.iter_content(1)
        assert [next(drops) for _ in range(3)] == [b" "] * 3
    server.wait(lambda fake: fake.connections == 0)


@pytest.mark.parametrize(
    ("fault", "unusable"),
    [
        ("truncated-image", lambda data: b"IEND" not in data),
        ("not-an-image", lambda data: not data.startswith(b"\x89PNG")),
        ("html-image", lambda data: data.startswith(b"<!doctype")),
        ("bomb-image", lambda data: data[16:24] == struct.pack(">II", 60_000, 60_000)),
        ("black-image", lambda data: pixels(data).max() == 0),
        ("wrong-size-image", lambda data: pixels(data).shape != (96, 64, 3)),
    ],
)
def test_pictures_spoil_on_cue(server: FakeComfyUI, fault: str, unusable: Any) -> None:
    server.faults.append(fault)
    assert unusable(served(server, finished(server)).content)


def test_a_picture_can_be_cut_off_on_the_way(server: FakeComfyUI) -> None:
    server.faults.append("cut-image")
    entry = finished(server)
    with pytest.raises(requests.RequestException):
        served(server, entry)


def test_names_can_lead_out_of_the_folder_and_are_served(server: FakeComfyUI) -> None:
    server.faults.append("traversal-name")
    entry = finished(server)
    assert entry["outputs"]["9"]["images"][0]["filename"].startswith("../")
    assert served(server, entry).status_code == 200


def test_a_route_misbehaves_as_often_as_it_is_told(server: FakeComfyUI) -> None:
    server.route_faults.once("/queue", "500", times=2)
    server.route_faults.always("/free", "html")
    states = [requests.get(f"{server.url}/queue", timeout=WAIT_S).status_code for _ in range(3)]
    assert states == [500, 500, 200]
    answer = requests.post(f"{server.url}/free", json={}, timeout=WAIT_S)
    assert answer.text.startswith("<!doctype")


def test_after_every_fault_that_passes_it_serves_the_next_prompt() -> None:
    with FakeComfyUI(restart_s=0.0) as server:
        for fault in sorted(SOON_OVER - {Fault.HUGE_BODY}):
            server.faults.append(fault)
            try:
                _give_up_early(server, 0.3 if fault in SILENT else WAIT_S)
            except requests.RequestException:
                assert fault in {
                    Fault.CLOSE, Fault.CUT_BODY, Fault.DRIP, Fault.NEVER_ANSWER, Fault.REDIRECT,
                    Fault.QUEUE_AND_CLOSE, Fault.QUEUE_AND_NEVER_ANSWER,
                }  # fmt: skip
            if fault is Fault.HANG:
                server.wait_for_state(JobState.RUNNING)
                requests.post(f"{server.url}/interrupt", json={}, timeout=WAIT_S)
            server.wait(lambda fake: fake.prompts[-1].state not in {"waiting", "running"})
            server.wait(lambda fake: fake.inner.is_up)
            assert finished(server)["status"]["completed"], fault


def _give_up_early(server: FakeComfyUI, timeout_s: float) -> None:
    """Post as a client does that reads little and does not wait for the rest."""
    body = prompt_request()["body"]
    with requests.post(f"{server.url}/prompt", json=body, timeout=timeout_s, stream=True) as answer:
        answer.raw.read(1)
