"""What is said about a graph or a workflow file, with nothing left blank."""

import json

import pytest

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.messages import Message
from vidgen_gui.services.comfy_graph import GraphProblem, ProblemKind, load_workflow
from vidgen_gui.ui import words

BLANK = "—"
NODE = {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "text": "{{prompt}}"}}


def refusal(text: str) -> Message:
    with pytest.raises(InputError) as caught:
        load_workflow(text)
    return caught.value.message


@pytest.mark.req("F3")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" " * 3_000_000, "larger than 2 MB"),
        ("[" * 100, "32 levels"),
        ('{\n"a": {{seed}}}', "line 2"),
        ('{"a": NaN}', "number"),
        ('{"nodes": [], "links": []}', "Export (API)"),
        ("[]", "API format"),
        (json.dumps({"1": NODE}), "“images” of the node SaveImage (1)"),
        ('{"1": {"class_type": "VAEDecode", "inputs": {}}}', "Save Image"),
        (json.dumps({"1": NODE, "2": {**NODE, "inputs": {"a": "{{b}}"}}}), "{{b}}"),
        (json.dumps({"2": {**NODE, "inputs": {"images": ["2", 0]}}}), "{{prompt}}"),
    ],
)
def test_a_refused_workflow_is_explained(text: str, said: str) -> None:
    sentence = words.sentence(refusal(text))
    assert said in sentence
    assert BLANK not in sentence


@pytest.mark.parametrize("kind", list(ProblemKind))
def test_a_refused_graph_is_explained(kind: ProblemKind) -> None:
    problem = GraphProblem(kind, "7", "KSampler", "steps", "0", ("1…10000",))
    sentence = words.sentence(problem.message)
    assert BLANK not in sentence
    assert "KSampler" in sentence or kind is ProblemKind.NO_OUTPUT
    if kind is ProblemKind.OUT_OF_RANGE:
        assert "“steps”" in sentence
        assert "1…10000" in sentence
