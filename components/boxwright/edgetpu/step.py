"""Runs the step: see config.py."""

from pathlib import Path

from boxwright.core.artifacts import edgetpu as artifact
from boxwright.core.artifacts.edgetpu import EdgeTpu
from boxwright.core.runtime import atomic_dirs
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.step_io import Result
from boxwright.edgetpu import compiler, placement, tflite_operators
from boxwright.edgetpu.config import Config

INT8 = "int8.tflite"
_SHOWN = 20  # kinds of operators in the headline


def run(config: Config) -> Result:
    """Checks and compiles the int8 file. A file that does not compile is a result, not an error.

    Raises UserError if int8.tflite is missing or damaged, or if the folder `edgetpu` holds other files.
    """
    file = config.tflite / INT8
    if not file.is_file():
        raise UserError(f"{file} does not exist: give the tflite folder that `boxwright export` wrote")
    with atomic_dirs.staged([config.edgetpu], [artifact.FILE]) as (folder,):
        report = compile_into(folder, file)
    return result(report)


def compile_into(folder: Path, file: Path) -> EdgeTpu:
    """Checks the file by the published rules, and compiles it if the compiler is installed. Writes log and edgetpu.json.

    Raises UserError if the file is not a TFLite file, or is damaged.
    """
    ops, input_types = tflite_operators.read(file)
    outcome = compiler.compile_file(file, folder)
    if outcome.log is not None:
        (folder / "edgetpu.log").write_text(outcome.log, encoding="utf-8")
    report = EdgeTpu(
        status="compiled" if outcome.compiled else "checked, not compiled",
        compiled=outcome.compiled,
        compiler=outcome.version,
        reason=outcome.reason,
        rules=f"published for edgetpu_compiler {placement.COMPILER}; a prediction that only the compiler can confirm",
        input_types=tuple(input_types),
        refused=placement.refusal(ops),
        operators=len(ops),
        predicted_on_tpu=sum(where == placement.EDGE_TPU for where, _ in placement.place(ops)) / len(ops),
        ops=placement.table(ops),
        log=compiler.parse(outcome.log) if outcome.log else None,
    )
    artifact.write(folder / artifact.FILE, report)
    return report


def result(report: EdgeTpu) -> Result:
    """The step's metadata and headline."""
    on_tpu = round(report.predicted_on_tpu * report.operators)
    cpu = [f"{row.op} {row.count}" for row in report.ops if row.placement == placement.CPU]
    stay = ", ".join(cpu[:_SHOWN]) + (", ..." if len(cpu) > _SHOWN else "")
    predicted = report.refused or (
        f"by the published rules, {on_tpu} of {report.operators} operators can run on it; on the CPU: {stay or 'none'}"
    )
    about = {"status": report.status, "compiled": report.compiled, "compiler": report.compiler or "none"}
    about |= {"operators": report.operators, "predicted_on_tpu": round(report.predicted_on_tpu, 4)}
    headline = f"Edge TPU: {report.status} ({report.reason}); {predicted}"
    return Result(artifacts={"edgetpu": about}, headline=headline)
