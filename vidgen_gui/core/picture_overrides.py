"""What a person changed about how pictures are drawn: new values beside a quality's own."""

from pydantic import BaseModel, ConfigDict, Field

FEWEST_STEPS, MOST_STEPS = 1, 200
LEAST_CFG, MOST_CFG = 1.0, 30.0
LONGEST_NAME = 300


class PictureOverrides(BaseModel):
    """Steps, guidance, sampler and model in place of what the quality and the settings say.

    Frozen and range-checked. None and "" leave what is not changed to them. They change a
    picture's look and time, not how much memory it needs. The seed is the job's own.

    Args:
        steps: of the first picture; what is refined takes the same share of them as before.
        cfg: how closely the words are followed.
        sampler: ComfyUI's name of it.
        checkpoint: ComfyUI's name of the model.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: int | None = Field(None, ge=FEWEST_STEPS, le=MOST_STEPS)
    cfg: float | None = Field(None, ge=LEAST_CFG, le=MOST_CFG, allow_inf_nan=False)
    sampler: str = Field("", max_length=LONGEST_NAME, pattern=r"^[\x21-\x7e]*$")
    checkpoint: str = Field("", max_length=LONGEST_NAME)

    @property
    def is_empty(self) -> bool:
        return self == NO_OVERRIDES


NO_OVERRIDES = PictureOverrides()
