"""Every misbehaviour of a ComfyUI server that the fake knows: the picture comes, or a reason.

What must hold each time: within the deadline, nothing left behind, nobody else's prompt touched,
and the next picture works.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from busy_machine import in_time
from comfy_kit import SIZE, Story, client, follow, graph, run
from fakes.comfyui import FakeComfyUI, JobState
from fakes.raw_server import Peer, RawServer, always, answer, once, refused_port

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.errors import Cancelled, ServiceError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.net.address import parse_address
from vidgen_gui.net.errors import Garbled, HttpFailure, RedirectRefused, TooSlow, Unreachable
from vidgen_gui.services.comfyui.errors import (
    DeadlinePassed,
    ExecutionFailed,
    InterruptedByOther,
    MissingCheckpoint,
    OutOfGpuMemory,
    OutOfRam,
    PictureUnusable,
    ServerGone,
)
from vidgen_gui.services.comfyui.listener import Listener

SURVIVED = """
    500 503 429 html garbled-json empty-body huge-body cut-body close drip never-answer
    queue-and-never-answer queue-and-close
    drop-before-start drop-mid-run silent duplicate-messages out-of-order-messages
    unknown-messages garbage-messages huge-message huge-preview foreign-messages foreign-around
    late-history traversal-name absolute-name
""".split()
"""After these the picture comes all the same."""

FAILED: dict[str, type[ServiceError]] = {
    "redirect": RedirectRefused,
    "missing-checkpoint": MissingCheckpoint,
    "restart": ServerGone,
    "die": ServerGone,
    "hang": DeadlinePassed,
    "hang-hard": DeadlinePassed,
    "oom": OutOfGpuMemory,
    "oom-old": OutOfGpuMemory,
    "oom-accelerator": OutOfGpuMemory,
    "oom-hip": OutOfGpuMemory,
    "oom-mps": OutOfGpuMemory,
    "oom-ram": OutOfRam,
    "execution-error": ExecutionFailed,
    "interrupted": InterruptedByOther,
    "deleted": InterruptedByOther,
    "truncated-image": PictureUnusable,
    "cut-image": PictureUnusable,
    "wrong-size-image": PictureUnusable,
    "black-image": PictureUnusable,
    "not-an-image": PictureUnusable,
    "html-image": PictureUnusable,
    "endless-image": PictureUnusable,
    "bomb-image": PictureUnusable,
    "missing-image": PictureUnusable,
    "no-outputs": PictureUnusable,
}
"""These no client can mend; each has its own name."""

DEADLINE_S = 12.0
GRACE_S = 3.0
"""A deadline is kept to the moment; a busy machine is late all the same."""


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDGEN_PATIENCE", "0.2")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder / "picture.png"


def run_timed(server: FakeComfyUI, target: Path, seed: int = 1) -> Story:
    started = time.monotonic()
    try:
        return run(server, target, work=graph(seed), deadline_s=DEADLINE_S)
    finally:
        assert time.monotonic() - started < DEADLINE_S + GRACE_S


def check_aftermath(server: FakeComfyUI, target: Path, files: int) -> None:
    assert not server.foreign_touched
    server.wait(lambda fake: fake.sockets == 0)
    assert len(list(target.parent.iterdir())) == files
    assert [path.name for path in target.parent.parent.iterdir() if path.suffix == ".png"] == []


@pytest.mark.parametrize("fault", SURVIVED)
@pytest.mark.req("ERR-3", "I2")
def test_the_picture_comes_all_the_same(fault: str, target: Path) -> None:
    with FakeComfyUI(previews=True, step_s=0.01) as server:
        server.faults.append(fault)
        assert run_timed(server, target).done.size == SIZE
        check_aftermath(server, target, 1)


@pytest.mark.parametrize("fault", FAILED)
@pytest.mark.req("F3", "I1", "I2", "K3")
def test_what_cannot_be_mended_has_a_name(fault: str, target: Path) -> None:
    with FakeComfyUI(step_s=0.01) as server:
        server.faults.append(fault)
        with pytest.raises(FAILED[fault]) as caught:
            run_timed(server, target)
        assert type(caught.value) is FAILED[fault]
        # What cannot succeed was asked for once.
        assert len(server.prompts) == 1
        check_aftermath(server, target, 0)
        server.restart() if fault == "hang-hard" else server.revive()
        assert run_timed(server, target, seed=2).done.size == SIZE


def test_every_fault_that_the_fake_knows_is_tried() -> None:
    from fakes.comfyui import Fault

    assert {*SURVIVED, *FAILED, "none"} == {fault.value for fault in Fault}


@pytest.mark.req("F3")
def test_failures_say_where_why_and_what_is_allowed(target: Path) -> None:
    with FakeComfyUI(checkpoints=("b.safetensors", "a/c.safetensors")) as server:
        with pytest.raises(MissingCheckpoint) as missing:
            run(server, target)
        assert missing.value.allowed == ("b.safetensors", "a/c.safetensors")
        work = graph(checkpoint="b.safetensors")
        server.faults.append("execution-error")
        with pytest.raises(ExecutionFailed) as failed:
            run(server, target, work=work)
    params = failed.value.message.params
    assert (params["node"], params["node_type"]) == ("3", "KSampler")
    assert "cannot be multiplied" in params["words"]


@pytest.mark.parametrize("option", [{}, {"vae_retries": True}])
def test_a_card_that_is_too_small_is_told_from_other_failures(
    option: dict[str, bool], target: Path
) -> None:
    with FakeComfyUI(budget_mib=900, **option) as server:  # type: ignore[arg-type]
        work = graph()
        work["5"]["inputs"] |= {"width": 2048, "height": 2048}
        with pytest.raises(OutOfGpuMemory):
            run(server, target, work=work, size=None)


def test_a_dropped_socket_is_opened_again_under_the_same_name(target: Path) -> None:
    """Progress goes on after the drop, which only messages to the same client id can tell."""
    with FakeComfyUI(step_s=0.1, previews=True) as server:
        story, dropped = Story(), threading.Event()

        def drop() -> None:
            server.wait(lambda fake: fake.inner.books.running and story.events[3:])
            server.drop_sockets()
            dropped.set()

        thread = threading.Thread(target=drop)
        thread.start()
        with client(server.url) as comfy:
            steps = comfy.run(
                graph(steps=50), target, size=SIZE, deadline_s=60, cancel=CancelToken()
            )
            after: list[float] = []
            for event in steps:
                story.events.append(event)
                if dropped.is_set():
                    after.append(event.fraction)
        thread.join()
    assert len(set(after)) > 3
    assert after[0] < 0.9


@pytest.mark.req("I2")
def test_a_restart_is_noticed_long_before_the_deadline(target: Path) -> None:
    with FakeComfyUI(step_s=0.01, restart_s=0.3) as server:
        server.faults.append("restart")
        started = time.monotonic()
        with pytest.raises(ServerGone):
            run(server, target, deadline_s=600)
        assert time.monotonic() - started < 60


def test_a_history_that_survives_a_restart_is_used(target: Path) -> None:
    """The prompt finished while the socket was down and the server was started anew."""
    with FakeComfyUI(step_s=0.05) as server, client(server.url) as comfy:
        steps = comfy.run(graph(), target, size=SIZE, deadline_s=60, cancel=CancelToken())
        next(steps)
        server.wait_for_state(JobState.DONE)
        server.restart(lose_history=False)
        assert follow(steps).done.size == SIZE


@pytest.mark.req("ERR-3", "I2")
def test_without_a_websocket_the_server_is_asked_now_and_then(target: Path) -> None:
    with FakeComfyUI(step_s=0.1) as server:
        server.route_faults.always("/ws", "500")
        started = time.monotonic()
        assert run(server, target, work=graph(steps=20)).done.size == SIZE
        took_s = time.monotonic() - started
        asked = server.inner.requests["GET /history"] + server.inner.requests["GET /queue"]
    # Two seconds of drawing, asked every fifth of a second at most, history and queue.
    assert 2 <= asked <= 2 * (took_s / 0.2 + 2)


ROUTE_FAULTS = "500 429 html garbled-json empty-body huge-body cut-body close redirect".split()


@pytest.mark.parametrize("fault", ROUTE_FAULTS)
def test_one_bad_answer_on_the_way_is_survived(fault: str, target: Path) -> None:
    """The socket drops, so history and queue are needed, and their first answers are bad."""
    with FakeComfyUI(step_s=0.02) as server:
        server.faults.append("drop-mid-run")
        for route in ("/history", "/queue", "/view"):
            # A picture that is too large or elsewhere is refused at once.
            if route != "/view" or fault not in {"redirect", "huge-body"}:
                server.route_faults.once(route, fault)
        assert run_timed(server, target).done.size == SIZE


def test_a_server_that_only_fails_is_given_up(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDGEN_PATIENCE", "0.05")
    with FakeComfyUI(step_s=0.5) as server:
        for route in ("/ws", "/history", "/queue"):
            server.route_faults.always(route, "500")
        started = time.monotonic()
        with pytest.raises(ServerGone):
            run(server, target, work=graph(steps=1000), deadline_s=600)
        assert time.monotonic() - started < 60


@pytest.mark.req("I2")
def test_a_server_that_accepts_and_never_answers_ends_at_the_deadline(target: Path) -> None:
    with RawServer(Peer.hold) as server:
        started = time.monotonic()
        with pytest.raises(DeadlinePassed):
            run(server, target, deadline_s=1.0)  # type: ignore[arg-type]
        assert time.monotonic() - started < 1.0 + GRACE_S
        with pytest.raises(TooSlow):
            run(server, target, deadline_s=600)  # type: ignore[arg-type]
        assert time.monotonic() - started < 60


def test_nobody_there_is_said_at_once(target: Path) -> None:
    with refused_port() as port, client(f"127.0.0.1:{port}") as comfy:
        started = time.monotonic()
        with pytest.raises(Unreachable):
            follow(comfy.run(graph(), target, size=SIZE, deadline_s=600, cancel=CancelToken()))
        assert time.monotonic() - started < 10


def test_a_retry_after_longer_than_the_deadline_is_not_waited_for(target: Path) -> None:
    busy = answer(b"{}", "429 Too Many Requests", {"Retry-After": "3600"})
    with RawServer(always(busy)) as server:
        started = time.monotonic()
        with pytest.raises(HttpFailure) as caught:
            run(server, target, deadline_s=60)  # type: ignore[arg-type]
        assert time.monotonic() - started < 10
    assert caught.value.status == 429


ELSEWHERE = answer(b"", "302 Found", {"Location": "http://127.0.0.9:1/ws"})
HANDSHAKES: list[tuple[Callable[[Peer], None], type[ServiceError]]] = [
    (always(answer(b"no", "401 Unauthorized")), HttpFailure),
    (always(answer(b"<html>", "200 OK")), HttpFailure),
    (always(ELSEWHERE), RedirectRefused),
    (always(answer(b"", "302 Found", {"Location": "/elsewhere"})), RedirectRefused),
    (once(b"SSH-2.0-OpenSSH_9\r\n\r\n", then=Peer.hold), Garbled),
    (once(b"HTTP/1.1 101 Switching Protocols\r\n\r\n", then=Peer.hold), Garbled),
    (once(), Unreachable),
    (Peer.reset, Unreachable),
    (Peer.hold, TooSlow),
]


@pytest.fixture
def token() -> Iterator[CancelToken]:
    return CancelToken()


@pytest.mark.parametrize(("act", "error"), HANDSHAKES)
def test_handshakes_that_fail(
    act: Callable[[Peer], None], error: type[ServiceError], token: CancelToken
) -> None:
    with RawServer(act) as server:
        listener = Listener(parse_address(server.url), "me")
        with pytest.raises(error) as caught:
            listener.connect(1.0 if error is TooSlow else 20.0, token)
        assert type(caught.value) is error
        assert not listener.connected
        assert "127.0.0.9" not in str(server.requests)
        listener.close()


def test_a_secure_address_is_not_spoken_to_in_the_clear(token: CancelToken) -> None:
    with RawServer(Peer.hold) as server:
        listener = Listener(
            parse_address(server.url.replace("http", "https")), "me", {"Authorization": "Bearer k"}
        )
        with pytest.raises(TooSlow):
            listener.connect(0.5, token)
    with RawServer(lambda peer: peer.send(answer(b"plain"))) as server:
        listener = Listener(parse_address(server.url.replace("http", "https")), "me")
        with pytest.raises(Unreachable) as caught:
            listener.connect(20, token)
    assert caught.value.message.id is MessageId.SERVER_NOT_TRUSTED
    assert server.requests == []


def test_the_handshake_names_the_client_and_shows_the_key(token: CancelToken) -> None:
    with RawServer(once(answer(b"", "403 Forbidden"))) as server:
        listener = Listener(
            parse_address(f"{server.url}/proxy"), "me", {"Authorization": "Bearer k"}
        )
        with pytest.raises(HttpFailure):
            listener.connect(20, token)
        (request,) = server.requests
    assert request.path == "/proxy/ws?clientId=me"
    assert request.headers["authorization"] == "Bearer k"
    assert "origin" not in request.headers


def test_a_cancel_ends_a_handshake_at_once(token: CancelToken) -> None:
    cancelled_at: list[float] = []

    def cancel() -> None:
        cancelled_at.append(time.monotonic())
        token.cancel()

    with RawServer(Peer.hold) as server:
        timer = threading.Timer(0.2, cancel)
        timer.start()
        with pytest.raises(Cancelled):
            Listener(parse_address(server.url), "me").connect(60, token)
        assert in_time(time.monotonic() - cancelled_at[0], 1.0)
        timer.join()


def test_the_environments_proxy_plays_no_part(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy, FakeComfyUI() as server:
        for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        monkeypatch.delenv("no_proxy", raising=False)
        assert run(server, target).done.size == SIZE
