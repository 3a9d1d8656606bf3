"""A pasted script: its title, its sentences and its scenes."""

# ruff: noqa: RUF001 - letters and signs of other scripts are meant

from pathlib import Path

import pytest

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.job import JobSpec
from vidgen_gui.core.script import Genre, Length, Script
from vidgen_gui.pipeline.pasted import MAX_SCENE_WORDS, MOST_SHORT_SCENES, script_from_text
from vidgen_gui.pipeline.sentences import split_long, split_sentences, spoken_size
from vidgen_gui.pipeline.stage import StageContext
from vidgen_gui.pipeline.stages.script import ScriptStage
from vidgen_gui.pipeline.writer import write_script


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Dr. Smith paid $3.50 at 5 p.m. on Jan. 5. He left.",
         ["Dr. Smith paid $3.50 at 5 p.m. on Jan. 5.", "He left."]),
        ("He left... slowly. Then rain.", ["He left... slowly.", "Then rain."]),
        ('"Really?" she asked. J. K. Rowling smiled.',
         ['"Really?" she asked.', "J. K. Rowling smiled."]),
        ("今日は晴れ。散歩に行こう！本当？", ["今日は晴れ。", "散歩に行こう！", "本当？"]),
        ("هل تحب المشي؟ نعم أحبه.", ["هل تحب المشي؟", "نعم أحبه."]),
        ("यह एक दिन है। दूसरा दिन।", ["यह एक दिन है।", "दूसरा दिन।"]),
    ],
)  # fmt: skip
def test_sentences(text: str, sentences: list[str]):
    assert split_sentences(text) == sentences


@pytest.mark.parametrize(("text", "title", "first"), [
    ("# My day\nIt began early.", "My day", "It began early."),
    ("Title: My day\nIt began early.", "My day", "It began early."),
    ("My day\n\nIt began early.", "My day", "It began early."),
    ("It began early. Then rain came.", "It began early", "It began early. Then rain came."),
])  # fmt: skip
def test_title(text: str, title: str, first: str):
    script = script_from_text(text, "")
    assert script.title == title
    assert script.scenes[0].narration == first


def test_a_typed_topic_is_the_title_and_no_line_is_lost():
    script = script_from_text("Soft rain\n\nIt fell all day.", "Weather")
    assert script.title == "Weather"
    assert [scene.narration for scene in script.scenes] == ["Soft rain", "It fell all day."]


def test_markup_stays_plain_text():
    text = r"A <b>bold</b> {\an8} line with ':=,;[]% in it."
    assert script_from_text(text, "").scenes[0].narration == text


@pytest.mark.parametrize("text", ["word " * 3_900, "散歩" * 9_000, "a, " * 6_000])
@pytest.mark.req("K5")
def test_a_long_text_without_full_stops_is_cut_and_kept(text: str):
    script = script_from_text(text, "")
    said = "".join(scene.narration for scene in script.scenes).replace(" ", "")
    assert said == text.replace(" ", "")
    assert max(spoken_size(scene.narration) for scene in script.scenes) <= MAX_SCENE_WORDS


def test_long_sentences_are_cut_at_clauses():
    assert split_long("One two three four, five six seven eight", 5) == [
        "One two three four,",
        "five six seven eight",
    ]


def test_prompts_of_another_language_use_its_own_words():
    script = script_from_text("Тихая река течёт через зимний лес к далёкому морю.", "")
    assert "далёкому" in script.scenes[0].image_prompt


def _run(spec: JobSpec) -> tuple[Script, str]:
    context = StageContext(
        spec=spec, scene=None, inputs={}, workdir=Path("/nowhere"), cancel=CancelToken(),
        workers=None, ffmpeg=Path("ffmpeg"),
    )  # fmt: skip
    steps = ScriptStage().run(context)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return Script.from_dict(dict(done.value.value)), done.value.rung


def test_the_stage_writes_or_takes_the_pasted_text():
    spec = JobSpec.create(topic="tides", genre=Genre.NATURE, seed=4, output_dir=Path("/v"))
    assert _run(spec) == (write_script("tides", Genre.NATURE, Length.MEDIUM, 4), "writer")
    spec = JobSpec.create(topic="tides", script_text="The sea came in.", output_dir=Path("/v"))
    script, rung = _run(spec)
    assert (rung, script.scenes[0].narration) == ("pasted", "The sea came in.")
    assert ScriptStage().intent(spec, None, {}) == {"text": "The sea came in.", "topic": "tides"}


def test_three_hundred_lines_are_as_many_scenes() -> None:
    lines = [f"Line number {number} stands by itself." for number in range(300)]
    script = script_from_text("\n".join(lines), "Lines")
    assert [scene.narration for scene in script.scenes] == lines


@pytest.mark.parametrize("between", ["\n", "\n\n", " "])
def test_thousands_of_one_word_lines_become_scenes_that_can_be_seen(between: str) -> None:
    words = [f"{word}." for word in ("Sun", "Moon", "Rain", "Wind")] * 900
    script = script_from_text(between.join(words), "Words")
    assert len(script.scenes) <= MOST_SHORT_SCENES
    assert " ".join(scene.narration for scene in script.scenes).split() == words
    assert all(len(scene.narration.split()) <= MAX_SCENE_WORDS for scene in script.scenes)


@pytest.mark.req("K5")
def test_a_run_of_letters_is_no_single_word_however_long() -> None:
    run = "abcdefghij" * 2000
    script = script_from_text(f"Here it comes. {run}", "A run")
    assert max(len(scene.narration) for scene in script.scenes) < 300
    said = "".join(scene.narration for scene in script.scenes).replace(" ", "")
    assert said == f"Hereitcomes.{run}"
