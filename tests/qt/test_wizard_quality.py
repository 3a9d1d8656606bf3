"""The quality page: live plans on its cards, what is chosen under "Advanced", late answers."""

import pytest
from fake_controller import FakeController
from plan_scenes import board, painted_board
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWizard
from pytestqt.qtbot import QtBot

from vidgen_gui.controller.job_view import PlanBoard
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.picture_overrides import NO_OVERRIDES
from vidgen_gui.core.quality import Aspect, Quality
from vidgen_gui.core.service import ServiceName, ServiceView
from vidgen_gui.ui.theme import Appearance, Theme
from vidgen_gui.ui.wizard import NewVideoWizard
from vidgen_gui.ui.wizard_flow import Step
from vidgen_gui.ui.wizard_quality import QualityPage

NEXT = QWizard.WizardButton.NextButton


@pytest.fixture
def wizard(qtbot: QtBot, controller: FakeController) -> NewVideoWizard:
    controller.board = board("12gb")
    made = NewVideoWizard(controller)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.what.topic.setText("Tea")
    made.next()
    qtbot.waitUntil(lambda: made.currentId() == Step.LOOK)
    return made


def page(wizard: NewVideoWizard) -> QualityPage:
    if wizard.currentId() < Step.QUALITY:
        wizard.next()
    assert wizard.currentId() == Step.QUALITY
    return wizard.quality


@pytest.mark.req("B5", "G2", "P2")
def test_each_card_tells_what_this_machine_does_now(wizard: NewVideoWizard) -> None:
    cards = page(wizard).cards
    for quality, plan in board("12gb").plans.items():
        spoken = cards[quality].accessibleName()
        assert str(plan.delivered) in spoken
        assert str(plan.first.picture.base) in spoken  # type: ignore[union-attr]
        assert "needs " in spoken
        assert "about " in spoken
        assert ("writer paused" in spoken) is plan.pauses_script_writer
        bar = cards[quality].facts.bar
        assert bar is not None
        assert (bar.low_mib, bar.high_mib) == (plan.first.need.low_mib, plan.first.need.high_mib)
    # One scale for all: the bars can be compared.
    assert len({card.facts.bar.scale_mib for card in cards.values() if card.facts.bar}) == 1
    machine = wizard.quality._machine.text()
    assert "simulated" in machine
    assert "6.0 GB of 12.0 GB free" in machine
    assert [q for q, card in cards.items() if card.facts.badge] == [Quality.ULTRA_LITE]


def test_without_a_card_it_says_so(controller: FakeController, wizard: NewVideoWizard) -> None:
    controller.board = painted_board()
    shown = page(wizard)
    assert "No graphics card" in shown._machine.text()
    for card in shown.cards.values():
        assert "painted by VidGen itself" in card.accessibleName()
        assert "needs no graphics memory" in card.accessibleName()
        assert card.facts.bar is None


def test_before_anything_is_known_the_cards_say_what_they_are_for(
    controller: FakeController, wizard: NewVideoWizard
) -> None:
    controller.answers_plans = False
    shown = page(wizard)
    assert "Fine on every phone" in shown.cards[Quality.STANDARD].accessibleName()
    assert not shown.details.isVisible()
    assert not shown._machine.isVisible()


def test_plans_are_asked_for_the_shape_that_was_chosen(
    controller: FakeController, wizard: NewVideoWizard
) -> None:
    wizard.look._shapes[list(Aspect).index(Aspect.SQUARE)].click()
    page(wizard)
    assert controller.called("make_plans")[-1][:2] == (Aspect.SQUARE, "")


def test_who_leaves_the_page_waits_for_nothing(
    controller: FakeController, wizard: NewVideoWizard
) -> None:
    shown = page(wizard)
    asked = len(controller.called("make_plans"))
    late = controller.called("make_plans")[-1][2]
    assert shown._timer.isActive()
    wizard.back()
    assert controller.called("cancel_plans")
    assert not shown._timer.isActive()
    controller.plans_made.emit(late, painted_board())
    assert shown.board == board("12gb")
    assert len(controller.called("make_plans")) == asked


def test_an_answer_to_an_older_question_is_not_shown(
    controller: FakeController, wizard: NewVideoWizard
) -> None:
    controller.answers_plans = False
    shown = page(wizard)
    (first,) = controller.called("make_plans")
    shown._ask()
    controller.plans_made.emit(first[2], board("4gb"))
    assert shown.board == PlanBoard()
    controller.plans_made.emit(controller.called("make_plans")[-1][2], board("24gb"))
    assert shown.board == board("24gb")


def test_the_figures_follow_the_machine(
    qtbot: QtBot, controller: FakeController, wizard: NewVideoWizard
) -> None:
    shown = page(wizard)
    before = shown.cards[Quality.ULTRA].accessibleName()
    controller.board = board("4gb")
    shown._timer.setInterval(0)
    shown._timer.start()
    qtbot.waitUntil(lambda: shown.cards[Quality.ULTRA].accessibleName() != before)
    assert "GTX 1650" in shown._machine.text()


def test_a_failed_question_is_told_and_the_page_goes_on(
    controller: FakeController, wizard: NewVideoWizard
) -> None:
    controller.board = Message(MessageId.UNEXPECTED, {"detail": "the moon"})
    shown = page(wizard)
    assert "the moon" in shown._machine.text()
    assert wizard.button(NEXT).isEnabled()


def test_the_chosen_ones_details_follow_the_choice(wizard: NewVideoWizard) -> None:
    shown = page(wizard)
    shown.cards[Quality.ULTRA].click()
    assert shown.details._heading.text() == "How Ultra is made here"
    shown.cards[Quality.DRAFT].click()
    assert shown.details._heading.text() == "How Draft is made here"


@pytest.mark.req("V2", "V8", "T2")
def test_advanced_by_keyboard_is_checked_while_typed_and_used(
    controller: FakeController, wizard: NewVideoWizard
) -> None:
    models = ("dreamshaper_8.safetensors", "sd_xl_base_1.0.safetensors")
    controller.services.show(ServiceView(ServiceName.IMAGE_MAKER, models=models))
    shown = page(wizard)
    assert not shown.advanced.isVisible()
    shown.opener.setFocus()
    QTest.keyClick(shown.opener, Qt.Key.Key_Space)
    assert shown.advanced.isVisible()
    steps = shown.advanced.fields["steps"]
    QTest.keyClicks(steps, "4000")
    problem = shown.advanced._problems["steps"]
    assert problem.isVisible()
    assert "4000" in problem.text()
    assert not wizard.button(NEXT).isEnabled()
    # What is wrong is never folded away.
    QTest.keyClick(shown.opener, Qt.Key.Key_Space)
    assert shown.advanced.isVisible()
    QTest.keyClick(steps, Qt.Key.Key_Backspace)
    QTest.keyClick(steps, Qt.Key.Key_Backspace)
    assert not problem.isVisible()
    assert wizard.button(NEXT).isEnabled()
    shown.advanced.sampler.setFocus()
    QTest.keyClick(shown.advanced.sampler, Qt.Key.Key_Down)
    shown.advanced.sampler.activated.emit(shown.advanced.sampler.currentIndex())
    shown.advanced.checkpoint.setCurrentIndex(2)
    shown.advanced.checkpoint.activated.emit(2)
    assert controller.called("make_plans")[-1][1] == models[1]
    (spec,) = wizard.flow.specs()
    assert (spec.picture.steps, spec.picture.checkpoint) == (40, models[1])
    assert spec.picture.sampler == "dpmpp_2m"
    shown.advanced.reset.click()
    assert wizard.flow.specs()[0].picture == NO_OVERRIDES
    assert steps.text() == ""


def test_advanced_is_open_where_something_was_changed(wizard: NewVideoWizard) -> None:
    shown = page(wizard)
    shown.opener.click()
    QTest.keyClicks(shown.advanced.fields["cfg"], "8,5")
    wizard.next()
    wizard.back()
    assert shown.advanced.isVisible()
    assert wizard.flow.specs()[0].picture.cfg == 8.5


def test_ones_own_workflow_brings_its_sampler_and_model(
    qtbot: QtBot, controller: FakeController
) -> None:
    controller.settings = controller.settings.with_values(
        {"image_maker.workflow_file": "/films/mine.json"}
    )
    made = NewVideoWizard(controller)
    qtbot.addWidget(made)
    made.quality._refresh_beside()
    assert not made.quality.advanced.sampler.isEnabled()
    assert not made.quality.advanced.checkpoint.isEnabled()
    assert made.quality.advanced.fields["steps"].isEnabled()
    assert "workflow" in made.quality.advanced._note.text()


@pytest.mark.parametrize("direction", list(Qt.LayoutDirection)[:2])
@pytest.mark.parametrize("appearance", [Appearance.LIGHT, Appearance.DARK])
def test_cards_paint_in_every_look(
    wizard: NewVideoWizard, direction: Qt.LayoutDirection, appearance: Appearance
) -> None:
    Theme.get().set_appearance(appearance)
    wizard.setLayoutDirection(direction)
    card = page(wizard).cards[Quality.ULTRA]
    card.resize(380, card.sizeHint().height())
    wide = card.grab().toImage()
    card.resize(232, card.sizeHint().height())
    assert card.grab().toImage() != wide
    bar = card.facts.bar
    assert bar is not None
    # The bar's solid part lies on the side where reading begins.
    half = wide.width() // 2
    solid = Theme.get().color(bar.tone)
    row = next(
        y for y in range(wide.height() * 2 // 3, wide.height() - 8)
        if sum(wide.pixelColor(x, y) == solid for x in range(12, wide.width() - 12)) > 4
    )  # fmt: skip
    found = [x for x in range(12, wide.width() - 12) if wide.pixelColor(x, row) == solid]
    assert all((x < half) is (direction is Qt.LayoutDirection.LeftToRight) for x in found)
