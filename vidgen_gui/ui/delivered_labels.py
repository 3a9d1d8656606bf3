"""How a video was delivered where that is not what was asked for: the badge and its sentence."""

from PySide6.QtCore import QCoreApplication

from vidgen_gui.controller.job_view import JobView
from vidgen_gui.ui import labels, words
from vidgen_gui.ui.drawing_words import way_name


def _tr(text: str) -> str:
    return QCoreApplication.translate("delivered", text)


def delivered_badge(view: JobView) -> str:
    """One or two words beside the quality; empty where there is nothing to say."""
    made = view.delivered
    if made is None:
        return ""
    if made.quality is None:
        return _tr("painted")
    if made.quality < view.quality:
        return _tr("as {quality}").format(quality=labels.quality_name(made.quality))
    return _tr("adapted")


def delivered_text(view: JobView) -> str:
    """What was made otherwise, how, and why; empty where there is nothing to say."""
    told = [] if view.remark is None else [words.sentence(view.remark)]
    return " ".join((*_about_pictures(view), *told))


def _about_pictures(view: JobView) -> list[str]:
    made = view.delivered
    if made is None:
        return []
    which = _tr("All pictures were made by {way}.")
    if made.pictures < made.of:
        which = _tr("{pictures} of {of} pictures were made by {way}.")
    return [
        which.format(pictures=made.pictures, of=made.of, way=way_name(made.rung)),
        words.reason(made.reason)
        if made.reason is not None
        else _tr("The graphics card had not enough memory for more."),
        _tr("The video has its full size, {size}.").format(size=view.spec.frame_size),
    ]
