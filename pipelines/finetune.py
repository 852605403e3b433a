"""Fine-tuning from annotated images to a measured TFLite detector, with a report of what held it back."""

from kfp import dsl

from boxwright.augment.component import augment
from boxwright.cluster import resources
from boxwright.cluster.resources import DATA, LIGHT, MODEL, TRAINING, ask
from boxwright.convert.component import convert
from boxwright.diagnose.component import diagnose
from boxwright.edgetpu.component import edgetpu
from boxwright.evaluate.component import evaluate
from boxwright.export.component import export
from boxwright.report.component import refusal, report
from boxwright.run_status.component import run_status
from boxwright.train.component import train
from boxwright.validate.component import validate


@dsl.pipeline(name="boxwright-finetune", description=__doc__, pipeline_config=resources.workspace())
def finetune(
    data: str,
    init: str = "auto",
    model: str = "ssd_mobilenet_v1_ppn",
    steps: int = 0,
    batch_size: int = 8,
    seed: int = 0,
    stock: bool = False,
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
    preflight: int = 0,
    calibration_images: int = 150,
    gpu_type: str = "nvidia.com/gpu",
    gpu_count: str = "0",
    node_selector: dict = {},  # noqa: B006 (KFP reads it; nothing changes it)
    fingerprint: str = "",
):
    """Fine-tunes a detector on annotated images, exports it as TFLite and reports what held it back.

    Args:
        data: Folder with the images and their annotations (COCO json, Pascal VOC or YOLO txt): gs://bucket/folder, or a path
            that every pod sees. Several, separated by commas, become one data set.
        init: Initial weights: auto (the model zoo's where they can be reached, else from scratch), none (from scratch),
            a TF1 checkpoint (folder or .tar.gz; a path, https:// or gs://), a slim-named .npz, or the model of an earlier run
            (its folder: a path that every pod sees, or gs://): a head that knows all classes gets no stage of its own.
        model: ssd_mobilenet_v1_ppn, ssd_mobilenet_v1 or ssd_mobilenet_v2.
        steps: Training steps, 1 or more; 0 lets the diagnosis choose.
        batch_size: Images a training step, 1 or more.
        seed: 0 to 4294967295. Decides the split (where the data has none), initial weights, shuffling and augmentation.
        stock: Train the model zoo's recipe with only the learning rate scaled to the batch: the baseline.
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
        preflight: Steps of a training on eight images before the real one, to tell a mistake from a lack of data; 0 for none.
        calibration_images: Distinct training images that calibrate the int8 file; at least 100.
        gpu_type: Resource name of the GPU that training gets, as the cluster calls it.
        gpu_count: GPUs of one node for training, which share each batch evenly; 0 for none. 1 or more need a pipeline compiled
            with --gpu.
        node_selector: Labels of the nodes that training may run on, such as {"cloud.google.com/gke-accelerator": "nvidia-l4"}.
        fingerprint: Any text; a new one makes cached steps run again when files changed under the same path.
    """
    ended = resources.last(run_status(pipeline="finetune", data=data, run=dsl.PIPELINE_JOB_ID_PLACEHOLDER))
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
            diagnosed = diagnose(
                records=records, tables=tables, anomalies=anomalies,
                model=model, steps=steps, batch_size=batch_size, seed=seed, stock=stock, init=init,
            )  # fmt: skip
            findings = resources.reads_buckets(ask(diagnosed, LIGHT)).outputs["findings"]
            planned = diagnosed.outputs["recipe"]
            augmented = augment(records=records, recipe=planned, findings=findings, also=also, no_flip=no_flip)
            recipe = ask(augmented, LIGHT).outputs["final_recipe"]
            trained = train(
                records=records, recipe=recipe, init=init, gpus=gpu_count,
                workspace=dsl.WORKSPACE_PATH_PLACEHOLDER, preflight=preflight, fingerprint=fingerprint,
            )  # fmt: skip
            resources.on_gpu(ask(trained, TRAINING), gpu_type, gpu_count, node_selector)
            resources.reads_buckets(trained)
            exported = ask(export(model=trained.output, records=records, calibration_images=calibration_images), MODEL)
            tflite = exported.outputs["tflite"]
            as_trained = ask(evaluate(model=trained.output, variant="trained", records=records), MODEL)
            as_int8 = ask(evaluate(model=tflite, variant="int8", records=records), MODEL)
            as_trained.set_display_name("evaluate trained")
            as_int8.set_display_name("evaluate int8")
            checked = ask(edgetpu(tflite=tflite), LIGHT)
            reported = report(
                records=records, anomalies=anomalies, findings=findings, recipe=recipe,
                model=trained.output, tflite=tflite, edgetpu=checked.output,
                evaluation_float=as_trained.outputs["evaluation"], evaluation_int8=as_int8.outputs["evaluation"],
            )  # fmt: skip
            ask(reported, LIGHT)
        with dsl.Else(name="not-ready"):
            ask(refusal(records=records, anomalies=anomalies), LIGHT)
