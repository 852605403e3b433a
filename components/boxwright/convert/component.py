from kfp import dsl

from boxwright.core.runtime.environments import image


@dsl.container_component
def convert(
    records: dsl.Output[dsl.Dataset],
    tables: dsl.Output[dsl.Dataset],
    data: str, label_map: str = "", format: str = "auto", split_fractions: str = "0.7,0.15,0.15",
    seed: int = 0, group: str = "", fix: str = "clip", missing: str = "fail", max_objects: int = 1000,
    shards: int = 0, pixels: str = "decode", workers: int = 0, beam_options: str = "",
    fingerprint: str = "",
):  # fmt: skip
    """Turns annotated images (COCO json, Pascal VOC, YOLO txt) into TFRecords, tables, manifest and quarantine.

    Args:
        data: Folder with images and annotations, or one COCO json; a path or a gs:// URI, or several separated by commas.
        label_map: A label_map.pbtxt whose class ids are kept; empty: ids follow the sorted names.
        format: auto, coco, voc, yolo, csv or tfrecord.
        split_fractions: Shares of train, val and test, for the splits that the data does not have.
        seed: Decides which image goes to which split, where the data has none.
        group: Regular expression over file names; images of equal first group (or match) stay in one split. Or column:NAME, a
            field of COCO's images or a column of the csv.
        fix: A box that reaches over the edge of its image: clip, drop (quarantine) or fail.
        missing: An image with annotated objects whose file is missing: fail or quarantine.
        max_objects: An image with more objects is quarantined; 0: any number.
        shards: TFRecord files a split; 0 chooses.
        pixels: decode every image, or trust JPEG files that begin and end as they should.
        workers: Processes; 0 for one a core.
        beam_options: Options of Apache Beam, such as its runner; empty runs in this container.
        fingerprint: Digest of the data folder; a new one makes KFP run the step again.
    """
    args = ["--data", data, "--records", records.path, "--tables", tables.path]
    args += ["--label-map", label_map, "--format", format]
    args += ["--split-fractions", split_fractions, "--seed", seed, "--group", group, "--fix", fix]
    args += ["--missing", missing, "--max-objects", max_objects, "--shards", shards, "--pixels", pixels]
    args += ["--workers", workers, "--beam-options", beam_options, "--fingerprint", fingerprint]
    args += ["--executor-input", dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER]
    return dsl.ContainerSpec(image=image("data"), command=["boxwright", "convert"], args=args)
