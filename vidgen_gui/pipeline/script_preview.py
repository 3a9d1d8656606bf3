"""A script before its job exists: written once, kept, and found again when the job runs."""

from pathlib import Path

from vidgen_gui.core.cancel import CancelToken
from vidgen_gui.core.job import JobSpec
from vidgen_gui.core.script import Script
from vidgen_gui.pipeline.stage import BUILT_IN, StageContext, Workers, run_to_end, way_intent
from vidgen_gui.pipeline.stages.script import ScriptStage
from vidgen_gui.store.artifacts import StoredArtifact, intent_key
from vidgen_gui.store.store import Store


def preview_script(
    spec: JobSpec, stage: ScriptStage, store: Store, workers: Workers, cancel: CancelToken
) -> Script:
    """The script that a job with this request gets.

    Raises:
        VidgenError: it cannot be written or kept.
        Cancelled: the token was set.
    """
    intent = stage.intent(spec, None, {})

    def key(way: str) -> str:
        return intent_key(stage.name, stage.version, way_intent(intent, way))

    for way in stage.ways(spec, cancel):
        found = store.artifacts.find(key(way))
        if found is not None:
            return _script(found)
    with store.artifacts.workspace(key(BUILT_IN)) as workdir:
        context = StageContext(
            spec=spec,
            scene=None,
            inputs={},
            workdir=workdir,
            cancel=cancel,
            workers=workers,
            ffmpeg=Path(),
            words_per_s=store.history.words_per_s(spec.voice),
        )
        output = run_to_end(stage.run(context), cancel)
        return _script(
            store.artifacts.commit(
                key(output.way),
                stage=stage.name,
                workdir=workdir,
                files=output.files,
                value=output.value,
                rung=output.rung,
            )
        )


def _script(artifact: StoredArtifact) -> Script:
    return Script.from_dict(dict(artifact.value))
