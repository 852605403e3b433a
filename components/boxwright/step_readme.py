"""Writes the README and the component.yaml of every step from its config.py, so that they stay in step with the code.

`make docs` runs it. tests/test_steps.py fails when one of them is out of date.
"""

import importlib
import inspect
from dataclasses import MISSING
from pathlib import Path
from types import ModuleType

from boxwright.core.runtime.environments import STEPS
from boxwright.core.runtime.flags import Flag, flags
from boxwright.kfp import component_yaml


def config_module(step: str) -> ModuleType:
    return importlib.import_module(f"boxwright.{step}.config")


def render(step: str) -> str:
    """The README of a step, as Markdown. Raises ValueError for a field without a text."""
    module = config_module(step)
    known = flags(module.Config)
    if missing := [flag.name for flag in known if not flag.text]:
        raise ValueError(
            f"{step}/config.py: no text below {', '.join(missing)}; write what the flag means below the field"
        )
    needed = " ".join(f"{flag.option} …" for flag in known if flag.default is MISSING)
    returned = [f"Output parameter `{name}`: {one.text}" for name, one in module.Config.returns.items()]
    return "\n".join(
        [
            f"# {step}",
            "",
            "<!-- Written by `make docs` from config.py. Edit that file instead. -->",
            "",
            inspect.cleandoc(module.__doc__ or ""),
            "",
            "```",
            f"boxwright {step} {needed}",
            f"docker run --rm --user $(id -u):$(id -g) -v $PWD:/data -w /data boxwright/{STEPS[step]}:TAG \\",
            f"  boxwright {step} {needed}",
            "```",
            "",
            "| flag | default | |",
            "|---|---|---|",
            *(f"| `{flag.option}` | {_default(flag)} | {flag.text_with_choices} |" for flag in known),
            "",
            *(f"{line}\n" for line in returned),
            *(module.readme_notes() if hasattr(module, "readme_notes") else []),
        ]
    )


def _default(flag: Flag) -> str:
    if flag.default is MISSING:
        return "required"
    return f"`{flag.default}`" if str(flag.default) else ""


def main() -> None:
    try:
        texts = {step: render(step) for step in STEPS}
    except ValueError as error:
        raise SystemExit(str(error)) from None
    for step, text in texts.items():
        folder = Path(__file__).parent / step
        (folder / "README.md").write_text(text, encoding="utf-8")
        (folder / component_yaml.FILE).write_text(component_yaml.interface(step), encoding="utf-8")


if __name__ == "__main__":
    main()
