"""Brings a script to its length and number of scenes, by whole sentences. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from vidgen_gui.core.script import Scene, Script
from vidgen_gui.pipeline.sentences import split_sentences, spoken_size

LEAST_SCENES, MOST_SCENES = 3, 10


def spoken_words(script: Script) -> float:
    """How long it takes to say, in words; languages without spaces by their letters."""
    return sum(spoken_size(scene.narration) for scene in script.scenes)


def cut_to_length(script: Script, words: float, tolerance: float) -> Script:
    """Leave sentences away until the script is about as long as wanted.

    The middle goes first; of hook and close at least one sentence stays. What is left is never
    shorter than wanted by more than it was longer.
    """
    scenes = list(script.scenes)
    while (excess := sum(spoken_size(scene.narration) for scene in scenes) - words) > tolerance:
        cut = _best_cut(scenes, excess)
        if cut is None:
            break
        index, kept = cut
        if kept:
            scenes[index] = replace(scenes[index], narration=kept)
        else:
            del scenes[index]
    return replace(script, scenes=tuple(scenes))


def _best_cut(scenes: Sequence[Scene], excess: float) -> tuple[int, str] | None:
    """The sentence whose loss brings the length closest; (scene, what is left of it)."""
    last = len(scenes) - 1
    inner = [cut for index in range(1, last) for cut in _cuts(scenes, index, excess)]
    outer = [cut for index in (0, last) for cut in _cuts(scenes, index, excess)]
    best = min(inner or outer, default=None)
    return None if best is None else best[1:]


def _cuts(scenes: Sequence[Scene], index: int, excess: float) -> list[tuple[float, int, str]]:
    """What a scene can lose, with how far the length would be off then; only if that is less."""
    sentences = split_sentences(scenes[index].narration)
    is_end = index in {0, len(scenes) - 1}
    if len(sentences) == 1 and (is_end or len(scenes) <= LEAST_SCENES):
        return []
    # The close ends with its last sentence, all others begin with their first.
    is_close = 0 < index == len(scenes) - 1
    lost, kept = (sentences[0], sentences[1:]) if is_close else (sentences[-1], sentences[:-1])
    off = abs(excess - spoken_size(lost))
    return [(off, index, " ".join(kept))] if off < excess else []


def spread(scenes: Sequence[Scene]) -> list[Scene]:
    """Few long scenes become more, many become fewer, by whole sentences."""
    found = list(scenes)
    while 0 < len(found) < LEAST_SCENES:
        counts = [len(split_sentences(scene.narration)) for scene in found]
        most = max(range(len(found)), key=lambda index: counts[index])
        if counts[most] < 2:
            break
        sentences = split_sentences(found[most].narration)
        half = len(sentences) // 2
        parts = (" ".join(sentences[:half]), " ".join(sentences[half:]))
        found[most : most + 1] = [replace(found[most], narration=part) for part in parts]
    while len(found) > MOST_SCENES:
        shortest = min(range(1, len(found)), key=lambda index: len(found[index].narration))
        before = found[shortest - 1]
        joined = f"{before.narration} {found[shortest].narration}"
        found[shortest - 1 : shortest + 1] = [replace(before, narration=joined)]
    return found
