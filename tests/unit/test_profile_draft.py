"""What a person does to hardware profiles before it is saved, without widgets."""

import pytest

from vidgen_gui.core.errors import InputError
from vidgen_gui.core.hardware_profile import HardwareProfile
from vidgen_gui.core.messages import MessageId
from vidgen_gui.ui.profile_draft import AUTO, ProfileDraft

ONE = HardwareProfile(name="One", workers=1)
TWO = HardwareProfile(name="Two", workers=2)


@pytest.fixture
def draft() -> ProfileDraft:
    return ProfileDraft((ONE, TWO), "Two")


def test_the_profile_in_use_is_chosen(draft: ProfileDraft) -> None:
    assert (draft.profile, draft.is_auto) == (TWO, False)
    assert (draft.put, draft.removed) == ((), ())
    for active in ("", "gone"):
        auto = ProfileDraft((ONE, TWO), active)
        assert auto.is_auto
        assert auto.profile == HardwareProfile()


def test_a_change_is_put_under_the_old_name(draft: ProfileDraft) -> None:
    draft.change("name", " Zwei\n")
    draft.change("reserve_mib", 700)
    changed = TWO.model_copy(update={"name": "Zwei", "reserve_mib": 700})
    assert draft.put == (("Two", changed),)
    draft.change("name", "Two")
    draft.change("reserve_mib", 512)
    assert draft.put == ()


def test_this_machines_own_cannot_be_changed(draft: ProfileDraft) -> None:
    draft.choose(AUTO)
    draft.change("reserve_mib", 700)
    draft.reset()
    draft.remove()
    assert draft.profile == HardwareProfile()
    assert draft.names == ["One", "Two"]
    assert (draft.put, draft.removed) == ((), ())


def test_an_impossible_value_is_refused_and_the_old_one_stays(draft: ProfileDraft) -> None:
    for name, value in (("reserve_mib", -1), ("workers", 5), ("rungs", "plain"), ("gpu", 3)):
        with pytest.raises(InputError) as caught:
            draft.change(name, value)
        assert caught.value.message.id is MessageId.VALUE_INVALID
    assert draft.profile == TWO


def test_added_ones_are_new_chosen_and_numbered(draft: ProfileDraft) -> None:
    draft.add(ONE)
    assert draft.profile.name == "One 2"
    assert draft.put == (("", ONE.model_copy(update={"name": "One 2"})),)
    draft.remove()
    assert (draft.put, draft.removed) == ((), ())


def test_a_removed_one_is_named_as_it_is_on_the_disk(draft: ProfileDraft) -> None:
    draft.change("name", "Zwei")
    draft.remove()
    assert draft.removed == ("Two",)
    assert draft.put == ()
    assert draft.profile == ONE
    draft.remove()
    assert draft.is_auto
    draft.remove()
    assert draft.removed == ("Two", "One")


def test_a_removed_name_can_be_given_again(draft: ProfileDraft) -> None:
    draft.remove()
    draft.add(HardwareProfile(name="two", workers=4))
    assert draft.is_possible
    assert draft.put == (("", HardwareProfile(name="two", workers=4)),)


def test_reset_keeps_the_name(draft: ProfileDraft) -> None:
    draft.reset()
    assert draft.profile == HardwareProfile(name="Two")


@pytest.mark.parametrize(
    ("name", "problem"),
    [("", MessageId.PROFILE_NAME_EMPTY), (" \n", MessageId.PROFILE_NAME_EMPTY),
     ("ONE", MessageId.PROFILE_NAME_TAKEN), ("Three", None)],
)  # fmt: skip
def test_names_are_checked(draft: ProfileDraft, name: str, problem: MessageId | None) -> None:
    draft.change("name", name)
    found = draft.name_problem()
    assert (found.id if found else None) is problem
    assert draft.is_possible is (problem is None)
    draft.choose(AUTO)
    assert draft.name_problem() is None
    # One that is not looked at would be saved as well.
    assert draft.is_possible is (problem is None)
