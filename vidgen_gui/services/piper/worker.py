"""The worker kind "voice": a text becomes a WAV with a time for every written word.

Request::

    {"text", "out_wav", "voice", "data_dir", "speed": 1.0}   speaks
    {"preload": true, "voice", "data_dir"}                    loads the voice only
    {"measure_rate": true, "voice", "data_dir"}               speaks a passage of its own

Result: ``{"duration_s", "words": [[text, start_s, end_s], …], "spoken"}``, where ``spoken`` is
false when nothing in the text can be said and the WAV is silence of reading length; the second
gives ``{}``, the third ``{"words_per_s"}``.
"""

from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

from vidgen_gui.core.events import Progress
from vidgen_gui.core.script import WordTiming
from vidgen_gui.core.spoken import SilentRun, SpokenSentence, SpokenText, speak
from vidgen_gui.core.word_times import Span, place_words, plan_reading, reading_time_s
from vidgen_gui.services.piper.alignment import align_words
from vidgen_gui.services.piper.sound import WavWriter, pause_after_s, shaped, write_silence
from vidgen_gui.services.piper.synthesis import LoadedVoice, Utterance
from vidgen_gui.services.piper.voices import find_voice
from vidgen_gui.system.worker_protocol import Handler

_LEAD_PER_UNHEARD_S = 0.15
_MOST_LEAD_S = 0.45
_END_S = 0.04
_PASSAGE = (
    "Every morning the street wakes up in the same order. First the birds, then the baker, "
    "then the long quiet line of cars. Stand still for a minute and you can hear it begin."
)


def make_handler() -> Handler:
    """The handler of the worker process; the voice asked for last stays loaded."""
    return _Speaker().handle


class _Speaker:
    def __init__(self) -> None:
        self._loaded: LoadedVoice | None = None

    def handle(self, request: Mapping[str, Any]) -> Generator[Progress, None, Mapping[str, Any]]:
        """Answer one request.

        Raises:
            InputError: the voice is unknown.
            MediaError: the voice is damaged.
            StorageError: the WAV or the voice's patched copy cannot be written.
        """
        voice = self._voice(str(request["voice"]), Path(request["data_dir"]))
        yield Progress(0.0)
        if request.get("preload"):
            return {}
        if request.get("measure_rate"):
            return {"words_per_s": _words_per_s(voice)}
        narration = _Narration(voice, str(request["text"]), float(request.get("speed", 1.0)))
        return (yield from narration.write(Path(request["out_wav"])))

    def _voice(self, name: str, data_dir: Path) -> LoadedVoice:
        if self._loaded is None or self._loaded.voice.name != name:
            voice = find_voice(name, data_dir)
            self._loaded = None
            self._loaded = LoadedVoice(voice, data_dir)
        return self._loaded


class _Narration:
    """One text on its way to sound."""

    def __init__(self, voice: LoadedVoice, text: str, speed: float) -> None:
        self._voice = voice
        self._speed = speed
        self._text: SpokenText = speak(text, voice.voice.language)
        self._heard: dict[int, Span] = {}
        self._gap_s = 0.0

    def write(self, path: Path) -> Generator[Progress, None, Mapping[str, Any]]:
        words = self._text.written
        rate_hz = self._voice.sample_rate_hz
        if not self._text.sentences:
            timings, duration_s = plan_reading(words)
            duration_s = write_silence(path, duration_s, rate_hz)
            return _result(timings, duration_s, spoken=False)
        out = WavWriter(path, rate_hz)
        try:
            out.silence(self._lead_s())
            for done, part in enumerate(self._text.parts, 1):
                if isinstance(part, SilentRun):
                    self._stay_silent(part, out)
                else:
                    self._say(part, out)
                yield Progress(done / len(self._text.parts))
            out.silence(_END_S)
        finally:
            out.close()
        timings = place_words(words, self._heard, out.duration_s)
        return _result(timings, out.duration_s, spoken=True)

    def _lead_s(self) -> float:
        """Time for what is written, but not said, before the first spoken word."""
        first = self._text.parts[0]
        unheard = first.first if isinstance(first, SilentRun) else first.words[0].written
        return min(_MOST_LEAD_S, unheard * _LEAD_PER_UNHEARD_S)

    def _stay_silent(self, run: SilentRun, out: WavWriter) -> None:
        out.silence(self._gap_s)
        self._gap_s = 0.0
        for index in range(run.first, run.end):
            start_s = out.duration_s
            out.silence(reading_time_s(self._text.written[index]))
            self._heard[index] = (start_s, out.duration_s)

    def _say(self, sentence: SpokenSentence, out: WavWriter) -> None:
        utterance = self._voice.say(sentence.text, speed=self._speed)
        expected = [self._voice.sounds_of(word.text) for word in sentence.words]
        spans = align_words(utterance.phones, expected)
        lead_s = spans[0][0]
        out.silence(pause_after_s(self._gap_s, lead_s) if self._heard else 0.0)
        offset_s = out.duration_s
        out.samples(shaped(utterance, self._voice.sample_rate_hz))
        self._gap_s = sentence.gap_s
        for word, (start_s, end_s) in zip(sentence.words, spans, strict=True):
            known = self._heard.get(word.written)
            begin_s = known[0] if known else offset_s + start_s
            self._heard[word.written] = (begin_s, offset_s + end_s)


def _result(timings: list[WordTiming], duration_s: float, *, spoken: bool) -> Mapping[str, Any]:
    words = [[timing.text, timing.start_s, timing.end_s] for timing in timings]
    return {"duration_s": duration_s, "words": words, "spoken": spoken}


def _words_per_s(voice: LoadedVoice) -> float:
    """How many written words the voice says in a second, the pauses in it included."""
    text = speak(_PASSAGE, voice.voice.language)
    duration_s = 0.0
    for sentence in text.sentences:
        utterance: Utterance = voice.say(sentence.text)
        duration_s += utterance.phones[-1].end_s + sentence.gap_s
    return len(text.written) / duration_s
