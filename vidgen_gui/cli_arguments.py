"""The command line's grammar: what can be typed, and how it becomes job requests."""

import argparse
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from vidgen_gui import __version__
from vidgen_gui.cli_bench import add_bench
from vidgen_gui.cli_plan import add_plan
from vidgen_gui.core.errors import InputError
from vidgen_gui.core.job import MAX_SCRIPT_CHARS, SEED_SPAN, CaptionStyle, JobSpec, Speech
from vidgen_gui.core.messages import MessageId
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.core.script import Genre, Length
from vidgen_gui.core.settings import Settings
from vidgen_gui.system.files import read_at_most
from vidgen_gui.system.paths import resolve

MAX_COUNT = 1000
_DASHED = re.compile(r"-(?!-\w|-$)")
MAX_SCRIPT_BYTES = 16 * MAX_SCRIPT_CHARS
"""A letter takes four bytes at most; the rest is for white space that is folded."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and where all that can be given is listed."""

    def error(self, message: str) -> NoReturn:
        raise InputError(MessageId.COMMAND_INVALID, program=self.prog, words=message)


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """What was typed. A topic may begin with a dash, unless it looks like an option (``--out``).

    Raises:
        InputError: that makes no sense.
    """
    given: list[str] = []
    for word in argv:
        if given and given[-1] == "--topic" and _DASHED.match(word):
            given[-1] = f"--topic={word}"
        else:
            given.append(word)
    return build_parser().parse_args(given)


def build_parser() -> argparse.ArgumentParser:
    """Everything that works without a window."""
    parser = _Parser(
        prog="vidgen-gui",
        description="Turn a topic into a finished short video on your own machine. "
        "Without a command the window opens.",
    )
    parser.add_argument("--version", action="version", version=f"VidGen {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    _add_make(commands.add_parser("make", help="make one or more videos"))
    add_bench(commands.add_parser("bench", help="measure; from a source checkout only"))
    doctor = commands.add_parser("doctor", help="check that everything needed is here")
    doctor.add_argument("--json", action="store_true", help="print the result as JSON")
    add_plan(commands.add_parser("plan", help="how pictures would be made on a card"))
    return parser


def _add_make(make: argparse.ArgumentParser) -> None:
    make.add_argument("--topic", default="", help="what the video is about")
    make.add_argument(
        "--script", type=Path, metavar="FILE", help="your own script, a text file in UTF-8"
    )
    make.add_argument("--genre", choices=[g.value for g in Genre], help="the tone")
    make.add_argument("--length", choices=[n.value for n in Length], help="how long")
    make.add_argument(
        "--quality", metavar="QUALITY", help=", ".join(quality.slug for quality in Quality)
    )
    make.add_argument("--aspect", metavar="ASPECT", help=", ".join(a.value for a in Aspect))
    make.add_argument(
        "--language",
        metavar="CODE",
        help="the video's language, such as en or pt-BR; without it the topic decides",
    )
    make.add_argument("--voice", help="the voice's name")
    make.add_argument(
        "--caption-style", choices=[s.value for s in CaptionStyle], help="how captions look"
    )
    make.add_argument("--no-captions", action="store_true", help="draw no captions")
    make.add_argument("--captions-only", action="store_true", help="captions, but no voice")
    make.add_argument("--no-music", action="store_true", help="no music under the voice")
    make.add_argument(
        "--60fps",
        dest="high_frame_rate",
        action="store_true",
        help="60 frames a second; Ultra only",
    )
    make.add_argument("--count", type=int, default=1, metavar="N", help="how many videos")
    make.add_argument("--seed", type=int, metavar="N", help="makes a video repeatable")
    make.add_argument("--out", metavar="DIR", help="where the videos go")
    make.add_argument(
        "--max-vram", type=int, metavar="MIB", help="use at most so much of the graphics card"
    )
    make.add_argument("--json", action="store_true", help="print the result as JSON")


def read_script(path: Path) -> str:
    """The text of a script file.

    Raises:
        InputError: it is missing, not readable, not text or far too long.
    """
    try:
        data = read_at_most(path, MAX_SCRIPT_BYTES)
        if len(data) > MAX_SCRIPT_BYTES:
            raise InputError(
                MessageId.SCRIPT_TOO_LONG, given=f"> {MAX_SCRIPT_BYTES}", limit=MAX_SCRIPT_CHARS
            )
        return data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            MessageId.SCRIPT_FILE_UNREADABLE, detail=str(error), path=str(path)
        ) from error


def job_specs(arguments: argparse.Namespace, settings: Settings) -> Sequence[JobSpec]:
    """The requests that ``make`` was given; what was not said is the settings'.

    Raises:
        InputError: something cannot be used as it is.
    """
    if not 1 <= arguments.count <= MAX_COUNT:
        raise InputError(MessageId.COUNT_INVALID, given=arguments.count, most=MAX_COUNT)
    options = settings.job_options()
    given = {
        "genre": Genre(arguments.genre) if arguments.genre else None,
        "length": Length(arguments.length) if arguments.length else None,
        "quality": Quality.parse(arguments.quality) if arguments.quality else None,
        "aspect": Aspect.parse(arguments.aspect) if arguments.aspect else None,
        "language": arguments.language,
        "voice": arguments.voice,
        "caption_style": arguments.caption_style,
        "output_dir": resolve(arguments.out) if arguments.out else None,
        "captions": False if arguments.no_captions else None,
        "music": False if arguments.no_music else None,
        "high_frame_rate": True if arguments.high_frame_rate else None,
        "speech": Speech.CAPTIONS_ONLY if arguments.captions_only else None,
    }
    options.update({name: value for name, value in given.items() if value is not None})
    script_text = read_script(arguments.script) if arguments.script else None
    seed = random.randrange(SEED_SPAN) if arguments.seed is None else arguments.seed
    return [
        JobSpec.create(
            topic=arguments.topic, script_text=script_text, seed=seed + number, **options
        )
        for number in range(arguments.count)
    ]
