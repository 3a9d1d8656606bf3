"""Which limits are in force when the command line, the environment, a profile and settings differ.

Order of precedence: command line, environment, hardware profile, settings, default. Values only;
where profiles are kept is the store's business.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vidgen_gui.core.environment import environment_notice
from vidgen_gui.core.errors import InputError
from vidgen_gui.core.hardware_profile import (
    FreeAfter,
    HardwareProfile,
    QualityPolicy,
    profile_fields,
)
from vidgen_gui.core.messages import Message, MessageId
from vidgen_gui.core.setting_declaration import Normalized, normalized
from vidgen_gui.core.settings import Settings, normalize

VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "MAX_VRAM_MB": "vram_limit_mib",
        "AUTO_QUALITY_DOWNGRADE": "quality_policy",
        "MAX_WORKERS": "workers",
        "FREE_VRAM_AFTER_GEN": "free_after",
    }
)
"""Each variable and what it overrides in a profile."""
SETTINGS: Mapping[str, str] = MappingProxyType(
    {"workers": "general.workers", "free_after": "image_maker.free_after"}
)
"""What stands in the settings as well, which a profile may leave to them."""
_SWITCHED: Mapping[str, tuple[object, object]] = MappingProxyType(
    {
        "quality_policy": (QualityPolicy.LOWER, QualityPolicy.KEEP),
        "free_after": (FreeAfter.YES, FreeAfter.NO),
    }
)
"""What a variable that is on or off means in a profile."""
NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class EffectiveProfile:
    """What is in force.

    Args:
        profile: the limits; ``workers`` and ``free_after`` are settled in it, never "as set".
        settings: the settings, with what the profile says instead of them.
        variables: which environment variable overrides a field, by the field's name.
        notices: what is to be said about variables that cannot be used as they are.
    """

    profile: HardwareProfile
    settings: Settings
    variables: Mapping[str, str]
    notices: tuple[Message, ...]


def effective_profile(
    profile: HardwareProfile,
    settings: Settings,
    environ: Mapping[str, str],
    arguments: Mapping[str, object] = NOTHING,
) -> EffectiveProfile:
    """Put a profile, the environment and the command line over the settings.

    Args:
        settings: as `load_settings` returned them, the environment's values included.
        arguments: values given on the command line, by the field's name; None is not given.

    Raises:
        InputError: VALUE_INVALID, an argument cannot be used.
    """
    values, variables, notices = _from_environment(environ)
    for name, given in arguments.items():
        if given is not None:
            values[name] = _exact(name, given)
            variables.pop(name, None)
    merged = profile.model_copy(update=values)
    workers = merged.workers or settings.general.workers
    is_freed = (
        settings.image_maker.free_after
        if merged.free_after is FreeAfter.AS_SET
        else merged.free_after is FreeAfter.YES
    )
    settled = {"workers": workers, "free_after": FreeAfter.YES if is_freed else FreeAfter.NO}
    return EffectiveProfile(
        merged.model_copy(update=settled),
        settings.with_values({SETTINGS["workers"]: workers, SETTINGS["free_after"]: is_freed}),
        MappingProxyType(variables),
        notices,
    )


def settings_set_by(profile: HardwareProfile) -> frozenset[str]:
    """The paths of the settings that a profile overrides."""
    fields = profile_fields()
    says = {name for name in SETTINGS if getattr(profile, name) != fields[name].default}
    return frozenset(SETTINGS[name] for name in says)


def _from_environment(
    environ: Mapping[str, str],
) -> tuple[dict[str, object], dict[str, str], tuple[Message, ...]]:
    values: dict[str, object] = {}
    variables: dict[str, str] = {}
    notices: list[Message] = []
    for variable, name in VARIABLES.items():
        given = environ.get(variable, "").strip()
        if not given:
            continue
        result = _read(name, given)
        # What is wrong with a variable for a setting was said when the settings were loaded.
        if (result.clamped or result.invalid) and name not in SETTINGS:
            notices.append(environment_notice(variable, given, result))
        if not result.invalid:
            values[name] = result.value
            variables[name] = variable
    return values, variables, tuple(notices)


def _read(name: str, given: str) -> Normalized:
    if name == "workers":
        return normalize(SETTINGS[name], given)
    if name == "vram_limit_mib":
        return normalized(HardwareProfile, profile_fields()[name], given)
    switch = normalize(SETTINGS["free_after"], given)
    yes, no = _SWITCHED[name]
    return Normalized(yes if switch.value else no, invalid=switch.invalid)


def _exact(name: str, given: object) -> object:
    field = profile_fields()[name]
    result = normalized(HardwareProfile, field, given)
    if result.clamped or result.invalid:
        raise InputError(MessageId.VALUE_INVALID, field=field.title, given=str(given)[:80])
    return result.value
