"""Shows a script scene by scene and lets it be changed; used by a job's dialog and the wizard."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from vidgen_gui.core.script import Scene, Script
from vidgen_gui.core.text import clean_text, has_words
from vidgen_gui.ui import labels
from vidgen_gui.ui.parts import (
    Glyph,
    column,
    plain_widget,
    push_button,
    row,
    text_label,
    tool_button,
)
from vidgen_gui.ui.theme import GRID_PX, set_role

WORDS_PER_SECOND = 2.6
"""The bundled voice's pace, breaths between scenes included."""
MIN_LINES = 1


class GrowingEdit(QPlainTextEdit):
    """A text field as high as its text; Tab leaves it."""

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # A plain Enter would be a line break that no voice can speak: it goes on to what is next.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.focusNextChild()
            return
        super().keyPressEvent(event)

    def _fit(self) -> None:
        # This document's height is in lines, not in pixels.
        lines = max(MIN_LINES, round(self.document().size().height()))
        margins = self.contentsMargins()
        frame = margins.top() + margins.bottom() + 2 * round(self.document().documentMargin())
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + frame + 2)


class _SceneCard(QFrame):
    """One scene: what is said, and what the picture shows."""

    changed = Signal()
    remove_requested = Signal(object)

    def __init__(self, scene: Scene, *, with_picture: bool) -> None:
        super().__init__()
        set_role(self, "panel")
        self._prompt = scene.image_prompt
        self._original = scene
        self.number = text_label(role="badge")
        self.narration = GrowingEdit()
        self.narration.setPlainText(scene.narration)
        set_role(self.narration, "flat")
        self.picture = QLineEdit(scene.image_prompt)
        self.picture.setCursorPosition(0)
        set_role(self.picture, "flat")
        self.remove = tool_button("trash-2", self.tr("Remove this scene"))
        self.narration.textChanged.connect(self.changed)
        self.picture.textEdited.connect(self.changed)
        self.remove.clicked.connect(self._on_remove_clicked)
        # Down to the first line of the text beside it.
        side = column(GRID_PX, self.number, -1, spacing=0)
        texts = column(self.narration)
        self._picture_row = plain_widget(row(8, Glyph("image"), self.picture, spacing=0))
        texts.addWidget(self._picture_row)
        layout = row(side, texts, self.remove, margin=GRID_PX * 3 // 2)
        layout.setStretch(1, 1)
        layout.setAlignment(self.remove, Qt.AlignmentFlag.AlignTop)
        self.setLayout(layout)
        # Not before it has its place: shown without one, it would be a window of its own.
        self._picture_row.setVisible(with_picture)

    def set_number(self, number: int) -> None:
        self.number.setText(str(number))
        self.narration.setAccessibleName(self.tr("Scene {0}: what is said").format(number))
        self.picture.setAccessibleName(self.tr("Scene {0}: what is seen").format(number))

    def set_read_only(self, *, read_only: bool) -> None:
        self.narration.setReadOnly(read_only)
        self.picture.setReadOnly(read_only)
        self.remove.setVisible(not read_only)

    def scene(self) -> Scene:
        """What the fields say; an untouched scene comes back as it was."""
        narration = clean_text(self.narration.toPlainText(), keep_lines=False)
        picture = clean_text(self.picture.text(), keep_lines=False)
        return Scene(narration, picture or narration)

    def _on_remove_clicked(self) -> None:
        self.remove_requested.emit(self)


class ScriptEditor(QWidget):
    """A script's scenes as cards; `script` is what they say now."""

    changed = Signal()

    def __init__(self, *, with_pictures: bool = True) -> None:
        super().__init__()
        self._with_pictures = with_pictures
        self._original: Script | None = None
        self._cards: list[_SceneCard] = []
        self._read_only = False
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, GRID_PX, 0)
        self._list.setSpacing(GRID_PX)
        self._add = push_button(self.tr("Add a scene"), "plus", role="link")
        self._add.clicked.connect(self._on_add_clicked)
        self._length = text_label(role="small")
        inner = plain_widget(column(self._list, row(self._add, -1), -1))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inner)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setLayout(column(scroll, self._length))

    def set_script(self, script: Script) -> None:
        self._original = script
        for card in self._cards:
            self._drop(card)
        self._cards = []
        for scene in script.scenes:
            self._append(scene)
        self._renumber()

    def set_read_only(self, *, read_only: bool) -> None:
        self._read_only = read_only
        self._add.setVisible(not read_only)
        for card in self._cards:
            card.set_read_only(read_only=read_only)

    def focus_first(self) -> None:
        """Put the cursor into the first scene."""
        if self._cards:
            self._cards[0].narration.setFocus()

    @property
    def is_changed(self) -> bool:
        """Whether the scenes say anything else than what was set."""
        return self._original is not None and self.script().scenes != self._original.scenes

    def script(self) -> Script:
        """The script as the fields say, without scenes that have no words."""
        scenes = tuple(card.scene() for card in self._cards)
        spoken = tuple(scene for scene in scenes if has_words(scene.narration))
        original = self._original or Script("", ())
        return Script(original.title, spoken, original.hashtags)

    def text(self) -> str:
        """What is said, a paragraph a scene."""
        return "\n\n".join(scene.narration for scene in self.script().scenes)

    def sizeHint(self) -> QSize:
        return QSize(560, 400)

    def _append(self, scene: Scene) -> _SceneCard:
        card = _SceneCard(scene, with_picture=self._with_pictures)
        card.set_read_only(read_only=self._read_only)
        card.changed.connect(self._on_changed)
        card.remove_requested.connect(self._on_remove_requested)
        self._cards.append(card)
        self._list.addWidget(card)
        return card

    def _drop(self, card: _SceneCard) -> None:
        self._list.removeWidget(card)
        card.hide()
        card.deleteLater()

    def _renumber(self) -> None:
        for number, card in enumerate(self._cards, start=1):
            card.set_number(number)
            card.remove.setEnabled(len(self._cards) > 1)
        self._count()

    def _count(self) -> None:
        words = self.script().word_count
        length = labels.duration(words / WORDS_PER_SECOND)
        text = self.tr("1 word") if words == 1 else self.tr("{0} words").format(words)
        self._length.setText(self.tr("{0}, about {1} spoken").format(text, length))

    def _on_changed(self) -> None:
        self._count()
        self.changed.emit()

    def _on_add_clicked(self) -> None:
        card = self._append(Scene("", ""))
        self._renumber()
        card.narration.setFocus()

    def _on_remove_requested(self, card: _SceneCard) -> None:
        self._cards.remove(card)
        self._drop(card)
        self._renumber()
        self.changed.emit()
