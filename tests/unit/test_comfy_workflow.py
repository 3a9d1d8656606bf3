"""A person's own workflow file: its faults are said when it is added, and it is filled in."""

import json
from typing import Any

import pytest
from comfy_interpreter import object_info
from hypothesis import given
from hypothesis import strategies as st
from recordings import recording

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.messages import MessageId
from vidgen_gui.services.comfy_graph import PLACEHOLDERS, UserWorkflow, check_graph, load_workflow
from vidgen_gui.services.comfy_graph.workflow import MOST_BYTES, MOST_DEPTH


def workflow() -> dict[str, Any]:
    return {
        "4": {
            "class_type": "CheckpointLoaderSimple",
            "inputs": {"ckpt_name": "random_sd15.safetensors"},
            "_meta": {"title": "{{anything}} in a title"},
        },
        "5": {
            "class_type": "EmptyLatentImage",
            "inputs": {"width": "{{width}}", "height": " {{ height }} ", "batch_size": 1},
        },
        "6": {
            "class_type": "CLIPTextEncode",
            "inputs": {"text": "masterpiece, {{prompt}}, sharp", "clip": ["4", 1]},
        },
        "7": {
            "class_type": "CLIPTextEncode",
            "inputs": {"text": "{{negative}}", "clip": ["4", 1]},
        },
        "3": {
            "class_type": "KSampler",
            "inputs": {
                "seed": "{{seed}}",
                "steps": "{{steps}}",
                "cfg": "{{cfg}}",
                "sampler_name": "dpmpp_2m",
                "scheduler": "karras",
                "denoise": 1.0,
                "model": ["4", 0],
                "positive": ["6", 0],
                "negative": ["7", 0],
                "latent_image": ["5", 0],
            },
        },
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
        "9": {
            "class_type": "SaveImage",
            "inputs": {"filename_prefix": "mine_{{seed}}_{{width}}", "images": ["8", 0]},
        },
    }


def filled(loaded: UserWorkflow, prompt: str = "a heron", **changed: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"seed": 7, "width": 512, "height": 768, "steps": 20, "cfg": 7.5}
    return loaded.fill(prompt, "blurry", **values | changed)


def refused(text: str) -> MessageId:
    with pytest.raises(InputError) as caught:
        load_workflow(text)
    return caught.value.message.id


def test_a_workflow_is_filled_in() -> None:
    loaded = load_workflow(json.dumps(workflow()))
    assert loaded.placeholders == set(PLACEHOLDERS)
    assert loaded.output_ids == ("9",)
    graph = filled(loaded)
    assert graph["6"]["inputs"]["text"] == "masterpiece, a heron, sharp"
    assert graph["7"]["inputs"]["text"] == "blurry"
    assert graph["5"]["inputs"] == {"width": 512, "height": 768, "batch_size": 1}
    sampler = graph["3"]["inputs"]
    assert (sampler["seed"], sampler["steps"], sampler["cfg"]) == (7, 20, 7.5)
    assert graph["9"]["inputs"]["filename_prefix"] == "mine_7_512"
    assert "_meta" not in graph["4"]
    assert check_graph(graph, object_info()) == ()


def test_filling_leaves_the_workflow_as_it_was() -> None:
    loaded = load_workflow(json.dumps(workflow()))
    first = filled(loaded)
    first["3"]["inputs"]["model"].append("spoiled")
    again = filled(loaded, "a crane", seed=8)
    assert again["3"]["inputs"]["model"] == ["4", 0]
    assert again["6"]["inputs"]["text"] == "masterpiece, a crane, sharp"


@pytest.mark.req("T2")
def test_a_seed_of_any_size_is_folded() -> None:
    loaded = load_workflow(json.dumps(workflow()))
    assert filled(loaded, seed=-1)["3"]["inputs"]["seed"] == 2**64 - 1


@given(prompt=st.text(max_size=60) | st.sampled_from(["{{seed}}", '"}, "x": {"', "\\", "{", "}}"]))
def test_no_prompt_can_change_anything_but_its_own_text(prompt: str) -> None:
    loaded = load_workflow(json.dumps(workflow()))
    graph = json.loads(json.dumps(filled(loaded, prompt)))
    plain = filled(loaded)
    plain["6"]["inputs"]["text"] = graph["6"]["inputs"]["text"]
    assert graph == plain
    text = graph["6"]["inputs"]["text"]
    assert text.startswith("masterpiece, ")
    assert text.endswith(", sharp")


def test_a_prompt_with_quotes_braces_and_lines_arrives_as_it_is() -> None:
    loaded = load_workflow(json.dumps(workflow()))
    prompt = 'say "hi" {now}\n{{seed}} \\n 日本 👩\u200d👧'
    assert filled(loaded, prompt)["6"]["inputs"]["text"] == f"masterpiece, {prompt}, sharp"


def test_placeholders_deep_inside_are_filled_too() -> None:
    nodes = workflow()
    nodes["6"]["inputs"]["more"] = {"rows": [["{{prompt}}", {"w": "{{width}}"}]]}
    graph = filled(load_workflow(json.dumps(nodes)))
    assert graph["6"]["inputs"]["more"] == {"rows": [["a heron", {"w": 512}]]}


def test_a_file_as_it_is_posted_to_a_server_is_understood() -> None:
    told = recording("comfyui-0.3.64/success_txt2img.json")["request"]["body"]
    told["prompt"]["6"]["inputs"]["text"] = "{{prompt}}"
    loaded = load_workflow("\ufeff" + json.dumps(told))
    assert loaded.placeholders == {"prompt"}
    assert filled(loaded)["6"]["inputs"]["text"] == "a heron"


def test_saving_nodes_come_before_previews() -> None:
    nodes = workflow()
    nodes = {
        "1": {"class_type": "PreviewImage", "inputs": {"images": ["8", 0]}},
        "2": {"class_type": "Image Save", "inputs": {"images": ["8", 0]}},
        **nodes,
    }
    assert load_workflow(json.dumps(nodes)).output_ids == ("2", "9", "1")


def changed(node: str, name: str, value: object) -> str:
    nodes = workflow()
    nodes[node]["inputs"][name] = value
    return json.dumps(nodes)


def without(node: str) -> str:
    nodes = workflow()
    del nodes[node]
    return json.dumps(nodes)


def replaced_output(class_type: str) -> str:
    nodes = workflow()
    nodes["9"]["class_type"] = class_type
    return json.dumps(nodes)


EDITOR_FILE = {"last_node_id": 9, "nodes": [{"id": 4, "type": "KSampler"}], "links": []}


@pytest.mark.req("F3")
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", MessageId.WORKFLOW_NOT_JSON),
        ("not json", MessageId.WORKFLOW_NOT_JSON),
        ('{"3": {"inputs": {"seed": {{seed}}}}}', MessageId.WORKFLOW_NOT_JSON),
        (json.dumps(workflow())[:-2], MessageId.WORKFLOW_NOT_JSON),
        ("[]", MessageId.WORKFLOW_NOT_A_GRAPH),
        ("{}", MessageId.WORKFLOW_NOT_A_GRAPH),
        ("null", MessageId.WORKFLOW_NOT_A_GRAPH),
        ('{"3": 7}', MessageId.WORKFLOW_NOT_A_GRAPH),
        ('{"3": {"class_type": "SaveImage"}}', MessageId.WORKFLOW_NOT_A_GRAPH),
        ('{"3": {"class_type": 3, "inputs": {}}}', MessageId.WORKFLOW_NOT_A_GRAPH),
        (json.dumps(EDITOR_FILE), MessageId.WORKFLOW_UI_FORMAT),
        (without("9"), MessageId.WORKFLOW_NO_OUTPUT),
        (replaced_output("SaveImageWebsocket"), MessageId.WORKFLOW_NO_OUTPUT),
        (replaced_output("SaveAnimatedWEBP"), MessageId.WORKFLOW_NO_OUTPUT),
        (without("8"), MessageId.WORKFLOW_BROKEN_LINK),
        (changed("6", "text", "a heron"), MessageId.WORKFLOW_NO_PROMPT),
        (changed("6", "text", "{{Prompt}}"), MessageId.WORKFLOW_UNKNOWN_PLACEHOLDER),
        (changed("7", "text", "{{style}}"), MessageId.WORKFLOW_UNKNOWN_PLACEHOLDER),
        (changed("7", "text", "{{}}"), MessageId.WORKFLOW_UNKNOWN_PLACEHOLDER),
        (changed("3", "cfg", float("nan")), MessageId.WORKFLOW_BAD_NUMBER),
        (changed("3", "cfg", float("inf")), MessageId.WORKFLOW_BAD_NUMBER),
        (json.dumps(workflow()).replace("1.0", "1e999"), MessageId.WORKFLOW_BAD_NUMBER),
        (json.dumps(workflow()).replace("1.0", "9" * 5000), MessageId.WORKFLOW_BAD_NUMBER),
        ("[" * 100_000, MessageId.WORKFLOW_TOO_DEEP),
        ('{"a":' * (MOST_DEPTH + 1), MessageId.WORKFLOW_TOO_DEEP),
        (" " * (MOST_BYTES + 1), MessageId.WORKFLOW_TOO_LARGE),
        ("é" * (MOST_BYTES // 2 + 1), MessageId.WORKFLOW_TOO_LARGE),
    ],
    ids=lambda value: value.value if isinstance(value, MessageId) else value[:12],
)
def test_a_file_that_cannot_work_is_refused_with_the_reason(text: str, why: MessageId) -> None:
    assert refused(text) is why


def test_an_unknown_placeholder_is_named_with_the_known_ones() -> None:
    with pytest.raises(InputError) as caught:
        load_workflow(changed("7", "text", "a {{ style }} b"))
    assert caught.value.message.params == {
        "given": "{{style}}",
        "known": "{{prompt}}, {{negative}}, {{seed}}, {{width}}, {{height}}, {{steps}}, {{cfg}}",
    }


def test_brackets_inside_texts_are_not_depth() -> None:
    text = changed("7", "text", '[[[{{{"' + "[" * 200 + '\\"' + "{ " * 200)
    assert load_workflow(text).output_ids == ("9",)


def test_a_broken_link_says_where() -> None:
    with pytest.raises(InputError) as caught:
        load_workflow(without("8"))
    assert caught.value.message.params == {"node": "SaveImage", "node_id": "9", "input": "images"}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["1", "prompt", "nodes", "class_type", "inputs", "images"]),
                inner,
                max_size=3,
            )
        ),
        max_leaves=10,
    )
)
def test_no_file_can_do_worse_than_be_refused(parsed: object) -> None:
    try:
        outputs = load_workflow(json.dumps(parsed)).output_ids
    except InputError:
        return
    assert outputs
