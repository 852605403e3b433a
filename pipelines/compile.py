"""Writes the pipeline as YAML for a Kubeflow cluster: upload it in the KFP UI, then *Create run*."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Config:
    out: Path = Path("build/finetune.yaml")
    """File to write. Images are named by version and content; BOXWRIGHT_REGISTRY puts a registry before the names."""


def main(argv: list[str]) -> None:
    import tyro

    config = tyro.cli(Config, args=argv, prog="boxwright compile", description=__doc__)
    compile_to(config.out)
    print(f"wrote {config.out}")


def compile_to(out: Path) -> None:
    from kfp.compiler import Compiler

    from boxwright.pipelines.finetune import finetune

    out.parent.mkdir(parents=True, exist_ok=True)
    Compiler().compile(finetune, str(out))
