"""One colour scheme a video: its scenes belong together, and other videos look different."""

import itertools
from itertools import combinations, groupby

import numpy as np
import numpy.typing as npt
import pytest

from tests.unit.test_painter import GENRES, Picture, looks, perceptual_hash, written_scenes
from vidgen_gui.core.script import Genre
from vidgen_gui.media.painter.canvas import Canvas
from vidgen_gui.media.painter.colour import lightness, oklab
from vidgen_gui.media.painter.compose import SETTINGS, begin, paint
from vidgen_gui.media.painter.scheme import Scheme, VideoPart, draw_scheme

HOMES = {name: home for name, (_, home) in SETTINGS.items()}
PROMPTS = (
    "a forest path, first light on the horizon",
    "a person on a mountain summit, bright midday light",
    "a cup of coffee by the window",
    "a city street, evening",
    "the sea at the start of the day",
)


def scheme(about: str = "trust", genre: Genre = Genre.MOTIVATIONAL, seed: int = 1) -> Scheme:
    return draw_scheme(VideoPart(about, seed, 0), genre, HOMES)


def tint(picture: Picture) -> npt.NDArray[np.float64]:
    """The mean colour of the sky's and the land's half, hue and colourfulness alone."""
    halves = np.array_split(picture.reshape(-1, 3).astype(float) / 255, 2)
    colours = [half.mean(axis=0) for half in halves]
    return np.concatenate([oklab((c[0], c[1], c[2]))[1:] for c in colours])


def videos(genre: Genre, *, held: bool) -> list[list[npt.NDArray[np.float64]]]:
    """The tints of six videos' scenes, with one scheme a video or with none."""
    made = []
    for seed in range(6):
        parts = [VideoPart(f"topic {seed}", seed, n) if held else None for n in range(len(PROMPTS))]
        scenes = enumerate(zip(PROMPTS, parts, strict=True))
        made.append(
            [tint(paint(prompt, genre, 10 * seed + n, 72, 128, video=part))
             for n, (prompt, part) in scenes]
        )  # fmt: skip
    return made


def spread(made: list[list[npt.NDArray[np.float64]]]) -> tuple[float, float]:
    """The mean distance of two scenes of one video, and of two scenes of different videos."""
    within = [
        np.linalg.norm(a - b) for scenes in made for a, b in combinations(scenes, 2)
    ]  # fmt: skip
    between = [
        np.linalg.norm(a - b) for one, two in combinations(made, 2) for a in one for b in two
    ]
    return float(np.mean(within)), float(np.mean(between))


@pytest.mark.parametrize("genre", GENRES)
def test_scenes_of_one_video_are_nearer_in_hue_than_scenes_of_two(genre: Genre) -> None:
    within, between = spread(videos(genre, held=True))
    loose_within, _ = spread(videos(genre, held=False))
    assert within < 0.75 * between
    assert within < 0.75 * loose_within, "no better than each scene for itself"


def test_a_scheme_follows_the_topic_the_genre_and_the_seed_but_not_the_scene() -> None:
    plain = scheme()
    assert draw_scheme(VideoPart("trust", 1, 5), Genre.MOTIVATIONAL, HOMES) == plain
    assert scheme(seed=2) != plain
    assert scheme("courage") != plain
    assert scheme(genre=Genre.TECH) != plain


@pytest.mark.parametrize("genre", list(Genre))
def test_videos_of_a_genre_vary(genre: Genre) -> None:
    schemes = [scheme(genre=genre, seed=seed) for seed in range(40)]
    assert len({(s.base.name, s.companion.name, s.rising) for s in schemes}) >= 12
    for one in schemes:
        assert one.base.name != one.companion.name
        if genre is not Genre.CUSTOM:
            assert genre.value in one.base.genres
            assert genre.value in one.companion.genres


def test_a_topic_that_names_a_mood_gets_its_colours() -> None:
    named = [scheme("night, the moon and the stars", seed=seed).base for seed in range(30)]
    assert sum("night" in palette.moods for palette in named) >= 15


def test_a_custom_topic_takes_the_colours_of_its_setting() -> None:
    chips = [scheme("how a microchip is made", Genre.CUSTOM, seed).base for seed in range(10)]
    assert all("tech" in palette.genres for palette in chips)


@pytest.mark.parametrize("genre", list(Genre))
def test_the_light_moves_on_from_scene_to_scene_and_the_signal_colours_stay(genre: Genre) -> None:
    for seed in range(5):
        one = scheme(genre=genre, seed=seed)
        scenes = [one.palette(n, ()) for n in range(6)]
        assert len({(p.accent, p.spark) for p in scenes}) == 1
        levels = [lightness(p.sky[2]) for p in scenes]
        steps = np.diff(levels) * np.sign(levels[-1] - levels[0])
        assert abs(levels[-1] - levels[0]) > 0.02
        assert float(np.abs(np.diff(levels)).max()) < 0.2
        assert float(steps.min()) > -0.03, "it moves one way, not to and fro"


@pytest.mark.parametrize("genre", list(Genre))
def test_words_for_an_hour_are_heard_within_the_scheme(genre: Genre) -> None:
    for seed in range(5):
        one = scheme(genre=genre, seed=seed)
        night, noon = one.palette(1, ("night",)), one.palette(1, ("noon",))
        assert all(lightness(n) < lightness(d) for n, d in zip(night.sky, noon.sky, strict=True))
        assert not (night.body == "sun" and one.hour(1, ("night",)) < -0.5)


@pytest.mark.parametrize("genre", GENRES)
@pytest.mark.parametrize(
    ("about", "setting", "subject"),
    [
        ("The quiet power of morning walks", "path", "walker"),
        ("How to brew good coffee", "table", "cup"),
        ("The history of lighthouses", "sea", "lighthouse"),
        ("How neural networks learn", "network", "brain"),
        ("Why stars twinkle", "space", ""),
        ("Living with a cat", "window", "cat"),
        ("My first marathon", "road", "runner"),
        ("How trains changed the world", "hills", "train"),
        ("Walking your own way when nobody in the world is watching", "path", "walker"),
    ],
)
def test_the_first_picture_shows_the_topic(
    about: str, setting: str, subject: str, genre: Genre
) -> None:
    """Whatever is said meanwhile; and a topic of more words than a prompt repeats, too."""
    said = "a person scrolling past something on a phone, on a towpath in drizzle, clear light"
    motif = f", {about.lower()}" if len(about.split()) <= 6 else ""
    prompt = f"{said}, curious mood{motif}, dare"
    for seed in range(5):
        brief = begin(prompt, genre, seed, Canvas(64, 36), VideoPart(about, seed, 0)).brief
        assert brief.setting == setting
        assert subject in {brief.subjects[0], ""}


def test_later_pictures_show_what_is_said_rather_than_the_topic_again() -> None:
    about = "Rain in the old forest"
    prompt = f"bare feet in a shallow stream, at dusk, tender mood, {about.lower()}, list"
    for genre in (Genre.NATURE, Genre.CUSTOM):
        later = begin(prompt, genre, 1, Canvas(64, 36), VideoPart(about, 1, 3)).brief
        assert later.setting == "river"
        assert "rain" in later.effects, "the topic is still heard"


def test_neighbours_in_a_video_are_composed_in_other_ways() -> None:
    """Side of the light, height of the horizon: a video of one place is no still."""
    for seed in range(12):
        scenes = [
            begin("a forest", Genre.NATURE, seed + n, Canvas(64, 36), VideoPart("woods", seed, n))
            for n in range(8)
        ]
        for one, two in itertools.pairwise(scenes):
            apart = abs(one.kind("forest") - two.kind("forest"))
            assert 0.3 < apart < 0.7
        assert sum(one.side != two.side for one, two in itertools.pairwise(scenes)) >= 3


def test_the_same_request_with_a_video_gives_the_same_picture() -> None:
    part = VideoPart("the sea", 3, 2)
    first = paint("a lighthouse", Genre.EMOTIONAL, 7, 72, 128, video=part)
    assert np.array_equal(first, paint("a lighthouse", Genre.EMOTIONAL, 7, 72, 128, video=part))
    alone = paint("a lighthouse", Genre.EMOTIONAL, 7, 72, 128)
    assert not np.array_equal(first, alone)


def written_videos() -> list[tuple[str, Genre, int, VideoPart]]:
    """The 200 written scenes as the scenes of the videos that they were written for."""
    scenes = written_scenes()
    made = []
    for _, group in groupby(scenes, key=lambda scene: (scene[1], scene[0].split(", ")[4])):
        video = list(group)
        about, seed = video[0][0].split(", ")[4], video[0][2]
        made += [
            (prompt, genre, number, VideoPart(about, seed, place))
            for place, (prompt, genre, number) in enumerate(video)
        ]
    return made


@pytest.mark.slow
def test_no_two_of_200_scenes_of_videos_look_alike_and_genres_stay_known() -> None:
    scenes = written_videos()
    assert len(scenes) == 200
    pictures = [paint(p, genre, seed, 180, 320, video=part) for p, genre, seed, part in scenes]
    hashes = [perceptual_hash(picture) for picture in pictures]
    distance, *pair = min(
        (int((hashes[a] != hashes[b]).sum()), a, b) for a, b in combinations(range(200), 2)
    )
    assert distance > 10, [scenes[index] for index in pair]
    seen = [
        (scene[1], looks(picture))
        for scene, picture in zip(scenes, pictures, strict=True)
        if scene[1] in GENRES
    ]
    assert known_share(seen) >= 0.75


def known_share(seen: list[tuple[Genre, npt.NDArray[np.float64]]]) -> float:
    """How often the genre of a picture is that of the pictures nearest in colour."""
    asked, known = seen[::4], [pair for number, pair in enumerate(seen) if number % 4]

    def guess(look: npt.NDArray[np.float64]) -> Genre:
        distances = {
            genre: float(
                np.sort([np.linalg.norm(look - other) for g, other in known if g is genre])[
                    :3
                ].sum()
            )
            for genre in GENRES
        }
        return min(distances, key=distances.__getitem__)

    return sum(guess(look) is genre for genre, look in asked) / len(asked)
