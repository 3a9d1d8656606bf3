"""What a server would refuse in a graph is found and named before the graph is sent."""

from collections.abc import Callable
from typing import Any

import pytest
from comfy_interpreter import object_info
from hypothesis import given
from hypothesis import strategies as st
from recordings import recording

from vidgen_gui.core.messages import MessageId
from vidgen_gui.services.comfy_graph import ProblemKind, check_graph
from vidgen_gui.services.comfy_graph.check import MOST_SHOWN_CHARS

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["INT", "COMBO", "IMAGE", "class_type", "inputs", "1"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["1", "2", "input", "required", "output", "class_type", "inputs", "min"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def good_graph() -> dict[str, Any]:
    return {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": CHECKPOINT}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a heron", "clip": ["1", 1]}},
        "3": {
            "class_type": "EmptyLatentImage",
            "inputs": {"width": 512, "height": 768, "batch_size": 1},
        },
        "4": {
            "class_type": "KSampler",
            "inputs": {
                "model": ["1", 0],
                "seed": 5,
                "steps": 20,
                "cfg": 7.5,
                "sampler_name": "dpmpp_2m",
                "scheduler": "karras",
                "positive": ["2", 0],
                "negative": ["2", 0],
                "latent_image": ["3", 0],
                "denoise": 1.0,
            },
        },
        "5": {"class_type": "VAEDecode", "inputs": {"samples": ["4", 0], "vae": ["1", 2]}},
        "6": {"class_type": "SaveImage", "inputs": {"images": ["5", 0], "filename_prefix": "v"}},
    }


CHECKPOINT = "random_sd15.safetensors"
Graph = dict[str, Any]


def kinds(graph: object, info: object | None = None) -> set[ProblemKind]:
    return {problem.kind for problem in check_graph(graph, info or object_info())}


def test_a_good_graph_has_no_problem() -> None:
    assert check_graph(good_graph(), object_info()) == ()


def spoiled(node: str, name: str, value: object) -> Graph:
    graph = good_graph()
    graph[node]["inputs"][name] = value
    return graph


@pytest.mark.parametrize(
    ("node", "name", "value", "kind"),
    [
        ("4", "steps", 0, ProblemKind.OUT_OF_RANGE),
        ("4", "steps", 10_001, ProblemKind.OUT_OF_RANGE),
        ("4", "seed", -1, ProblemKind.OUT_OF_RANGE),
        ("4", "seed", 2**64, ProblemKind.OUT_OF_RANGE),
        ("4", "denoise", 1.01, ProblemKind.OUT_OF_RANGE),
        ("4", "cfg", float("nan"), ProblemKind.WRONG_TYPE),
        ("4", "cfg", float("inf"), ProblemKind.WRONG_TYPE),
        ("4", "steps", 10**400, ProblemKind.WRONG_TYPE),
        ("4", "steps", "many", ProblemKind.WRONG_TYPE),
        ("4", "steps", None, ProblemKind.WRONG_TYPE),
        ("4", "steps", {}, ProblemKind.WRONG_TYPE),
        ("3", "width", 8, ProblemKind.OUT_OF_RANGE),
        ("1", "ckpt_name", "missing.safetensors", ProblemKind.NOT_IN_LIST),
        ("1", "ckpt_name", None, ProblemKind.NOT_IN_LIST),
        ("1", "ckpt_name", [], ProblemKind.BAD_LINK),
        ("2", "text", {"a": 1}, ProblemKind.WRONG_TYPE),
        ("4", "model", "1", ProblemKind.WRONG_TYPE),
        ("4", "model", ["1", 3], ProblemKind.BAD_LINK),
        ("4", "model", ["1", -1], ProblemKind.BAD_LINK),
        ("4", "model", ["1", True], ProblemKind.BAD_LINK),
        ("4", "model", ["1"], ProblemKind.BAD_LINK),
        ("4", "model", ["99", 0], ProblemKind.BAD_LINK),
        ("4", "model", [["1"], 0], ProblemKind.BAD_LINK),
        ("4", "model", ["1", 1], ProblemKind.WRONG_TYPE),
        ("4", "latent_image", ["4", 0], ProblemKind.CYCLE),
    ],
)
def test_what_does_not_fit_is_named(node: str, name: str, value: object, kind: ProblemKind) -> None:
    problems = check_graph(spoiled(node, name, value), object_info())
    assert [problem.kind for problem in problems] == [kind]
    assert problems[0].node_id == node
    if kind is not ProblemKind.CYCLE:
        assert problems[0].input_name == name


@pytest.mark.req("F3", "O8")
def test_a_missing_checkpoint_is_told_with_what_there_is() -> None:
    (problem,) = check_graph(spoiled("1", "ckpt_name", "gone.ckpt"), object_info())
    assert problem.allowed == (CHECKPOINT, "sd_xl_base_1.0.safetensors")
    message = problem.message
    assert message.id is MessageId.GRAPH_VALUE_NOT_OFFERED
    assert message.params["given"] == "gone.ckpt"
    assert CHECKPOINT in message.params["allowed"]
    assert message.params["node"] == "CheckpointLoaderSimple"


def test_a_range_is_told() -> None:
    (problem,) = check_graph(spoiled("4", "steps", 0), object_info())
    assert problem.allowed == ("1…10000",)
    (problem,) = check_graph(spoiled("4", "denoise", 2), object_info())
    assert problem.allowed == ("0…1",)


@pytest.mark.parametrize("value", ["20", 20.0, True])
def test_what_the_server_itself_makes_a_number_of_passes(value: object) -> None:
    assert check_graph(spoiled("4", "steps", value), object_info()) == ()


def test_an_input_that_the_server_does_not_know_is_its_to_ignore() -> None:
    assert check_graph(spoiled("5", "overlap", 64), object_info()) == ()


def test_a_missing_input_and_a_missing_node() -> None:
    graph = good_graph()
    del graph["4"]["inputs"]["steps"]
    (problem,) = check_graph(graph, object_info())
    assert (problem.kind, problem.input_name) == (ProblemKind.MISSING_INPUT, "steps")
    graph["5"]["class_type"] = "NoSuchNode"
    (problem,) = check_graph(graph, object_info())
    assert (problem.kind, problem.class_type) == (ProblemKind.MISSING_NODE, "NoSuchNode")
    assert problem.message.id is MessageId.GRAPH_NODE_MISSING


def test_a_graph_that_puts_out_nothing() -> None:
    graph = good_graph()
    del graph["6"]
    assert kinds(graph) == {ProblemKind.NO_OUTPUT}


def test_a_long_cycle_is_found_without_recursion() -> None:
    graph: Graph = {
        str(n): {
            "class_type": "ImageScale",
            "inputs": {
                "image": [str((n + 1) % 5000), 0],
                "upscale_method": "lanczos",
                "width": 8,
                "height": 8,
                "crop": "center",
            },
        }
        for n in range(5000)
    }
    graph["end"] = {"class_type": "PreviewImage", "inputs": {"images": ["0", 0]}}
    assert kinds(graph) == {ProblemKind.CYCLE}


def test_inputs_are_checked_where_an_output_depends_on_them_only() -> None:
    graph = good_graph()
    graph["7"] = {"class_type": "VAEDecode", "inputs": {}}
    assert check_graph(graph, object_info()) == ()


@pytest.mark.parametrize(
    "graph", [None, [], {}, "graph", {"1": None}, {"1": {"class_type": "SaveImage"}}, {1: {}}]
)
def test_what_is_no_graph(graph: object) -> None:
    assert kinds(graph) == {ProblemKind.NOT_A_GRAPH}


@pytest.mark.parametrize(
    ("change", "accepted"),
    [
        (lambda info: info.update(SaveImage=7), False),
        (lambda info: info["VAEDecode"].update(input=None), False),
        (lambda info: info["VAEDecode"].update(output="IMAGE"), False),
        (lambda info: info["KSampler"]["input"]["required"].update(steps="INT"), False),
        (lambda info: info["KSampler"]["input"]["required"].update(steps=["INT", []]), False),
        (lambda info: info["SaveImage"].update(output_node="yes"), False),
        (lambda info: info["VAEDecode"].update(output=[]), False),
        (lambda info: info["VAEDecode"].update(output=[None]), False),
        (lambda info: info["KSampler"]["input"]["required"].update(steps=["INT"]), True),
        (
            lambda info: info["KSampler"]["input"]["required"].update(
                steps=["INT", {"min": "low", "max": None}]
            ),
            True,
        ),
        (lambda info: info["KSampler"]["input"].pop("hidden", None), True),
        (lambda info: info["VAEDecode"].update(output=["*"]), True),
        (lambda info: info["SaveImage"]["input"]["required"].update(images=["IMAGE,MASK"]), True),
        (
            lambda info: info["KSampler"]["input"]["required"].update(
                new=["COMFY_DYNAMICCOMBO_V3", {}]
            ),
            True,
        ),
        (
            lambda info: info["CheckpointLoaderSimple"]["input"]["required"].update(
                ckpt_name=[[], {"image_upload": True}]
            ),
            True,
        ),
    ],
)
def test_the_servers_own_description_is_not_trusted(
    change: Callable[[dict[str, Any]], object], *, accepted: bool
) -> None:
    info = object_info()
    change(info)
    assert (check_graph(good_graph(), info) == ()) is accepted


@given(graph=JSON, info=JSON)
def test_nothing_from_outside_can_break_the_check(graph: object, info: object) -> None:
    assert isinstance(check_graph(graph, info), tuple)


@given(value=JSON, name=st.sampled_from(["model", "steps", "sampler_name", "cfg"]))
def test_no_value_can_break_the_check(value: object, name: str) -> None:
    for problem in check_graph(spoiled("4", name, value), object_info()):
        assert problem.node_id == "4"
        assert len(problem.given) <= MOST_SHOWN_CHARS


@given(told=JSON)
def test_no_description_of_an_input_can_break_the_check(told: object) -> None:
    info = object_info()
    info["KSampler"]["input"]["required"]["steps"] = told
    assert isinstance(check_graph(good_graph(), info), tuple)


@pytest.mark.parametrize(
    "value", ["e" + "\u0301" * 900, "a\u093a" * 61, "[" + "\U0001f468\u200d" * 80]
)
def test_stacked_marks_are_shown_short(value: str) -> None:
    (problem,) = check_graph(spoiled("4", "model", value), object_info())
    assert len(problem.given) <= MOST_SHOWN_CHARS
    assert problem.given.endswith("…")


def test_hostile_names_are_shown_plain_and_short() -> None:
    graph = good_graph()
    graph["5"]["class_type"] = "<b>Evil\x1b[0m\u202e" + "x" * 5000
    (problem,) = check_graph(graph, object_info())
    assert problem.class_type.startswith("<b>Evil[0m")
    assert len(problem.class_type) <= MOST_SHOWN_CHARS


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("error_validation_ckpt", ProblemKind.NOT_IN_LIST),
        ("error_validation_range", ProblemKind.OUT_OF_RANGE),
        ("error_no_outputs", ProblemKind.NO_OUTPUT),
        ("error_unknown_node", ProblemKind.MISSING_NODE),
        ("success_txt2img", None),
        ("success_hires_tiled", None),
        ("success_cached_repeat", None),
    ],
)
def test_the_check_agrees_with_a_recorded_server(name: str, kind: ProblemKind | None) -> None:
    told = recording(f"comfyui-0.3.64/{name}.json")
    graph = told["request"]["body"]["prompt"]
    problems = check_graph(graph, object_info())
    assert [problem.kind for problem in problems] == ([] if kind is None else [kind])
    assert (told["response"]["status"] == 200) is (kind is None)
