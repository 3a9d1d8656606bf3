"""Page 2: shape, voice, music and captions, with a sample to see and one to hear."""

from itertools import count
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QLayout, QWidget

from vidgen_gui.core.job import CaptionStyle, Speech
from vidgen_gui.core.quality import Aspect
from vidgen_gui.ui import labels
from vidgen_gui.ui.cards import ShapeCard, exclusive
from vidgen_gui.ui.icons import bind_icon, icon_pixmap
from vidgen_gui.ui.parts import column, plain_widget, row, text_label, tool_button
from vidgen_gui.ui.playback import Playback, PlaybackProblem
from vidgen_gui.ui.speech_choice import speech_options
from vidgen_gui.ui.theme import GRID_PX, RADIUS_PX, Theme
from vidgen_gui.ui.thumbnails import Thumbnails
from vidgen_gui.ui.wizard_flow import Step, WizardFlow
from vidgen_gui.ui.wizard_parts import ChoiceBox, Page, labelled, problem_label, show_problem

SAMPLE = QSize(256, 416)
_tokens = count(1)


class SampleFrame(QWidget):
    """A picture with captions in the chosen style and shape."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._thumbnails = thumbnails
        self._path: Path | None = None
        self._aspect = Aspect.PORTRAIT
        self.setFixedSize(SAMPLE)
        self.setAccessibleName(self.tr("Sample picture with captions"))
        thumbnails.loaded.connect(self._on_loaded)
        Theme.get().changed.connect(self.update)

    def set_aspect(self, aspect: Aspect) -> None:
        if aspect is not self._aspect:
            self._aspect = aspect
            self._path = None
            self.update()

    def set_path(self, path: Path | None) -> None:
        """Show this picture; None shows an empty frame."""
        self._path = path
        self.update()

    def picture_size(self) -> QSize:
        """The sample's size in the chosen shape."""
        ratio = self._aspect.ratio
        width = min(SAMPLE.width(), SAMPLE.height() * ratio)
        return QSize(round(width), round(width / ratio))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size = self.picture_size()
        rect = QRectF(0, 0, size.width(), size.height())
        rect.moveCenter(QRectF(self.rect()).center())
        clip = QPainterPath()
        clip.addRoundedRect(rect, RADIUS_PX, RADIUS_PX)
        painter.setClipPath(clip)
        theme = Theme.get()
        painter.fillRect(rect, theme.color("stage"))
        ratio = self.devicePixelRatioF()
        picture = self._thumbnails.get(self._path, size, ratio) if self._path else None
        if picture is not None and not picture.isNull():
            painter.drawPixmap(rect, picture, QRectF(picture.rect()))
        else:
            glyph = icon_pixmap("captions", 24, ratio, theme.color("outline"))
            painter.drawPixmap(round(rect.center().x()) - 12, round(rect.center().y()) - 12, glyph)
        painter.end()

    def _on_loaded(self, path: str) -> None:
        if self._path is not None and str(self._path) == path:
            self.update()


class LookPage(Page):
    """Choices on the left, the sample on the right."""

    def __init__(self, flow: WizardFlow, controller: Any, thumbnails: Thumbnails) -> None:
        super().__init__(flow, Step.LOOK)
        self.set_heading(
            self.tr("How does it look and sound?"),
            self.tr("The sample shows the captions as they will be."),
        )
        self._controller = controller
        self._token = 0
        self._waits_for = ""
        self._playback = Playback(self)
        self.sample = SampleFrame(thumbnails)
        left = column(
            self._build_shapes(),
            GRID_PX,
            self._build_voice(),
            GRID_PX,
            self._build_captions(),
            GRID_PX,
            self._build_music(),
            -1,
        )
        body = row(left, self.sample, spacing=3 * GRID_PX)
        body.setStretch(0, 1)
        body.setAlignment(self.sample, Qt.AlignmentFlag.AlignTop)
        self.box.addLayout(body)
        self.box.addStretch(1)
        self._connect()

    def enter(self) -> None:
        self._fill_voices()
        self._refresh()
        self._ask_sample()

    def release(self) -> None:
        """Stop the sample's sound and let go of its file."""
        self._playback.close()

    def _build_shapes(self) -> QLayout:
        self._shapes = [ShapeCard(aspect) for aspect in Aspect]
        self._shape_group = exclusive(*self._shapes)
        self._shapes[list(Aspect).index(self.flow.choices.aspect)].setChecked(True)
        cards = plain_widget(row(*self._shapes))
        cards.setAccessibleName(self.tr("Shape"))
        return column(text_label(self.tr("Shape"), "heading"), cards, spacing=GRID_PX // 2)

    def _build_voice(self) -> QLayout:
        self.voice = ChoiceBox()
        self._play = tool_button("play", self.tr("Hear this voice"))
        self._silent = text_label(role="small", wrap=True)
        self._problem = problem_label()
        self._voice_note = text_label(role="small", wrap=True)
        self._voice_note.hide()
        line = plain_widget(row(self.voice, self._play))
        line.layout().setStretch(0, 1)  # type: ignore[union-attr]
        self.voice.setAccessibleName(self.tr("Voice"))
        self._voice_line = line
        return labelled(self.tr("Voice"), line, self._silent, self._problem, self._voice_note)

    def _build_captions(self) -> QLayout:
        chosen = self.flow.choices
        self.captions = QCheckBox(self.tr("Show captions, word by word"))
        self.captions.setChecked(chosen.captions)
        self.style_box = ChoiceBox()
        styles = [(labels.caption_style_name(style), style) for style in CaptionStyle]
        self.style_box.set_choices(styles, chosen.caption_style)
        self.style_box.setAccessibleName(self.tr("Caption style"))
        heading = text_label(self.tr("Captions"), "heading")
        return column(heading, self.captions, self.style_box, spacing=GRID_PX // 2)

    def _build_music(self) -> QLayout:
        self.music = QCheckBox(self.tr("Music made for this video"))
        self.music.setChecked(self.flow.choices.music)
        return column(text_label(self.tr("Music"), "heading"), self.music, spacing=GRID_PX // 2)

    def _connect(self) -> None:
        self._shape_group.idClicked.connect(self._on_edited)
        for card in self._shapes:
            card.toggled.connect(self._on_edited)
        self.voice.currentIndexChanged.connect(self._on_edited)
        self.captions.toggled.connect(self._on_edited)
        self.style_box.currentIndexChanged.connect(self._on_edited)
        self.music.toggled.connect(self._on_edited)
        self._play.clicked.connect(self._on_play_clicked)
        self._controller.caption_previewed.connect(self._on_caption_previewed)
        self._controller.sample_ready.connect(self._on_sample_ready)
        self._controller.notice.connect(self._on_notice)
        self._controller.voices_loaded.connect(self._on_voices_loaded)
        self._playback.playing_changed.connect(self._refresh_play)
        self._playback.problem_found.connect(self._on_problem_found)

    def _fill_voices(self) -> None:
        voices = [(voice.title, voice.name) for voice in self._controller.voices]
        self.voice.set_choices(voices, self.flow.choices.voice)
        self.flow.voices = tuple(self._controller.voices)
        self._on_edited()

    def _on_voices_loaded(self) -> None:
        self._fill_voices()

    def _on_edited(self) -> None:
        before = self.flow.choices
        aspect = next((card.aspect for card in self._shapes if card.isChecked()), before.aspect)
        self.flow.change(
            aspect=aspect,
            voice=self.voice.value() or before.voice,
            captions=self.captions.isChecked(),
            caption_style=self.style_box.value(),
            music=self.music.isChecked(),
        )
        chosen = self.flow.choices
        if (before.aspect, before.caption_style) != (chosen.aspect, chosen.caption_style):
            self._ask_sample()
        self._refresh()

    def _refresh(self) -> None:
        chosen = self.flow.choices
        spoken = speech_options(self.flow.wanted_language, chosen.speech_choice, chosen.speech)
        silent = spoken["speech"] is Speech.CAPTIONS_ONLY
        self._voice_line.setEnabled(not silent)
        self._silent.setVisible(silent)
        self._silent.setText(self.tr("This video has captions and no voice."))
        self.style_box.setEnabled(chosen.captions)
        self.sample.set_aspect(chosen.aspect)
        show_problem(self._problem, self.problem("voice"))
        self._refresh_play()
        self.completeChanged.emit()

    def _ask_sample(self) -> None:
        chosen = self.flow.choices
        self._token = next(_tokens)
        self._controller.preview_caption_style(chosen.caption_style, chosen.aspect, self._token)

    def _on_caption_previewed(self, token: int, path: str) -> None:
        if token == self._token:
            self.sample.set_path(Path(path))

    def _on_play_clicked(self) -> None:
        if self._playback.is_playing:
            self._playback.pause()
            return
        self._waits_for = self.flow.choices.voice
        self._voice_note.hide()
        self._refresh_play()
        self._controller.speak_sample(self._waits_for)

    def _on_sample_ready(self, voice: str, path: str) -> None:
        if voice == self._waits_for:
            self._waits_for = ""
            if self._playback.open(Path(path)):
                self._playback.play()
            self._refresh_play()

    def _on_notice(self) -> None:
        # Perhaps the sample failed: its sentence stands in the activity, the button works again.
        self._waits_for = ""
        self._refresh_play()

    def _on_problem_found(self, problem: PlaybackProblem) -> None:
        self._waits_for = ""
        if problem is PlaybackProblem.NO_SOUND_DEVICE:
            text = self.tr("No sound device was found, so the voice cannot be heard here.")
        else:
            text = self.tr("This computer cannot play the sample.")
        self._voice_note.setText(text)
        self._voice_note.show()
        self._refresh_play()

    def _refresh_play(self) -> None:
        playing = self._playback.is_playing
        bind_icon(self._play, "square" if playing else "play")
        self._play.setEnabled(not self._waits_for)
