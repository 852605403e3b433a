"""Fine-tuning from annotated images to a measured TFLite detector, with a report of what holds it back."""

from kfp import dsl

from boxwright.cluster import resources
from boxwright.kfp import (
    augment,
    convert,
    diagnose,
    edgetpu,
    evaluate,
    export,
    refusal,
    report,
    run_status,
    train,
    validate,
)  # fmt: skip
from boxwright.kfp.graph_builder import Tasks, pipeline


@pipeline("boxwright-finetune")
def finetune(
    data, format, boxes_for, boxes_as, follow_links, fix, missing, backgrounds, max_objects, split_fractions, group, label_map,
    pixels, beam_options,
    accept, expected_schema, previous_statistics,
    model, init, steps, batch_size, seed, stock,
    also, no_flip, preflight, calibration_images,
    checkpoints, gpu_type, gpu_count, node_selector, fingerprint,
):  # fmt: skip
    """Fine-tunes a detector on annotated images, exports it as TFLite and reports what holds it back."""
    task = Tasks(locals())
    ended = task(run_status, pipeline="finetune", run=dsl.PIPELINE_JOB_ID_PLACEHOLDER).set_caching_options(False)
    with dsl.ExitHandler(ended, name="steps"):
        converted = task(convert)
        records, tables = converted.outputs["records"], converted.outputs["tables"]
        validated = task(validate, records=records, tables=tables)
        anomalies = validated.outputs["anomalies"]

        with dsl.If(validated.outputs["ready"] == True, name="ready"):  # noqa: E712  (KFP builds a condition from it)
            diagnosed = task(diagnose, records=records, tables=tables, anomalies=anomalies)
            findings, planned = diagnosed.outputs["findings"], diagnosed.outputs["recipe"]
            augmented = task(augment, records=records, recipe=planned, findings=findings)
            recipe = augmented.outputs["final_recipe"]
            trained = task(train, records=records, recipe=recipe, init=diagnosed.outputs["weights"], gpus=gpu_count)
            resources.on_gpu(trained, gpu_type, gpu_count, node_selector)
            tflite = task(export, model=trained.output, records=records).outputs["tflite"]
            as_trained = task(evaluate, "evaluate trained", model=trained.output, variant="trained", records=records)
            as_int8 = task(evaluate, "evaluate int8", model=tflite, variant="int8", records=records)
            checked = task(edgetpu, tflite=tflite)
            task(
                report, records=records, anomalies=anomalies, findings=findings, recipe=recipe, model=trained.output,
                tflite=tflite, edgetpu=checked.output, evaluation_float=as_trained.outputs["evaluation"],
                evaluation_int8=as_int8.outputs["evaluation"],
            )  # fmt: skip
        with dsl.Else(name="not-ready"):
            task(refusal, records=records, anomalies=anomalies)
