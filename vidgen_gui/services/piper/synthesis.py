"""One loaded voice: text to samples with timed phonemes. Runs in the voice's worker process."""

import functools
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vidgen_gui.services.piper.alignment import Phone, plain_sounds
from vidgen_gui.services.piper.model_patch import NOISE_INPUT, patched_model
from vidgen_gui.services.piper.runtime import PiperConfig, PiperVoice, onnxruntime
from vidgen_gui.services.piper.sound import Samples
from vidgen_gui.services.piper.voices import Voice, broken

_THREADS = 2
_NOISE_LENGTH = 2**19
_PAD, _BOS, _EOS = "_", "^", "$"
_TERMINATORS = frozenset(".!?")


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the voice made of one sentence: mono samples in −1…1 and its phones in seconds."""

    samples: Samples
    phones: tuple[Phone, ...]


class LoadedVoice:
    """A voice in memory, ready to speak.

    The same text at the same speed gives the same samples: the random numbers that make the
    speech lively are drawn from a seed that is the text's own.

    Raises:
        MediaError: the voice's files are missing or damaged (VOICE_BROKEN).
        StorageError: its patched copy cannot be written.
    """

    def __init__(self, voice: Voice, data_dir: Path) -> None:
        self.voice = voice
        self._session = _open_session(voice, patched_model(voice, data_dir))
        self._inputs = {entry.name for entry in self._session.get_inputs()}
        try:
            config = PiperConfig.from_dict(json.loads(voice.config.read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise broken(voice.name, f"{voice.config}: {error!r}") from error
        self._piper = PiperVoice(session=self._session, config=config)
        self._config = config
        self.sounds_of = functools.lru_cache(maxsize=4096)(self._sounds_of)

    @property
    def sample_rate_hz(self) -> int:
        return self.voice.sample_rate_hz

    def say(self, text: str, *, speed: float = 1.0) -> Utterance:
        """Speak one sentence.

        Args:
            text: as `core.spoken` makes it: nothing in it that the voice can't say.
            speed: 1 is the voice's own pace, 2 twice as fast.
        """
        phonemes = self._phonemes(text)
        if not phonemes:
            return Utterance(np.zeros(0, np.float32), ())
        symbols = [_BOS, _PAD, *(s for p in phonemes for s in (p, _PAD)), _EOS]
        ids = [number for symbol in symbols for number in self._config.phoneme_id_map[symbol]]
        samples, frames = self._run(ids, text, speed)
        return Utterance(samples, self._phones(symbols, frames, len(samples)))

    def _sounds_of(self, word: str) -> str:
        """The plain sounds of one word spoken alone (see `alignment.plain_sounds`)."""
        return plain_sounds([p for sentence in self._piper.phonemize(word) for p in sentence])

    def _phonemes(self, text: str) -> list[str]:
        """The sentence's phonemes that this voice knows, ending as the sentence ends."""
        # The phonemizer parts "J. Smith" in two; here it is one sentence all the same.
        found: list[str] = []
        for part in self._piper.phonemize(text):
            found += [" ", *part] if found and found[-1] != " " else part
        known = [phoneme for phoneme in found if phoneme in self._config.phoneme_id_map]
        sounding = plain_sounds(known)
        if not sounding:
            return []
        while known[-1] == " ":
            known.pop()
        if known[-1] not in _TERMINATORS and text[-1] in _TERMINATORS:
            known.append(text[-1])
        return known

    def _run(self, ids: list[int], text: str, speed: float) -> tuple[Samples, npt.NDArray[Any]]:
        config = self._config
        scales = [config.noise_scale, config.length_scale / speed, config.noise_w_scale]
        feed: dict[str, Any] = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array(scales, np.float32),
        }
        if NOISE_INPUT in self._inputs:
            feed[NOISE_INPUT] = _noise(f"{self.voice.name}\n{speed:.4f}\n{text}")
        if "sid" in self._inputs:
            feed["sid"] = np.array([config.default_speaker_id], np.int64)
        audio, *rest = self._session.run(None, feed)
        samples = np.asarray(audio, np.float32).reshape(-1)
        if rest:
            return samples, np.asarray(rest[0]).reshape(-1)
        # A model that doesn't tell: every phoneme is taken for equally long.
        return samples, np.full(len(ids), len(samples) / config.hop_length / len(ids))

    def _phones(
        self, symbols: list[str], frames: npt.NDArray[Any], n_samples: int
    ) -> tuple[Phone, ...]:
        """Give each phoneme the frames of its ids and of the padding after it."""
        ends = np.cumsum(frames) * (self._config.hop_length / self.sample_rate_hz)
        phones: list[Phone] = []
        at = 0
        clock_s = 0.0
        for symbol in symbols:
            at += len(self._config.phoneme_id_map[symbol])
            end_s = min(float(ends[at - 1]), n_samples / self.sample_rate_hz)
            if symbol == _PAD:
                phones[-1] = Phone(phones[-1].symbol, phones[-1].start_s, end_s)
            else:
                phones.append(Phone(symbol, clock_s, end_s))
            clock_s = end_s
        return tuple(phones)


def _open_session(voice: Voice, model: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _THREADS
    options.inter_op_num_threads = 1
    # The arena keeps what the longest sentence took (520 MB); without it 260 MB, as fast.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(model), options, ["CPUExecutionProvider"])
    except _RUNTIME_ERRORS as error:
        raise broken(voice.name, f"{model}: {error}") from error


def _noise(seed_text: str) -> Samples:
    digest = hashlib.sha256(seed_text.encode()).digest()
    generator = np.random.default_rng(int.from_bytes(digest[:16], "big"))
    return generator.standard_normal(_NOISE_LENGTH, dtype=np.float32)


_RUNTIME_ERRORS = (
    onnxruntime.capi.onnxruntime_pybind11_state.Fail,
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument,
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidGraph,
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidProtobuf,
    onnxruntime.capi.onnxruntime_pybind11_state.NoSuchFile,
    onnxruntime.capi.onnxruntime_pybind11_state.RuntimeException,
)
