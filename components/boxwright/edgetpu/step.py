"""Runs the step: see config.py."""

import json
from pathlib import Path

from boxwright.core.runtime import atomic_dirs
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.step_io import Result
from boxwright.edgetpu.config import Config

INT8 = "int8.tflite"
REPORT = "edgetpu.json"


def run(config: Config) -> Result:
    """Raises UserError when there is no int8 file or `edgetpu` holds other files. Not being compiled is a result, no error."""
    file = config.tflite / INT8
    if not file.is_file():
        raise UserError(f"{file} is not there: give the tflite folder that `boxwright export` wrote")
    with atomic_dirs.staged([config.edgetpu], [REPORT]) as (folder,):
        report = compile_into(folder, file)
    return result(report)


def compile_into(folder: Path, file: Path) -> dict:
    """Checks and, where the compiler is, compiles the file; leaves the log and the report in the folder, returns the report."""
    from boxwright.edgetpu import compiler

    checked = check(file.read_bytes())
    outcome = compiler.compile_file(file, folder)
    if outcome.log is not None:
        (folder / "edgetpu.log").write_text(outcome.log, encoding="utf-8")
    status = "compiled" if outcome.compiled else "checked, not compiled"
    report = {"status": status, "compiled": outcome.compiled, "compiler": outcome.version, "reason": outcome.reason}
    report |= checked | {"log": compiler.parse(outcome.log) if outcome.log else None}
    (folder / REPORT).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return report


def check(data: bytes) -> dict:
    """Placement of each operator by the published rules, and the share of operators predicted to run on the Edge TPU."""
    from boxwright.edgetpu import placement, tflite_operators

    ops = tflite_operators.operators(data)
    rows = placement.table(ops)
    on_tpu = sum(row["count"] for row in rows if row["placement"] == placement.EDGE_TPU)
    return {
        "rules": f"published for edgetpu_compiler {placement.COMPILER}; a prediction, only the compiler decides",
        "input_types": tflite_operators.input_types(data),
        "refused": placement.refusal(ops),
        "operators": len(ops),
        "predicted_on_tpu": on_tpu / len(ops),
        "ops": rows,
    }


def result(report: dict) -> Result:
    on_tpu = round(report["predicted_on_tpu"] * report["operators"])
    stay = ", ".join(f"{row['op']} {row['count']}" for row in report["ops"] if row["placement"] == "CPU")
    headline = (
        f"Edge TPU: {report['status']} ({report['reason']}); by the rules {on_tpu} of {report['operators']} operators "
    )
    headline += f"can run on it, on the CPU stay: {stay or 'none'}"
    if report["refused"]:
        headline = f"Edge TPU: {report['status']} ({report['reason']}); {report['refused']}"
    about = {"status": report["status"], "compiled": report["compiled"], "compiler": report["compiler"] or "none"}
    about |= {"operators": report["operators"], "predicted_on_tpu": round(report["predicted_on_tpu"], 4)}
    return Result(artifacts={"edgetpu": about}, headline=headline)
