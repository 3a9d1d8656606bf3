"""The sentences about programs that the app starts, finds running and ends."""

from collections.abc import Mapping
from types import MappingProxyType

from vidgen_gui.core.messages import MessageId
from vidgen_gui.ui.marks import QT_TRANSLATE_NOOP

MANAGED_WORDS: Mapping[MessageId, tuple[str, str]] = MappingProxyType(
    {
        MessageId.SERVICE_LOADING: (
            QT_TRANSLATE_NOOP("words", "The program {name} is starting."),
            QT_TRANSLATE_NOOP("words", "Loading a model can take a minute or more."),
        ),
        MessageId.SERVICE_WAITING: (
            QT_TRANSLATE_NOOP(
                "words", "The program {name} runs; it does not answer on port {port} yet."
            ),
            QT_TRANSLATE_NOOP("words", "Please wait; its log shows what it does."),
        ),
        MessageId.SERVICE_RESTARTING: (
            QT_TRANSLATE_NOOP(
                "words", "The program {name} ended by itself and is being started again."
            ),
            QT_TRANSLATE_NOOP("words", "This is try {attempt} of {limit}; its log may say why."),
        ),
        MessageId.SERVICE_START_TOO_LONG: (
            QT_TRANSLATE_NOOP(
                "words",
                "The program {name} was not ready after {after_s} s. Its last words: {words}",
            ),
            QT_TRANSLATE_NOOP(
                "words", "Look at its log in Services; a smaller model is ready sooner."
            ),
        ),
        MessageId.SERVICE_ENDED: (
            QT_TRANSLATE_NOOP(
                "words", "The program {name} ended by itself. Its last words: {words}"
            ),
            QT_TRANSLATE_NOOP("words", "Look at its log in Services, then start it again."),
        ),
        MessageId.SERVICE_ENDED_MUTE: (
            QT_TRANSLATE_NOOP(
                "words", "The program {name} ended by itself without a word (exit code {code})."
            ),
            QT_TRANSLATE_NOOP(
                "words", "Check its start command in Settings, or run it in a terminal to see more."
            ),
        ),
        MessageId.SERVICE_GAVE_UP: (
            QT_TRANSLATE_NOOP(
                "words",
                "The program {name} ended {times} times in {minutes} min. Its last words: {words}",
            ),
            QT_TRANSLATE_NOOP("words", "Look at its log in Services, then start it again."),
        ),
        MessageId.SERVICE_HUNG: (
            QT_TRANSLATE_NOOP(
                "words", "The program {name} ran, but answered nothing for {minutes} min."
            ),
            QT_TRANSLATE_NOOP("words", "Look at its log in Services, then start it again."),
        ),
        MessageId.SERVICE_STOPPED: (
            QT_TRANSLATE_NOOP("words", "The program {name} was stopped before it was ready."),
            QT_TRANSLATE_NOOP("words", "Start it again when you need it."),
        ),
        MessageId.SERVICE_RUN_ELSEWHERE: (
            QT_TRANSLATE_NOOP(
                "words",
                "The program {name} still runs on port {port}; something else keeps it running.",
            ),
            QT_TRANSLATE_NOOP("words", "Give your own stop command in Settings."),
        ),
        MessageId.ADOPTED_NEEDS_CONSENT: (
            QT_TRANSLATE_NOOP("words", "VidGen did not start {program} (process {pid})."),
            QT_TRANSLATE_NOOP("words", "Agree to stopping it, or stop it where it was started."),
        ),
        MessageId.ADOPTED_CHANGED: (
            QT_TRANSLATE_NOOP(
                "words", "Port {port} no longer belongs to {program} (process {pid})."
            ),
            QT_TRANSLATE_NOOP("words", "Check the service again, then try once more."),
        ),
        MessageId.ADOPTED_NOT_ENDED: (
            QT_TRANSLATE_NOOP(
                "words", "The program {program} (process {pid}) could not be stopped."
            ),
            QT_TRANSLATE_NOOP("words", "Stop it where it was started; it may not be yours."),
        ),
        MessageId.ADOPTED_COMMAND_UNKNOWN: (
            QT_TRANSLATE_NOOP(
                "words", "The system does not say how {program} (process {pid}) was started."
            ),
            QT_TRANSLATE_NOOP("words", "Give your own start command in Settings."),
        ),
        MessageId.PORT_TAKEN: (
            QT_TRANSLATE_NOOP("words", "Another program uses port {port}."),
            QT_TRANSLATE_NOOP("words", "End that program, or choose another port in Settings."),
        ),
        MessageId.PORT_TAKEN_BY: (
            QT_TRANSLATE_NOOP("words", "The program {program} (process {pid}) uses port {port}."),
            QT_TRANSLATE_NOOP("words", "End that program, or choose another port in Settings."),
        ),
        MessageId.GPU_MISSING: (
            QT_TRANSLATE_NOOP(
                "words", "The program {name} found no graphics card that it can use (CUDA)."
            ),
            QT_TRANSLATE_NOOP(
                "words",
                "Install the card’s driver. Without a card, use 0 layers for llama-server or the "
                "option --cpu for ComfyUI.",
            ),
        ),
        MessageId.GPU_DRIVER_OLD: (
            QT_TRANSLATE_NOOP("words", "The graphics driver is too old for {name}."),
            QT_TRANSLATE_NOOP("words", "Install the newest driver for the graphics card."),
        ),
        MessageId.GPU_UNSUPPORTED: (
            QT_TRANSLATE_NOOP("words", "The program {name} was not built for this graphics card."),
            QT_TRANSLATE_NOOP(
                "words", "Install a version of it, or of its PyTorch, that supports the card."
            ),
        ),
        MessageId.GPU_MEMORY_SHORT: (
            QT_TRANSLATE_NOOP("words", "The graphics card has too little free memory for {name}."),
            QT_TRANSLATE_NOOP(
                "words",
                "Close programs that use the card, put fewer layers on it, or choose a smaller "
                "model or context.",
            ),
        ),
        MessageId.MEMORY_SHORT: (
            QT_TRANSLATE_NOOP("words", "The computer has too little free memory for {name}."),
            QT_TRANSLATE_NOOP(
                "words", "Close other programs, or choose a smaller model or context."
            ),
        ),
        MessageId.PROCESSOR_TOO_OLD: (
            QT_TRANSLATE_NOOP(
                "words", "The program {name} was built for a newer processor than this one."
            ),
            QT_TRANSLATE_NOOP("words", "Install a version of it for older processors (no AVX2)."),
        ),
        MessageId.PROGRAM_ENDED_BY_SYSTEM: (
            QT_TRANSLATE_NOOP("words", "Somebody or the system ended {name} by force."),
            QT_TRANSLATE_NOOP(
                "words",
                "Most often memory ran out: close other programs, or choose a smaller model.",
            ),
        ),
        MessageId.MODEL_FILE_MISSING: (
            QT_TRANSLATE_NOOP("words", "There is no model at {path}."),
            QT_TRANSLATE_NOOP("words", "Choose the model file again in Settings."),
        ),
        MessageId.MODEL_FILE_DAMAGED: (
            QT_TRANSLATE_NOOP("words", "The model file {path} is damaged or no GGUF file."),
            QT_TRANSLATE_NOOP("words", "Download it again, or choose another model file."),
        ),
        MessageId.MODEL_UNSUPPORTED: (
            QT_TRANSLATE_NOOP(
                "words", "The program {name} does not know models of the kind “{kind}”."
            ),
            QT_TRANSLATE_NOOP("words", "Install a newer version of it, or choose another model."),
        ),
        MessageId.CHECKPOINT_NONE: (
            QT_TRANSLATE_NOOP("words", "ComfyUI has no usable image model “{given}”."),
            QT_TRANSLATE_NOOP(
                "words", "Choose one that it has in Services, or put one into models/checkpoints."
            ),
        ),
        MessageId.FLAG_UNKNOWN: (
            QT_TRANSLATE_NOOP("words", "The program {name} does not know the option {flag}."),
            QT_TRANSLATE_NOOP("words", "Remove it from the options in Settings."),
        ),
        MessageId.FLAG_VALUE: (
            QT_TRANSLATE_NOOP(
                "words", "The program {name} cannot use the value of its option {flag}."
            ),
            QT_TRANSLATE_NOOP("words", "Correct it in Settings."),
        ),
        MessageId.PYTHON_MODULE_MISSING: (
            QT_TRANSLATE_NOOP("words", "The program {name} lacks the Python module “{module}”."),
            QT_TRANSLATE_NOOP(
                "words",
                "Choose the Python that it was installed with, or install its requirements again.",
            ),
        ),
        MessageId.LIBRARY_MISSING: (
            QT_TRANSLATE_NOOP("words", "The program {name} lacks the system library {library}."),
            QT_TRANSLATE_NOOP("words", "Install it again, in a version made for this system."),
        ),
        MessageId.ACCESS_DENIED: (
            QT_TRANSLATE_NOOP("words", "The system denies access: {what}"),
            QT_TRANSLATE_NOOP("words", "Make it readable and usable for your user."),
        ),
        MessageId.COMFYUI_FOLDER_WRONG: (
            QT_TRANSLATE_NOOP("words", "There is no ComfyUI in {path} (no main.py)."),
            QT_TRANSLATE_NOOP("words", "Choose the folder that holds ComfyUI’s main.py."),
        ),
        MessageId.COMFYUI_PYTHON_MISSING: (
            QT_TRANSLATE_NOOP("words", "There is no Python to run the ComfyUI in {path}."),
            QT_TRANSLATE_NOOP("words", "Say in Settings which Python it was installed with."),
        ),
        MessageId.COMMAND_EMPTY: (
            QT_TRANSLATE_NOOP("words", "There is no command."),
            QT_TRANSLATE_NOOP("words", "Type a program and its options."),
        ),
        MessageId.COMMAND_QUOTES: (
            QT_TRANSLATE_NOOP("words", "A quotation mark has no partner in: {command}"),
            QT_TRANSLATE_NOOP("words", "Add the missing one."),
        ),
        MessageId.COMMAND_NEEDS_SHELL: (
            QT_TRANSLATE_NOOP("words", "Only a shell understands “{sign}”."),
            QT_TRANSLATE_NOOP("words", "Put the command into a script file and name that file."),
        ),
        MessageId.COMMAND_NOT_FOUND: (
            QT_TRANSLATE_NOOP("words", "There is no program {program}."),
            QT_TRANSLATE_NOOP("words", "Give its full path in Settings."),
        ),
        MessageId.COMMAND_NOT_RUNNABLE: (
            QT_TRANSLATE_NOOP("words", "The file {path} may not be run as a program."),
            QT_TRANSLATE_NOOP("words", "Allow it in the file’s properties (chmod +x)."),
        ),
        MessageId.COMMAND_NO_FIRST_LINE: (
            QT_TRANSLATE_NOOP("words", "The script {path} does not say which program runs it."),
            QT_TRANSLATE_NOOP("words", "Make #!/bin/sh its first line, or name the program."),
        ),
    }
)
