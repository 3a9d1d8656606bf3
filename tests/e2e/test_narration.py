"""The narration on the real voice: sound, word timings, odd texts, the stage."""

import json
import shutil
import statistics
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from voice_tools import Spoken, check_order, finish, heard_onsets_s, levels_db, read_wav

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.events import Progress
from vidgen_gui.core.job import JobSpec, Speech, StageName
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.script import Scene, Script
from vidgen_gui.pipeline.stage import StageContext, StageOutput, StoredInput
from vidgen_gui.pipeline.stages.narration import NarrationStage, preload
from vidgen_gui.pipeline.workers import WorkerPool
from vidgen_gui.services.piper.voices import BUNDLED_VOICE
from vidgen_gui.services.piper.worker import make_handler

SENTENCES = (
    "Stop, listen, apples, under, people, three, open, shadows, get, zebra, fire, move.",
    "Courage, hope, patience, light, water, stone, river, cloud, garden, winter, summer, home.",
    "Technology, energy, power, data, silicon, machines, robots, earth, voices, questions.",
    "Walk. Every. Single. Morning. Breathe. Slowly. Look. Around. Nothing. Else. Matters. Here.",
    "Yes. No. Maybe. Always. Never. Today. Tomorrow. Quiet. Your. Time. Has. Come.",
    "Think, 7, 1,000, $5, 10:30, 2024, 1st, NASA, FBI, café, 50%, twenty-five, done.",
)
MESSY = (
    "🌅 Dr. Smith's plan — “walk 1,000 steps” (3.5 km/h!) at 10:30 — costs $5 & 50% of... e.g. "
    "½ hour; in 2024, the 1st, #MorningWalk @joe https://example.com/a?b=1 well-being FBI "
    "THE END привет мир 你好 naïve café ★ 👨‍👩‍👧 C++ ’tis {\\an8} <b>bold</b> ':=,;[]% 🎉"
)


Ask = Callable[..., Mapping[str, Any]]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def ask(data_dir: Path) -> Ask:
    """The worker's handler inside this process: the voice is loaded once for all tests."""
    handler = make_handler()

    def run(**request: Any) -> Mapping[str, Any]:
        steps = handler({"voice": BUNDLED_VOICE, "data_dir": str(data_dir), **request})
        fractions: list[float] = []
        while True:
            try:
                fractions.append(next(steps).fraction)
            except StopIteration as stop:
                return {**stop.value, "progress": fractions}

    return run


@pytest.fixture
def speak(ask: Ask, tmp_path: Path) -> Callable[..., Spoken]:
    def run(text: str, **options: Any) -> Spoken:
        path = tmp_path / "spoken.wav"
        result = ask(text=text, out_wav=str(path), **options)
        samples, rate_hz = read_wav(path)
        assert result["duration_s"] == pytest.approx(len(samples) / rate_hz)
        words = [(text, start_s, end_s) for text, start_s, end_s in result["words"]]
        return Spoken(
            words, result["duration_s"], result["spoken"], samples, rate_hz, result["progress"]
        )

    return run


@pytest.mark.req("V9")
@pytest.mark.parametrize("speed", [1.0, 0.88])
def test_word_times_agree_with_the_onsets_in_the_sound(
    speak: Callable[..., Spoken], speed: float
) -> None:
    errors_s: list[float] = []
    for text in SENTENCES:
        spoken = speak(text, speed=speed)
        onsets = heard_onsets_s(spoken)
        for _, start_s, _ in spoken.words:
            errors_s.append(float(np.abs(onsets - start_s).min()))
    assert len(errors_s) == sum(len(text.split()) for text in SENTENCES)
    assert statistics.median(errors_s) <= 0.040
    assert max(errors_s) <= 0.120


def test_flowing_speech_gives_every_word_its_own_time(speak: Callable[..., Spoken]) -> None:
    text = (
        "It is one of the things that you can do in the morning, out of the house and into the "
        "light, and a lot of it is in your hands."
    )
    spoken = speak(text)
    check_order(spoken.words, text, spoken.duration_s)
    lengths_s = [end_s - start_s for _, start_s, end_s in spoken.words]
    assert min(lengths_s) >= 0.02
    assert max(lengths_s) <= 0.8
    by_letters = np.corrcoef([len(word) for word in text.split()], lengths_s)[0, 1]
    assert by_letters > 0.5


@pytest.mark.req("K4", "K5", "T3", "T8")
def test_odd_text_keeps_each_written_word_once_and_in_order(speak: Callable[..., Spoken]) -> None:
    spoken = speak(MESSY)
    check_order(spoken.words, MESSY, spoken.duration_s)
    times = {word: (start_s, end_s) for word, start_s, end_s in spoken.words}
    assert times["🌅"][1] - times["🌅"][0] >= 0.1
    # A number that is several spoken words is one written word, and as long as they are.
    assert times["10:30"][1] - times["10:30"][0] > 0.4
    assert times["https://example.com/a?b=1"][1] - times["https://example.com/a?b=1"][0] > 0.8


@pytest.mark.req("K5", "T4")
@pytest.mark.parametrize("text", ["A", "I", "x", "7", "Go.", "Shh", "Dr.", "a b c d", "e" * 900])
def test_very_short_text_and_single_letters_are_spoken(
    speak: Callable[..., Spoken], text: str
) -> None:
    spoken = speak(text)
    check_order(spoken.words, text, spoken.duration_s)
    assert spoken.spoken
    assert 0.1 < spoken.duration_s < 12
    assert levels_db(spoken).max() > -30


@pytest.mark.req("K5")
def test_long_text_is_spoken_sentence_by_sentence(speak: Callable[..., Spoken]) -> None:
    line = "We walked along the river until the sun went down, and then we walked back again. "
    text = line * 8 + line.replace(",", "").replace(".", "") * 8
    spoken = speak(text)
    check_order(spoken.words, text, spoken.duration_s)
    assert len(spoken.progress) >= 9
    assert spoken.progress == sorted(spoken.progress)
    starts_s = [start_s for _, start_s, _ in spoken.words]
    assert max(np.diff(starts_s)) < 1.2


@pytest.mark.req("T8")
@pytest.mark.parametrize("text", ["😀🎉", "Привет, мир! Как дела?", "清晨散步的力量", "★ — ?!"])
def test_a_text_the_voice_cannot_say_is_silence_to_be_read_in(
    speak: Callable[..., Spoken], text: str
) -> None:
    spoken = speak(text)
    check_order(spoken.words, text, spoken.duration_s)
    assert not spoken.spoken
    assert not spoken.samples.any()
    assert spoken.duration_s >= 1.4
    lengths_s = [end_s - start_s for _, start_s, end_s in spoken.words]
    assert sum(lengths_s) == pytest.approx(spoken.duration_s, abs=0.01)


def test_a_foreign_sentence_gets_reading_time_among_spoken_ones(
    speak: Callable[..., Spoken],
) -> None:
    text = "Listen to this. Привет, дорогие друзья. Now go."
    spoken = speak(text)
    check_order(spoken.words, text, spoken.duration_s)
    first, last = spoken.words[3][1], spoken.words[5][2]
    assert last - first > 1.0
    during = levels_db(spoken)[round(first / 0.005) + 4 : round(last / 0.005) - 4]
    assert during.max() < -60


def test_the_same_text_sounds_the_same_whatever_was_said_before(
    speak: Callable[..., Spoken],
) -> None:
    text = "The river is quiet. The river is wide."
    first = speak(text)
    speak("Something else in between.")
    again = speak(text)
    assert np.array_equal(first.samples, again.samples)
    assert first.words == again.words


def test_sentences_join_without_clicks_and_with_a_breath_between(
    speak: Callable[..., Spoken],
) -> None:
    spoken = speak("The road was long. Was it worth it? It was! We slept, and we woke up.")
    quiet = levels_db(spoken) < -55
    edges = np.flatnonzero(np.diff(quiet.astype(int)))
    for edge in edges:
        around = spoken.samples[max(0, (edge - 1)) * 110 : (edge + 3) * 110]
        assert np.abs(np.diff(around)).max() < 0.1
    ends = [index for index, (word, _, _) in enumerate(spoken.words) if word[-1] in ".?!"][:-1]
    pauses_s = [spoken.words[index + 1][1] - spoken.words[index][2] for index in ends]
    assert all(0.25 <= pause_s <= 0.4 for pause_s in pauses_s)
    assert abs(spoken.samples[0]) < 0.001
    assert abs(spoken.samples[-1]) < 0.001
    assert np.abs(spoken.samples).max() <= 0.9


def test_the_voice_tells_its_pace(ask: Ask) -> None:
    assert 2.5 < ask(measure_rate=True)["words_per_s"] < 4.5


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    made = WorkerPool()
    yield made
    made.close()


def context(workdir: Path, workers: Any, text: str, **options: Any) -> StageContext:
    spec = JobSpec.create(topic="A test", output_dir=workdir, **options)
    script = Script("Title", (Scene("Not this one.", "x"), Scene(text, "x")))
    stored = StoredInput("k", "0", workdir, script.to_dict(), "builtin")
    workdir.mkdir(exist_ok=True)
    return StageContext(
        spec=spec,
        scene=1,
        inputs={(StageName.SCRIPT, None): stored},
        workdir=workdir,
        cancel=CancelToken(),
        workers=workers,
        ffmpeg=Path("ffmpeg"),
    )


def test_the_stage_speaks_one_scene_in_a_worker(pool: WorkerPool, tmp_path: Path) -> None:
    text = "Every morning, 3.5 million people walk."
    made: StageOutput = finish(NarrationStage().run(context(tmp_path / "w", pool, text)))
    samples, rate_hz = read_wav(tmp_path / "w" / made.files[0])
    assert made.rung == "piper"
    assert made.value["duration_s"] == pytest.approx(len(samples) / rate_hz)
    check_order([tuple(word) for word in made.value["words"]], text, made.value["duration_s"])
    json.dumps(dict(made.value))


def test_captions_only_needs_no_voice(tmp_path: Path) -> None:
    text = "Every morning, три миллиона people walk."
    run = context(tmp_path / "w", None, text, speech=Speech.CAPTIONS_ONLY)
    made: StageOutput = finish(NarrationStage().run(run))
    samples, rate_hz = read_wav(tmp_path / "w" / made.files[0])
    assert not samples.any()
    assert made.value["duration_s"] == pytest.approx(len(samples) / rate_hz)
    assert made.value["duration_s"] == pytest.approx(len(text.split()) / 2.6, rel=0.5)
    check_order([tuple(word) for word in made.value["words"]], text, made.value["duration_s"])


def test_a_scene_in_another_script_is_shown_silently_and_said_so(
    pool: WorkerPool, tmp_path: Path
) -> None:
    notices: list[Message] = []

    def watch() -> Generator[Progress, None, StageOutput]:
        steps = NarrationStage().run(context(tmp_path / "w", pool, "Привет, мир."))
        while True:
            try:
                step = next(steps)
            except StopIteration as stop:
                made: StageOutput = stop.value
                return made
            notices.extend([step.notice] if step.notice else [])
            yield step

    assert finish(watch()).rung == "silent"
    assert [notice.id for notice in notices] == [MessageId.TEXT_NOT_SAID]


@pytest.mark.req("V5")
def test_what_decides_the_sound_is_the_scenes_own_text_and_voice(tmp_path: Path) -> None:
    stage = NarrationStage()
    base = context(tmp_path / "w", None, "One text.")
    same = context(tmp_path / "w", None, "One text.", seed=7, genre="tech", quality=5)
    other = context(tmp_path / "w", None, "Another text.")
    silent = context(tmp_path / "w", None, "One text.", speech=Speech.CAPTIONS_ONLY)
    intents = [stage.intent(c.spec, 1, c.inputs) for c in (base, same, other, silent)]
    assert intents[0] == intents[1]
    assert intents[0] != intents[2]
    assert intents[0] != intents[3]


@pytest.mark.req("R3", "H4")
def test_a_preloaded_voice_needs_no_more_loading(
    pool: WorkerPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDGEN_HOME", str(tmp_path / "home"))
    finish(preload(pool, BUNDLED_VOICE, CancelToken()))
    shutil.rmtree(tmp_path / "home" / "data" / "voices")
    made = finish(NarrationStage().run(context(tmp_path / "w", pool, "Already here.")))
    assert made.rung == "piper"
    assert not (tmp_path / "home" / "data" / "voices").exists()
