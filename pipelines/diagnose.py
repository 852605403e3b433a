"""Diagnosis of annotated images: what will hold a detector back on them and which recipe answers it, without a training."""

from kfp import dsl

from boxwright.augment.component import augment
from boxwright.cluster import resources
from boxwright.cluster.resources import DATA, LIGHT, ask
from boxwright.convert.component import convert
from boxwright.diagnose.component import diagnose as diagnosis
from boxwright.report.component import refusal
from boxwright.run_status.component import run_status
from boxwright.validate.component import validate


@dsl.pipeline(name="boxwright-diagnose", description=__doc__)
def diagnose(
    data: str,
    init: str = "auto",
    model: str = "ssd_mobilenet_v1_ppn",
    steps: int = 0,
    batch_size: int = 8,
    seed: int = 0,
    format: str = "auto",
    fix: str = "clip",
    missing: str = "fail",
    max_objects: int = 1000,
    split_fractions: str = "0.7,0.15,0.15",
    group: str = "",
    label_map: str = "",
    pixels: str = "decode",
    beam_options: str = "",
    accept: str = "",
    expected_schema: str = "",
    previous_statistics: str = "",
    also: str = "",
    no_flip: str = "",
    fingerprint: str = "",
):
    """Says what will hold a detector back on annotated images, and writes the recipe that answers it, without a training.

    Args:
        data: Folder with the images and their annotations (COCO json, Pascal VOC or YOLO txt): gs://bucket/folder, or a path
            that every pod sees. Several, separated by commas, become one data set.
        init: Initial weights that the training would start from; prediction and stages depend on them. As in finetune.
        model: ssd_mobilenet_v1_ppn, ssd_mobilenet_v1 or ssd_mobilenet_v2.
        steps: Training steps, 1 or more; 0 lets the diagnosis choose.
        batch_size: Images a training step, 1 or more.
        seed: 0 to 4294967295. Decides the split (where the data has none), and everything random in the training.
        format: Format of the annotations: auto, coco, voc, yolo, csv or tfrecord.
        fix: What happens to a box that reaches over the edge of its image: clip, drop (quarantine it) or fail.
        missing: An image with annotated objects whose file is missing: fail or quarantine.
        max_objects: An image with more objects is quarantined; 0: any number.
        split_fractions: Shares of train, val and test, where the data has no split of its own.
        group: Regular expression over the files' relative names, such as (scan[0-9]+)_: images for which its first group (or all
            of it) matches the same are of one source and stay in one split, where splits are made. Or column:NAME, a field of
            COCO's images or a column of the csv.
        label_map: A label_map.pbtxt whose class ids are kept: gs://bucket/file, or a path that every pod sees; empty numbers
            the sorted names.
        pixels: Decode every image while converting, or trust JPEG files that begin and end as they should: decode or trust.
        beam_options: Options of Apache Beam for the conversion, such as --runner=DataflowRunner; empty runs it in its own pod.
        accept: Risks that you take, by the codes of the validation's reasons: CODE=REASON; CODE=REASON.
        expected_schema: TFDV schema (schema.pbtxt) that the data must agree with: gs://bucket/file, or a path that every pod
            sees; empty infers one from the training split.
        previous_statistics: Statistics of an earlier run (validate's output): gs://bucket/folder, or a path that every pod sees;
            where the data has drifted from them is told. Empty compares with none.
        also: Augmentations to add, with commas: rotate, shear, zoom_out, mosaic, mixup, cutmix, copy_paste.
        no_flip: Classes that mean something else when mirrored or turned, with commas: no image is flipped.
        fingerprint: Any text; a new one makes cached steps run again when files changed under the same path.
    """
    ended = resources.last(run_status(pipeline="diagnose", data=data, run=dsl.PIPELINE_JOB_ID_PLACEHOLDER))
    with dsl.ExitHandler(ended, name="steps"):
        converted = convert(
            data=data, label_map=label_map, format=format, split_fractions=split_fractions, seed=seed, group=group, fix=fix,
            missing=missing, max_objects=max_objects, pixels=pixels, beam_options=beam_options, fingerprint=fingerprint,
        )  # fmt: skip
        resources.reads_buckets(ask(converted, DATA))
        records, tables = converted.outputs["records"], converted.outputs["tables"]
        validated = validate(
            records=records, tables=tables, accept=accept,
            expected_schema=expected_schema, previous_statistics=previous_statistics,
        )  # fmt: skip
        resources.reads_buckets(ask(validated, DATA))
        anomalies = validated.outputs["anomalies"]

        with dsl.If(validated.outputs["ready"] == True, name="ready"):  # noqa: E712 (KFP builds a condition from it)
            diagnosed = diagnosis(
                records=records, tables=tables, anomalies=anomalies,
                model=model, steps=steps, batch_size=batch_size, seed=seed, init=init,
            )  # fmt: skip
            findings = resources.reads_buckets(ask(diagnosed, LIGHT)).outputs["findings"]
            planned = diagnosed.outputs["recipe"]
            augmented = augment(records=records, recipe=planned, findings=findings, also=also, no_flip=no_flip)
            ask(augmented, LIGHT)
        with dsl.Else(name="not-ready"):
            ask(refusal(records=records, anomalies=anomalies), LIGHT)
