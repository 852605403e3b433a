"""The steps as KFP components, for any graph: `from boxwright.kfp import convert, diagnose`."""

from boxwright.kfp.component import build

convert = build("convert")
validate = build("validate")
diagnose = build("diagnose")
augment = build("augment")
train = build("train")
export = build("export")
evaluate = build("evaluate")
examine = build("examine")
edgetpu = build("edgetpu")
report = build("report")
run_status = build("run_status")

# A run that validation stopped has only records and anomalies to report.
refusal = build(
    "report",
    name="refusal",
    without=("findings", "recipe", "model", "evaluation_float", "evaluation_int8", "tflite", "edgetpu"),
    text="Reports a run that validation stopped, with every reason.",
)
