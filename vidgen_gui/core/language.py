"""Language codes (BCP 47 and the like); which language a text is in is `pipeline.language`."""


def primary_language(code: str) -> str:
    """``"en"`` of ``"en-US"`` or ``"en_US"``."""
    return code.replace("_", "-").split("-", 1)[0].lower()
