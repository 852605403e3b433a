"""Diagnosis of annotated images: finds what will hold a detector back, and writes a recipe that fixes it, without training."""

from kfp import dsl

from boxwright.kfp import augment, convert, refusal, run_status, validate
from boxwright.kfp import diagnose as diagnosis
from boxwright.kfp.graph_builder import Tasks, pipeline


@pipeline("boxwright-diagnose")
def diagnose(
    data, format, boxes_for, boxes_as, follow_links, fix, missing, backgrounds, max_objects, split_fractions, group, label_map,
    pixels, beam_options,
    accept, expected_schema, previous_statistics,
    model, init, steps, batch_size, seed, stock, given,
    also, no_flip, fingerprint,
):  # fmt: skip
    """Finds what will hold a detector back on annotated images, and writes a recipe that fixes it, without training."""
    task = Tasks(locals())
    ended = task(run_status, pipeline="diagnose", run=dsl.PIPELINE_JOB_ID_PLACEHOLDER).set_caching_options(False)
    with dsl.ExitHandler(ended, name="steps"):
        converted = task(convert)
        records, tables = converted.outputs["records"], converted.outputs["tables"]
        validated = task(validate, records=records, tables=tables)
        anomalies = validated.outputs["anomalies"]

        with dsl.If(validated.outputs["ready"] == True, name="ready"):  # noqa: E712  (KFP builds a condition from it)
            diagnosed = task(diagnosis, records=records, tables=tables, anomalies=anomalies)
            findings, planned = diagnosed.outputs["findings"], diagnosed.outputs["recipe"]
            task(augment, records=records, recipe=planned, findings=findings)
        with dsl.Else(name="not-ready"):
            task(refusal, records=records, anomalies=anomalies)
