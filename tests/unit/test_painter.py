"""The built-in painter: what words call, composition, variety, light for captions, no banding."""

import json
import tomllib
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from vidgen_gui.core.script import Genre
from vidgen_gui.media.painter.caption_band import caption_band
from vidgen_gui.media.painter.compose import SETTINGS, paint
from vidgen_gui.media.painter.geometry import Frame
from vidgen_gui.media.painter.lexicon import Brief, read_prompt
from vidgen_gui.media.painter.noise import stream
from vidgen_gui.media.painter.palette import all_palettes
from vidgen_gui.media.painter.subjects import EMBLEMS, SUBJECTS
from vidgen_gui.system.resources import resource

Picture = npt.NDArray[np.uint8]
SIZES = {"9:16": (180, 320), "16:9": (320, 180), "1:1": (240, 240), "4:5": (216, 270)}
DRAWN_BY_SETTINGS = {"tree", "fire", "fish", "whale", "turtle", "jellyfish", "bridge"}
GENRES = (Genre.MOTIVATIONAL, Genre.EMOTIONAL, Genre.TECH, Genre.NATURE)
Scene = tuple[str, Genre, int]


def written_scenes() -> list[Scene]:
    """200 prompts as the script writer words them, forty a genre, with their seeds."""
    data = json.loads(Path(__file__).with_name("painter_scenes.json").read_text("utf-8"))
    return [(prompt, Genre(name), seed) for name, scenes in data.items() for prompt, seed in scenes]


def brief_of(prompt: str, genre: Genre = Genre.CUSTOM, seed: int = 1) -> Brief:
    return read_prompt(prompt, genre, stream(prompt, genre.value, seed, "brief"))


def perceptual_hash(picture: Picture) -> npt.NDArray[np.bool_]:
    """The usual 64-bit pHash: signs of the lowest 8×8 cosine terms about their median."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(small)[:8, :8].ravel()
    signs: npt.NDArray[np.bool_] = low > np.median(low[1:])
    return signs


def nearest_pair(scenes: list[Scene]) -> tuple[int, str]:
    hashes = [perceptual_hash(paint(*scene, 180, 320)) for scene in scenes]
    distances = (
        (int((hashes[a] != hashes[b]).sum()), f"{scenes[a]} / {scenes[b]}")
        for a, b in combinations(range(len(scenes)), 2)
    )
    return min(distances)


def test_the_same_request_gives_the_same_picture_and_another_seed_another() -> None:
    first = paint("a lighthouse in the storm", Genre.EMOTIONAL, 7, 144, 256)
    again = paint("a lighthouse in the storm", Genre.EMOTIONAL, 7, 144, 256)
    other = paint("a lighthouse in the storm", Genre.EMOTIONAL, 8, 144, 256)
    assert first.shape == (256, 144, 3)
    assert np.array_equal(first, again)
    assert np.abs(first.astype(int) - other).mean() > 8


@pytest.mark.parametrize(
    "prompt",
    ["a mountain summit at dawn", "neural network", "a cat at a rainy window", "a forest path"],
)
def test_a_larger_picture_has_the_same_composition(prompt: str) -> None:
    small = paint(prompt, Genre.NATURE, 3, 360, 640)
    large = paint(prompt, Genre.NATURE, 3, 720, 1280)
    shrunk = cv2.resize(large, (60, 106), interpolation=cv2.INTER_AREA).astype(float)
    same = cv2.resize(small, (60, 106), interpolation=cv2.INTER_AREA).astype(float)
    assert np.abs(shrunk - same).mean() < 5
    assert np.corrcoef(shrunk.ravel(), same.ravel())[0, 1] > 0.985


@pytest.mark.parametrize("setting", sorted(SETTINGS))
def test_every_setting_can_be_called_and_paints_in_every_shape(setting: str) -> None:
    assert brief_of(setting).setting == setting
    for width_px, height_px in SIZES.values():
        picture = paint(setting, Genre.CUSTOM, 5, width_px, height_px)
        assert picture.shape == (height_px, width_px, 3)
        assert picture.dtype == np.uint8
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        assert grey.std() > 12, "almost one tone"
        assert len(np.unique(grey)) > 60


@pytest.mark.parametrize(
    ("prompt", "setting", "subject"),
    [
        ("someone walking on a trail in the morning", "path", "walker"),
        ("the summit of a mountain, a climber", "mountains", "climber"),
        ("a deer between the trees of a forest", "forest", "deer"),
        ("raindrops on the windowpane, window at night", "window", ""),
        ("waves on the beach, a sailing boat", "sea", "boat"),
        ("skyscrapers, the skyline of a city", "city", ""),
        ("a cup of coffee on a wooden table", "table", "cup"),
        ("a circuit board with a glowing processor", "circuit", "chip"),
        ("neurons connecting in a neural network", "network", "brain"),
        ("rows of servers in a data center", "tunnel", ""),
        ("an astronaut near a planet", "space", "astronaut"),
        ("a whale in the deep sea, underwater", "underwater", "whale"),
        ("camels crossing the dunes of a desert", "desert", "camel"),
        ("northern lights", "aurora", ""),
        ("a waterfall in a gorge", "waterfall", ""),
        ("paper lanterns at a festival", "lanterns", ""),
        ("a guitar, music, rhythm", "music", "guitar"),
        ("lightning in a thunderstorm", "storm", ""),
    ],
)
def test_words_call_what_they_name(prompt: str, setting: str, subject: str) -> None:
    brief = brief_of(prompt)
    assert brief.setting == setting
    assert not subject or subject in brief.subjects[:2]


def test_the_first_words_count_more_than_what_is_said_in_passing() -> None:
    prompt = (
        "a lighthouse, at the edge of the sea, clear morning light, calm mood, table, desk, city"
    )
    assert brief_of(prompt).setting == "sea"


def test_what_is_wet_is_not_rained_on() -> None:
    for prompt in ("a snail on a wet path, clear morning light", "a clearing after rain"):
        brief = brief_of(prompt)
        assert "rain" not in (*brief.effects, *brief.moods)
    assert "rain" in brief_of("a street in the rain").effects


@pytest.mark.parametrize(
    "prompt", ["", "🎉🎉", "静かな朝の散歩", "قوة الصباح", "x" * 20_000, "\x00{\\an8}<b>';,"]
)
def test_words_nobody_knows_still_give_a_picture(prompt: str) -> None:
    picture = paint(prompt, Genre.CUSTOM, 4, 90, 160)
    assert picture.std() > 12


def test_the_lexicon_and_the_brushes_agree() -> None:
    text = resource("painter/lexicon.toml").read_text(encoding="utf-8")
    lexicon = tomllib.loads(text)
    assert set(lexicon["settings"]) == set(SETTINGS)
    drawable = set(SUBJECTS) | set(EMBLEMS) | DRAWN_BY_SETTINGS
    assert set(lexicon["subjects"]) <= drawable
    assert drawable <= set(lexicon["subjects"])
    assert len(lexicon["settings"]) + len(lexicon["subjects"]) >= 80
    for names in lexicon["defaults"].values():
        assert set(names) <= set(SETTINGS)
    moods = {mood for palette in all_palettes() for mood in palette.moods}
    assert set(lexicon["moods"]) == moods


@pytest.mark.parametrize("genre", GENRES)
def test_each_genre_has_its_own_colour_worlds(genre: Genre) -> None:
    own = [palette for palette in all_palettes() if genre.value in palette.genres]
    assert len(own) >= 6
    assert len({mood for palette in own for mood in palette.moods}) >= 5


@pytest.mark.slow
def test_no_two_of_200_scenes_look_alike() -> None:
    scenes = written_scenes()
    assert len(scenes) == 200
    distance, pair = nearest_pair(scenes)
    assert distance > 10, pair


@pytest.mark.parametrize(
    "prompt",
    ["a person on a mountain summit at dawn", "a rainy window at night", "circuit board",
     "a forest path", "coffee on a table", "the sea at sunset"],
)  # fmt: skip
def test_another_seed_is_another_picture(prompt: str) -> None:
    distance, pair = nearest_pair([(prompt, Genre.CUSTOM, seed) for seed in range(4)])
    assert distance > 10, pair


def sharpness(picture: Picture, top: float, bottom: float) -> float:
    height = picture.shape[0]
    rows = picture[int(height * top) : int(height * bottom), 20:-20]
    grey = cv2.GaussianBlur(cv2.cvtColor(rows, cv2.COLOR_RGB2GRAY), (0, 0), 1.2)
    return float(np.abs(cv2.Laplacian(grey.astype(np.float32), cv2.CV_32F)).mean())


def test_where_captions_stand_the_picture_is_calm_and_not_bright() -> None:
    pictures = [
        paint(prompt, genre, seed, 180, 320) for prompt, genre, seed in written_scenes()[::5]
    ]
    top, bottom = caption_band(Frame.of_pixels(180, 320))
    calm = [sharpness(picture, top, bottom) / sharpness(picture, 0.1, 0.55) for picture in pictures]
    band = [picture[int(320 * top) : int(320 * bottom)].mean() for picture in pictures]
    assert float(np.median(calm)) < 0.85
    assert float(np.quantile(band, 0.9)) < 150


def test_soft_skies_have_no_bands() -> None:
    picture = paint("a quiet sea at dusk", Genre.EMOTIONAL, 12, 720, 1280)
    sky = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[40:240, 100:620].astype(int)
    same = np.diff(sky, axis=1) == 0
    runs = np.diff(np.flatnonzero(np.diff(np.pad(same.ravel(), 1).astype(int))))[::2]
    assert sky.std() > 2, "this part should have a gradient in it"
    assert int(runs.max()) < 14


def looks(picture: Picture) -> npt.NDArray[np.float64]:
    """Colour alone: lightness, colourfulness and the weight of each of six hues."""
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(float).reshape(-1, 3)
    a, b = lab[:, 1] - 128, lab[:, 2] - 128
    chroma = np.hypot(a, b)
    sector = ((np.arctan2(b, a) / (2 * np.pi) * 6) % 6).astype(int)
    hues = np.bincount(sector, weights=chroma, minlength=6) / max(chroma.sum(), 1e-9)
    return np.concatenate([[lab[:, 0].mean() / 60, chroma.mean() / 12], hues * 2.5])


@pytest.mark.slow
def test_genres_can_be_told_apart_by_colour_alone() -> None:
    known: dict[Genre, list[npt.NDArray[np.float64]]] = {genre: [] for genre in GENRES}
    asked: list[tuple[Genre, npt.NDArray[np.float64]]] = []
    for number, (prompt, genre, seed) in enumerate(written_scenes()):
        if genre not in GENRES:
            continue
        seen = looks(paint(prompt, genre, seed, 90, 160))
        if number % 4 == 0:
            asked.append((genre, seen))
        else:
            known[genre].append(seen)

    def guess(seen: npt.NDArray[np.float64]) -> Genre:
        def distance(genre: Genre) -> float:
            return float(
                np.sort([np.linalg.norm(seen - other) for other in known[genre]])[:3].sum()
            )

        return min(known, key=distance)

    right = sum(guess(seen) is genre for genre, seen in asked)
    assert right / len(asked) >= 0.75
