"""The `boxwright` command: one sub-command a step, generated from its Config, and the commands around the pipeline.

A step's command runs in the environment that holds its libraries: on the host this process hands over to it, in a container
it is already there. Flags come from the step's dataclass, so that there is one definition of them.
"""

import importlib
import os
import signal
import sys
import threading
import time
from dataclasses import fields
from importlib.util import find_spec
from types import FrameType

from boxwright import __version__
from boxwright.core.runtime import console, step_paths
from boxwright.core.runtime.environments import STEPS, script_for
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.step_io import run_and_emit

# Commands around the pipeline: a function of argv; they need kfp and so the authoring environment.
COMMANDS = {
    "run": ("local.run:main", "run the whole pipeline here, with or without Docker"),
    "diagnose": ("local.diagnose:main", "with --data: say why a detector is poor on these images, without training"),
    "doctor": ("local.doctor:main", "say what is missing for each way of running"),
    "lineage": ("lineage.command:main", "print what came from what in a run"),
    "verify": ("lineage.verify:main", "check that nobody changed a run's artifacts"),
    "compile": ("cluster.compile:main", "write the pipelines as YAML for a Kubeflow cluster"),
    "upload": ("cluster.commands:upload", "put the pipelines on a Kubeflow Pipelines server"),
    "submit": ("cluster.commands:submit", "start a run on the server"),
    "status": ("cluster.commands:status", "say how a run on the server stands"),
    "logs": ("cluster.commands:logs", "print what the tasks of a run on the server wrote"),
    "compare": ("cluster.commands:compare", "print what differs between two runs, on the server or here"),
}


def usage() -> str:
    lines = [f"boxwright {__version__}", "", "usage: boxwright COMMAND [--help] ...", "", "the pipeline:"]
    lines += [f"  {name:<10} {what}" for name, (_, what) in COMMANDS.items()]
    lines += ["", "one step:"]
    lines += [f"  {name:<10} {summary(name)}" for name in STEPS]
    return "\n".join(lines)


def summary(step: str) -> str:
    """First line of a step's docstring."""
    return (importlib.import_module(f"boxwright.{step}.config").__doc__ or "").strip().split("\n")[0]


def main() -> None:
    """Entry point. Exit code 2: the user can put it right (message on stderr); anything else is a bug with its traceback."""
    console.forgiving()
    # Python processes that this one starts, such as convert's workers, would look for modules in the current folder first.
    os.environ["PYTHONSAFEPATH"] = "1"
    name, *argv = attached(sys.argv[1:]) or ["--help"]
    signal.signal(signal.SIGTERM, end)
    try:
        if name in ("-h", "--help", "help"):
            print(usage())
        elif name == "--version":
            print(__version__)
        elif name in COMMANDS and not (name in STEPS and is_one_step(argv)):
            module, _, function = COMMANDS[name][0].partition(":")
            getattr(importlib.import_module(f"boxwright.{module}"), function)(argv)
        elif name in STEPS:
            run_step(name, argv)
        else:
            raise UserError(f"there is no command {name!r}; `boxwright --help` lists them")
        print(end="", flush=True)
    except UserError as error:
        sys.exit(fail(f"boxwright {name}: {error}"))
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        if not unprintable():
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # for what Python still has to say at its end
        if isinstance(error, BrokenPipeError):  # `boxwright --help | head` has what it wanted
            sys.exit(128 + signal.SIGPIPE)
        sys.exit(fail(f"boxwright {name}: what it prints cannot be written: {error.strerror}"))


def unprintable() -> bool:
    """Whether nothing that we print arrives any more: nobody reads it, or the disk that it goes to is full."""
    try:
        os.write(1, b"\n")
    except OSError:
        return True
    return False


def end(number: int, _: FrameType | None) -> None:
    """As Ctrl-C does, so that no worker stays and no half-written output: Docker and Kubernetes ask in this way."""
    sys.exit(128 + number)


def attached(words: list[str]) -> list[str]:
    """`--beam-options --runner=X` as one word: its value is made of flags, which a parser takes for ours."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] == "--beam-options":
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def is_one_step(argv: list[str]) -> bool:
    """Whether a command that is both a step and a graph means the step: with --data, or to show its help, it is the graph."""
    if any(flag.partition("=")[0] == "--data" for flag in argv):
        return False
    return not {"-h", "--help"} & set(argv) or not find_spec("kfp")


def fail(message: str) -> int:
    print(f"\nerror: {message}", file=sys.stderr, flush=True)
    return 2


def run_step(step: str, argv: list[str]) -> None:
    if script := script_for(step):
        print(end="", flush=True)
        os.execv(script, [str(script), step, *argv])
    import tyro

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    end_with_parent()
    executor_input, flags = split_executor_input(argv)
    described = importlib.import_module(f"boxwright.{step}.config")
    flags = as_switches(flags, described.Config)
    config = tyro.cli(described.Config, args=flags, prog=f"boxwright {step}", description=described.__doc__)
    module = importlib.import_module(f"boxwright.{step}.step")
    print(run_and_emit(lambda: step_paths.run(module.run, config), executor_input, step).headline, flush=True)


def split_executor_input(argv: list[str]) -> tuple[str | None, list[str]]:
    """KFP's own flag, and the user's."""
    if "--executor-input" not in argv[:-1]:
        return None, argv
    at = argv.index("--executor-input")
    return argv[at + 1], argv[:at] + argv[at + 2 :]


def as_switches(flags: list[str], config: type) -> list[str]:
    """KFP passes a bool as `--stock true`; the command line has `--stock` and `--no-stock`."""
    names = {"--" + f.name.replace("_", "-"): f.name.replace("_", "-") for f in fields(config) if f.type is bool}
    switches: list[str] = []
    for flag in flags:
        if switches and switches[-1] in names and flag.lower() in ("true", "false"):
            name = names[switches.pop()]
            flag = f"--{name}" if flag.lower() == "true" else f"--no-{name}"
        switches.append(flag)
    return switches


def end_with_parent() -> None:
    """A step started by the local runner must not outlive it: a second run would find two trainings in one folder."""
    if "BOXWRIGHT_RUNNER" not in os.environ:
        return
    runner = int(os.environ["BOXWRIGHT_RUNNER"])

    def watch() -> None:
        while os.getppid() == runner:
            time.sleep(0.5)
        os._exit(137)

    threading.Thread(target=watch, daemon=True).start()
