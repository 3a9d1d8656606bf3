"""The fake ComfyUI itself: pictures and memory by the graph, the queue, coming and going."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pytest
import requests
from comfy_fake_kit import (
    WAIT_S,
    enlarge,
    failure,
    finished,
    free_mib,
    history,
    picture_graph,
    pixels,
    post,
    prompt_request,
    served,
)
from comfy_talk import replay
from fakes.comfy_parts.demands import way_of
from fakes.comfy_parts.memory import SD15, SDXL, Memory
from fakes.comfyui import FakeComfyUI, JobState
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect


@pytest.fixture
def server() -> Iterator[FakeComfyUI]:
    with FakeComfyUI() as started:
        yield started


def test_pictures_have_the_size_that_the_graph_implies_and_are_not_blank(
    server: FakeComfyUI,
) -> None:
    graph = picture_graph(128, 192)
    enlarge(graph, 300, 500)
    picture = pixels(served(server, finished(server, graph)).content)
    assert picture.shape == (500, 300, 3)
    assert picture.std() > 5


def test_a_tile_comes_back_into_its_place(server: FakeComfyUI) -> None:
    upload = {"image": ("tile.png", cv2.imencode(".png", np.full((64, 64, 3), 250, np.uint8))[1])}
    kept = requests.post(f"{server.url}/upload/image", files=upload, timeout=WAIT_S).json()
    graph = picture_graph(128, 128)
    graph["30"] = {"class_type": "LoadImage", "inputs": {"image": kept["name"]}}
    graph["31"] = {
        "class_type": "ImageCompositeMasked",
        "inputs": {
            "destination": ["8", 0], "source": ["30", 0], "x": 32, "y": 16, "resize_source": False,
        },
    }  # fmt: skip
    graph["9"]["inputs"]["images"] = ["31", 0]
    picture = pixels(served(server, finished(server, graph)).content)
    assert picture[16:80, 32:96].min() == 250
    assert (picture[:16] != 250).any()


def test_seeds_make_different_pictures_and_the_same_seed_the_same(server: FakeComfyUI) -> None:
    first, again, other = (
        served(server, finished(server, picture_graph(seed=seed, prefix=prefix))).content
        for seed, prefix in ((5, "a"), (5, "b"), (6, "c"))
    )
    assert (pixels(first) == pixels(again)).all()
    assert (pixels(first) != pixels(other)).any()


def test_what_does_not_fit_fails_as_on_a_card_and_unloads_the_models() -> None:
    with FakeComfyUI(budget_mib=6000) as server:
        finished(server)
        assert free_mib(server) < 6000 - 1000
        done = replay(server.url, prompt_request(picture_graph(1440, 2560, steps=1)))
        (entry,) = done.history.values()
        told = failure(entry)
        assert told["exception_type"] == "torch.OutOfMemoryError"
        assert told["node_type"] == "VAEDecode"
        assert "This error means you ran out of memory on your GPU." in told["exception_message"]
        assert free_mib(server) == pytest.approx(6000 - 250, abs=1)
        tiled = finished(server, picture_graph(1440, 2560, steps=1, tile=512))
        assert tiled["status"]["status_str"] == "success"


def test_a_server_may_save_itself_by_decoding_in_tiles() -> None:
    graph = picture_graph(1440, 2560, steps=1)
    with FakeComfyUI(budget_mib=6000, vae_retries=True) as server:
        assert finished(server, graph)["status"]["status_str"] == "success"


def test_the_peak_is_the_rules_figure_times_the_hidden_error() -> None:
    peaks = []
    for factor in (1.0, 1.5):
        with FakeComfyUI(error_factor=factor) as server:
            finished(server, picture_graph(512, 768))
            finished(server, picture_graph(512, 768))
            first, second = (job.peak_mib for job in server.prompts)
            assert first != second
            assert second == pytest.approx(first, rel=0.12)
            peaks.append(first)
    # 2178 · 96 · 64 · 64 · 2 bytes are 1,633 MiB for the decode alone.
    assert peaks[0] == pytest.approx(1633 + 250 + 1679 + 235 + 164, rel=0.1)
    assert peaks[1] > peaks[0] * 1.15


def test_each_family_and_way_keeps_its_own_error() -> None:
    memory = Memory(24_000, (0.7, 1.6))
    ways = [way_of(picture_graph()), way_of(picture_graph(tile=256))]
    seen = {
        (family.name, way): [memory.factor(family, way, run) for run in range(50)]
        for family in (SD15, SDXL)
        for way in ways
    }
    centres = {round(sum(factors) / len(factors), 3) for factors in seen.values()}
    assert len(centres) == 4
    assert all(0.65 < centre < 1.7 for centre in centres)
    assert all(max(factors) / min(factors) < 1.06 / 0.94 for factors in seen.values())


def test_freeing_gives_the_memory_back(server: FakeComfyUI) -> None:
    finished(server)
    assert free_mib(server) < 23_000
    requests.post(f"{server.url}/free", json={"unload_models": True}, timeout=WAIT_S)
    server.wait(lambda fake: not fake.memory.loaded)
    assert free_mib(server) == pytest.approx(24_000 - 250, abs=1)


def test_a_waiting_prompt_can_be_deleted_and_only_the_own_one_is(server: FakeComfyUI) -> None:
    (running,) = server.add_foreign()
    prompt_id = post(server).json()["prompt_id"]
    queue = requests.get(f"{server.url}/queue", timeout=WAIT_S).json()
    assert [item[1] for item in queue["queue_running"]] == [running]
    assert [item[1] for item in queue["queue_pending"]] == [prompt_id]
    requests.post(f"{server.url}/queue", json={"delete": [prompt_id]}, timeout=WAIT_S)
    assert server.prompts[-1].state is JobState.DELETED
    assert not server.foreign_touched


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/interrupt", {}),
        ("/queue", {"clear": True}),
        ("/queue", {"delete": ["theirs"]}),
        ("/interrupt", {"prompt_id": "theirs"}),
    ],
)
def test_it_notices_who_touches_somebody_elses_prompt(
    server: FakeComfyUI, path: str, body: dict[str, Any]
) -> None:
    running, waiting = server.add_foreign(2)
    server.wait(lambda fake: fake.inner.books.running)
    theirs = running if path == "/interrupt" else waiting
    text = json.dumps(body).replace("theirs", theirs)
    requests.post(f"{server.url}{path}", data=text, timeout=WAIT_S)
    assert server.foreign_touched


def test_an_older_server_interrupts_whatever_runs() -> None:
    with FakeComfyUI(older=True) as server:
        server.add_foreign()
        server.wait(lambda fake: fake.inner.books.running)
        requests.post(f"{server.url}/interrupt", json={"prompt_id": "mine"}, timeout=WAIT_S)
        server.wait(lambda fake: fake.foreign[0].state is JobState.INTERRUPTED)
        assert server.foreign_touched


def test_a_hanging_run_ends_by_an_interrupt_and_the_next_one_works(server: FakeComfyUI) -> None:
    server.faults.append("hang")
    prompt_id = post(server).json()["prompt_id"]
    server.wait_for_state(JobState.RUNNING)
    requests.post(f"{server.url}/interrupt", json={"prompt_id": "other"}, timeout=WAIT_S)
    assert server.prompts[-1].state is JobState.RUNNING
    requests.post(f"{server.url}/interrupt", json={"prompt_id": prompt_id}, timeout=WAIT_S)
    server.wait_for_state(JobState.INTERRUPTED)
    assert finished(server)["status"]["status_str"] == "success"


def test_a_restart_keeps_the_port_and_loses_the_history(server: FakeComfyUI) -> None:
    port = server.port
    finished(server)
    assert history(server)
    server.restart()
    assert server.port == port
    assert history(server) == {}
    assert finished(server)["status"]["status_str"] == "success"


def test_a_dead_server_refuses_until_it_is_revived(server: FakeComfyUI) -> None:
    server.faults.append("die")
    address = server.url.replace("http", "ws", 1) + "/ws?clientId=tester"
    with connect(address) as listener:
        post(server)
        with pytest.raises(ConnectionClosed):
            list(iter(listener.recv, None))
    server.wait_for_state(JobState.LOST)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_S)
    server.revive()
    assert history(server) == {}


def test_a_slow_start_refuses_at_first() -> None:
    with FakeComfyUI(start_delay_s=2.0) as server:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_S)
        server.wait(lambda fake: fake.inner.is_up)
        assert history(server) == {}


def test_a_newer_server_names_the_missing_node() -> None:
    graph = picture_graph()
    graph["8"] = graph["8"] | {"class_type": "NotHere", "_meta": {"title": "Decode it"}}
    with FakeComfyUI(newer=True) as server:
        answer = post(server, graph)
    assert answer.status_code == 400
    told = answer.json()["error"]
    assert told["type"] == "missing_node_type"
    assert told["extra_info"] == {
        "node_id": "8",
        "class_type": "NotHere",
        "node_title": "Decode it",
    }


def test_what_a_broken_upstream_spoils_is_told_and_the_rest_is_drawn(
    server: FakeComfyUI,
) -> None:
    graph = picture_graph()
    graph["30"] = {
        "class_type": "ImageScaleBy",
        "inputs": {"image": ["8", 0], "upscale_method": "magic", "scale_by": 99.0},
    }
    graph["31"] = {
        "class_type": "SaveImage",
        "inputs": {"filename_prefix": "big", "images": ["30", 0]},
    }
    answer = post(server, graph)
    assert answer.status_code == 200
    errors = answer.json()["node_errors"]
    assert errors["30"]["dependent_outputs"] == ["31"]
    told = [(error["type"], error["extra_info"]["input_name"]) for error in errors["30"]["errors"]]
    assert told == [("value_not_in_list", "upscale_method"), ("value_bigger_than_max", "scale_by")]
    server.wait_for_state(JobState.DONE)
    (entry,) = history(server).values()
    assert list(entry["outputs"]) == ["9"]


@pytest.mark.parametrize(
    ("changed", "value", "kind"),
    [
        (("3", "steps"), None, "required_input_missing"),
        (("3", "steps"), "many", "invalid_input_type"),
        (("3", "seed"), -1, "value_smaller_than_min"),
        (("8", "samples"), ["3"], "bad_linked_input"),
        (("8", "samples"), ["4", 0], "return_type_mismatch"),
        (("8", "samples"), ["77", 0], "exception_during_inner_validation"),
    ],
)
def test_graphs_are_refused_in_the_servers_words(
    server: FakeComfyUI, changed: tuple[str, str], value: Any, kind: str
) -> None:
    graph = picture_graph()
    node, name = changed
    graph[node]["inputs"][name] = value
    if value is None:
        del graph[node]["inputs"][name]
    answer = post(server, graph)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "prompt_outputs_failed_validation"
    assert [error["type"] for error in answer.json()["node_errors"][node]["errors"]] == [kind]
