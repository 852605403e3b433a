"""The `boxwright` command: one sub-command per step, generated from its Config, and the commands around the pipeline.

A command runs in the environment that has its libraries: this process replaces itself with a process of that environment, unless
it runs there already, as in a container. So this module starts in any Python from 3.11 on, with the standard library only.
"""

import errno
import importlib
import os
import signal
import sys
import threading
import time
from dataclasses import MISSING, field, make_dataclass
from difflib import get_close_matches
from types import FrameType
from typing import Annotated

from boxwright import __version__
from boxwright.command_line.step_arguments import as_switches, attached, not_named, split_executor_input
from boxwright.core.runtime import console, search_paths, text_files
from boxwright.core.runtime.environments import HOST, STEPS, runs_here
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.flags import Choices, check_others
from boxwright.core.runtime.flags import flags as known_flags
from boxwright.core.runtime.step_io import parsed, run_and_emit
from boxwright.core.storage import step_paths, uri

# Commands that any Python runs. Each is a function of argv.
ANYWHERE = {
    "env": ("environments.command:main", "list, make and remove the environments that commands make on first use"),
    "completion": ("command_line.completion:main", "print a script that completes commands and flags in your shell"),
}
# Commands around the pipeline. Each is a function of argv. They need kfp, which only the authoring environment has.
COMMANDS = {
    "run": ("local.run:main", "run the whole pipeline here, with or without Docker"),
    "diagnose": (
        "local.diagnose:main",
        "with --data: find out why a detector is poor on these images, without training",
    ),
    "doctor": ("local.doctor:main", "report what is missing for each way of running"),
    "lineage": ("lineage.command:main", "show which artifacts of a run were made from which"),
    "verify": ("lineage.verify:main", "check that the artifacts of a run are unchanged"),
    "compile": ("cluster.compile:main", "write the pipelines as YAML for a Kubeflow cluster"),
    "upload": ("cluster.commands:upload", "upload the pipelines to a Kubeflow Pipelines server"),
    "submit": ("cluster.commands:submit", "start a run on the server"),
    "status": ("cluster.commands:status", "print the state of a run on the server"),
    "logs": ("cluster.commands:logs", "print the logs of a run on the server"),
    "compare": ("cluster.commands:compare", "print the differences between two runs or two recipes"),
}


NO_MEMORY = (
    "there is not enough memory for these files; remove what does not belong to them, give fewer or smaller files, or use a "
    "machine with more memory"
)


# Errors of a path that a folder of the user or of a stranger can cause anywhere.
UNUSABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ELOOP, errno.ENXIO, errno.ENODEV)


NEXT = f"""boxwright {__version__} finds out why an SSD-MobileNet detector is poor on your images, and fixes it. Type next:
  boxwright diagnose --data ./my_images                why it is poor: about a minute, no training
  boxwright run --data ./my_images --out runs/first    train it: the model, TFLite files and a report
  boxwright doctor                                     what is installed, and what is missing
  boxwright --help                                     all commands"""


def usage() -> str:
    lines = [f"boxwright {__version__}", "", "usage: boxwright COMMAND [--help] ...", "", "the pipeline:"]
    lines += [f"  {name:<10} {what}" for name, what in summaries().items() if name not in STEPS or name in COMMANDS]
    lines += ["", "one step:"]
    lines += [f"  {name:<10} {summary(name)}" for name in STEPS]
    return "\n".join(lines)


def summaries() -> dict[str, str]:
    """What each command does, in a line."""
    around = {name: what for name, (_, what) in (COMMANDS | ANYWHERE).items()}
    return around | {name: summary(name) for name in STEPS if name not in around}


def summary(step: str) -> str:
    """First line of a step's docstring."""
    return (importlib.import_module(f"boxwright.{step}.config").__doc__ or "").strip().split("\n")[0]


def main() -> None:
    """Entry point. Exit code 2 means an error that the user can correct; stderr has the message. A traceback means a bug."""
    console.protect_terminal()
    search_paths.protect()
    sys.excepthook = console.traceback_without_secrets
    name, *argv = attached(sys.argv[1:]) or [""]
    signal.signal(signal.SIGTERM, end)
    end_with_parent()
    try:
        start(name, without_addresses(argv))
        print(end="", flush=True)
    except UserError as error:
        sys.exit(fail(f"boxwright {name}: {error}"))
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(code_of(name, error))
    except MemoryError:
        sys.exit(fail(f"boxwright {name}: {NO_MEMORY}"))


def start(name: str, argv: list[str]) -> None:
    """Runs a command. Raises UserError for a name that is none."""
    if not name:
        print(NEXT)
    elif name in ("-h", "--help", "help"):
        print(usage())
    elif name == "--version":
        print(__version__)
    elif name in ANYWHERE:
        call(ANYWHERE[name][0], argv)
    elif name in COMMANDS or name in STEPS:
        run(name, argv)
    else:
        near = get_close_matches(name, summaries(), 1)
        meant = f"; did you mean `boxwright {near[0]}`?" if near else ";"
        raise UserError(f"there is no command {name!r}{meant} `boxwright --help` lists them")


def run(name: str, argv: list[str]) -> None:
    """Runs a command that needs libraries, in the environment that has them."""
    one_step = name not in COMMANDS or (name in STEPS and is_one_step(argv))
    environment = HOST[STEPS[name]] if one_step else "authoring"
    if not runs_here(environment):
        call(f"environments.handover:to_{environment}", [name, *argv])
    elif one_step:
        run_step(name, argv)
    else:
        call(COMMANDS[name][0], argv)


def call(function: str, argv: list[str]) -> None:
    """Calls `module:function` of this package."""
    module, _, name = function.partition(":")
    getattr(importlib.import_module(f"boxwright.{module}"), name)(argv)


def code_of(name: str, error: OSError) -> int:
    """The exit code for output that cannot be written, and for a path that cannot be used, after its message. Raises any other
    error again."""
    if unprintable():
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Python flushes standard output when it exits
        if isinstance(error, BrokenPipeError):  # as in `boxwright --help | head`
            return 128 + signal.SIGPIPE
        return fail(f"boxwright {name}: standard output cannot be written: {error.strerror}")
    if error.errno == errno.ENAMETOOLONG:
        return fail(f"boxwright {name}: {str(error.filename)[:100]}... is too long for a path; give a shorter one")
    if error.errno in UNUSABLE and error.filename:
        return fail(
            f"boxwright {name}: {error.filename} cannot be used: {error.strerror}; check its rights and its disk"
        )
    if error.errno not in text_files.FULL_CODES:
        raise error
    what = error.filename or "an output"
    return fail(
        f"boxwright {name}: {what} cannot be written: {error.strerror}; free space on its disk, and run the command again"
    )


def unprintable() -> bool:
    """Whether standard output can no longer be written: its reader has closed it, or its disk is full."""
    try:
        os.write(1, b"\n")
    except OSError:
        return True
    return False


def end(number: int, _: FrameType | None) -> None:
    """Exits as on Ctrl-C, so that no worker and no half-written output remains. Docker and Kubernetes send SIGTERM."""
    sys.exit(128 + number)


def without_addresses(argv: list[str]) -> list[str]:
    """The words with addresses without passwords and queries, which stay in the environment (see `uri.hide`).

    The process starts again with these words, so that the list of processes has no secret from then on. A task of a cluster keeps
    its words: Kubeflow shows them anyway, and the next task needs the whole address.
    """
    hidden = argv if "--executor-input" in argv else uri.hide(argv)
    changed = [word for word, before in zip(hidden, argv, strict=True) if word != before]
    if not changed:
        return argv
    print(
        f"warning: {changed[0]}: other users of this machine could read the password or the query of this address in the list of "
        "processes; put it whole into the variable BOXWRIGHT_URLS, and give it on the command line as shown here",
        file=sys.stderr,
        flush=True,
    )
    if sys.orig_argv[-len(argv) :] == argv:  # not if another program calls `main`
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1 : -len(argv)], *hidden])
    return hidden


def is_one_step(argv: list[str]) -> bool:
    """Whether a name that is both a step and a graph means the step. With --data or --help, it means the graph, where there are
    graphs: not in an image."""
    if any(flag.partition("=")[0] == "--data" for flag in argv):
        return False
    return not {"-h", "--help"} & set(argv) or "BOXWRIGHT_IMAGE" in os.environ


def fail(message: str) -> int:
    print(f"\nerror: {message}", file=sys.stderr, flush=True)
    return 2


def run_step(step: str, argv: list[str]) -> None:
    console.silence_libraries()
    search_paths.import_matplotlib()
    executor_input, flags = split_executor_input(argv)
    described = importlib.import_module(f"boxwright.{step}.config")
    if executor_input:
        given = parsed(executor_input).get("inputs", {}).get("parameterValues", {})
        check_others(described.Config, given)
        flags = attached([*flags, *not_named(flags, given, described.Config)])
    flags = as_switches(flags, described.Config)
    shown = with_choices(described.Config)
    read = console.parse(shown, flags, f"boxwright {step}", described.__doc__)
    config = described.Config(**{flag.name: getattr(read, flag.name) for flag in known_flags(described.Config)})
    module = importlib.import_module(f"boxwright.{step}.step")
    print(run_and_emit(lambda: step_paths.run(module.run, config), executor_input, step).headline, flush=True)


def with_choices(config: type) -> type:
    """A Config for the command line: `--help` shows the words that a flag may be. The parser shows those of a Literal only."""
    import tyro

    made = []
    for flag in known_flags(config):
        if flag.mark(Choices):
            arg = tyro.conf.arg(help=flag.text, metavar=flag.metavar)
            default = {} if flag.default is MISSING else {"default": flag.default}
            made.append((flag.name, Annotated[flag.kind, *flag.marks, arg], field(**default)))
    return make_dataclass(config.__name__, made, bases=(config,), kw_only=True, frozen=True)


def end_with_parent() -> None:
    """Ends this process when the one that started it ends: a step with the local runner, a command with the notebook that runs
    it. Otherwise the next run could start a second training in the same folder."""
    if "BOXWRIGHT_RUNNER" not in os.environ:
        return
    runner = int(os.environ["BOXWRIGHT_RUNNER"])

    def watch() -> None:
        while os.getppid() == runner:
            time.sleep(0.5)
        os._exit(137)

    threading.Thread(target=watch, daemon=True).start()
