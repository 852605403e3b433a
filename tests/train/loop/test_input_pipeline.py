# environment: train
"""The training input equals the OD API's `inputs.train_input`, and a stream is the same wherever it starts."""

from boxwright.core.od_api import tensorflow_compat  # noqa: F401, I001  (first: the OD API does not import without it)

from collections import Counter

import numpy as np
import pytest
import tensorflow as tf
import tiny
from object_detection import inputs
from tensorflow.python.framework.config import disable_op_determinism

from boxwright.core.records import tfrecords as recordfiles
from boxwright.core.augmentations import AUGMENTATIONS, examples
from boxwright.core.od_api.augmentation import augmenter
from boxwright.core.od_api import image_preprocessing
from boxwright.core.od_api import detection_model as models
from boxwright.core.runtime.errors import UserError
from boxwright.core.records.example_proto import Example
from boxwright.core.od_api.pipeline_config import pipeline_config
from boxwright.core.recipe import Augmentation
from boxwright.train.loop import input_pipeline as training_input
from boxwright.train.workspace import environment_errors_reported
from boxwright.core.od_api import train_element

PLAIN, HASH = (), "hash"
# A flip and a colour change, but nothing random.
FIXED = (
    Augmentation(
        name="normalize_image",
        options={"original_minval": 0, "original_maxval": 255, "target_minval": 0, "target_maxval": 200},
        reason="test",
    ),
    Augmentation(name="random_horizontal_flip", options={"probability": 1.0}, reason="test"),
)


@pytest.fixture(scope="module")
def model(tiny_recipe):
    return models.build(tiny_recipe, training=True)


def with_options(recipe, *options):
    return recipe.model_copy(update={"augmentation": options})


def theirs(recipe, records, model):
    # An earlier training in this process enabled determinism, under which the OD API's input fails: it draws without a seed.
    disable_op_determinism()
    config = pipeline_config(recipe)
    reader = config.train_input_reader
    reader.tf_record_input_reader.input_path[:] = [str(s) for s in recordfiles.shards(records, "train")]
    reader.label_map_path = str(records / recordfiles.LABEL_MAP)
    reader.max_number_of_boxes, reader.shuffle_buffer_size = 2, 8
    return inputs.train_input(config.train_config, reader, config.model, model=model)


def by_image(dataset, count=8):
    """{hash of the image's name: {key: value}} of all `count` images, in any order."""
    found = {}
    for features, labels in dataset:
        for row in range(len(features[HASH])):
            element = {k: v[row].numpy() for k, v in (features | labels).items()}
            found[int(element[HASH])] = element
        if len(found) == count:
            return found
    raise AssertionError("the stream ended")


@pytest.mark.parametrize("options", [PLAIN, FIXED], ids=["plain", "fixed options"])
def test_batches_equal_the_od_apis(options, tiny_records, tiny_recipe, model):
    """Shapes, types and labels are equal; pixels (in -1..1) are equal up to float rounding."""
    recipe = with_options(tiny_recipe, *options)
    own, reference = training_input.batches(recipe, tiny_records, model), theirs(recipe, tiny_records, model)
    assert tf.nest.map_structure(lambda s: s.dtype, own.element_spec) == tf.nest.map_structure(
        lambda s: s.dtype, reference.element_spec
    )
    ours, their = by_image(own), by_image(reference)
    assert ours.keys() == their.keys()
    for name, element in their.items():
        for key, value in element.items():
            np.testing.assert_allclose(ours[name][key], value, atol=2e-6 if key == "image" else 0, err_msg=key)


def same(ones, others):
    for one, other in zip(ones, others, strict=True):
        tf.nest.map_structure(np.testing.assert_array_equal, one, other)


def some(recipe, records, model, start, count):
    return [tf.nest.map_structure(lambda t: t.numpy(), b) for b in batches_from(recipe, records, model, start, count)]


def batches_from(recipe, records, model, start, count):
    return training_input.batches(recipe, records, model, start=start).take(count)


def test_a_stream_that_starts_later_is_the_same(tiny_records, tiny_recipe, model):
    """It is equal bit for bit with crops, colours and mixing, and does not repeat images."""
    options = [Augmentation(name=n, reason="test") for n in ("ssd_random_crop", "random_adjust_hue", "mosaic", "mixup")]
    recipe = with_options(tiny_recipe, *options)
    whole = some(recipe, tiny_records, model, 0, 5)
    same(whole[3:], some(recipe, tiny_records, model, 3, 2))
    assert (whole[0][0]["image"] != whole[2][0]["image"]).any()
    other_seed = some(recipe.model_copy(update={"seed": 1}), tiny_records, model, 0, 1)
    assert (whole[0][0]["image"] != other_seed[0][0]["image"]).any()


def test_our_augmentations_reach_the_batch(tiny_records, tiny_recipe, model):
    """With each of our augmentations at probability 1, boxes lie in the image, match the count, and none is cut by padding."""
    for name in AUGMENTATIONS:
        recipe = with_options(tiny_recipe, Augmentation(name=name, options={"probability": 1.0}, reason="test"))
        (features, labels) = next(iter(training_input.batches(recipe, tiny_records, model)))
        counts, boxes = labels["num_groundtruth_boxes"].numpy(), labels["groundtruth_boxes"].numpy()
        assert boxes.min() >= 0 and boxes.max() <= 1 and np.isfinite(features["image"]).all(), name
        assert ((boxes[..., 2] > boxes[..., 0]).sum(1) == counts).all(), name
        assert counts.max() == 4 if name == "mixup" else counts.max() >= 1, name
        assert np.abs(features["image"]).max() <= 1 + 1e-5, name


@pytest.mark.parametrize(
    ("names", "runs"),
    [
        ("", ("", "", "")),
        ("random_horizontal_flip ssd_random_crop", ("random_horizontal_flip ssd_random_crop", "", "")),
        ("random_adjust_hue", ("", "", "random_adjust_hue")),
        (
            "random_vertical_flip random_adjust_hue random_absolute_pad_image random_adjust_contrast",
            ("random_vertical_flip", "random_adjust_hue random_absolute_pad_image", "random_adjust_contrast"),
        ),
    ],
)
def test_options_run_in_their_order(names, runs):
    found = augmenter.split_options([Augmentation(name=name, reason="") for name in names.split()])
    assert tuple(" ".join(option.name for option in run) for run in found) == runs


@pytest.mark.parametrize(("size", "seen"), [((400, 100), (200, 50)), ((80, 300), (53, 200)), ((200, 150), (200, 150))])
def test_our_augmentations_get_at_most_two_input_sides(size, seen, tiny_recipe):
    one = examples.example(np.zeros((*size, 3)), np.zeros((0, 4)), [])
    recipe = with_options(tiny_recipe, Augmentation(name="rotate", reason="test")).model_copy(
        update={"input_size": 100}
    )
    assert augmenter.apply_ours(one, [], recipe, tf.constant([0, 0]))["image"].shape[:2] == seen


def test_a_mosaic_uses_four_images(tiny_recipe):
    one, *others = (examples.example(np.full((8, 8, 3), value), np.zeros((0, 4)), []) for value in (10, 20, 30, 40))
    recipe = with_options(tiny_recipe, Augmentation(name="mosaic", options={"probability": 1.0}, reason="test"))
    mixed = augmenter.apply_ours(one, [lambda other=other: other for other in others], recipe, tf.constant([0, 0]))
    assert set(np.unique(mixed["image"])) == {10, 20, 30, 40}


def test_areas_are_in_pixels_of_the_mixed_image():
    one = examples.example(np.zeros((100, 200, 3)), [[0.1, 0.2, 0.5, 0.3]], [1])
    assert train_element.per_box_tensors(one)["groundtruth_area"].numpy() == pytest.approx([40 * 20])


def shown(folder, factors, images, seed=0):
    """How often each example occurs in the first `images` of the stream."""
    stream = training_input.image_stream(folder, factors, seed).take(images)
    return Counter(int(example.numpy()) for example in stream)


def test_images_repeat_by_their_factor(tmp_path):
    """Ten images in two shards, one with factor 4: 13 per epoch, 650 in 50 epochs. The shuffle buffer holds at most ten."""
    for shard, numbers in enumerate((range(5), range(5, 10))):
        framed = (part for number in numbers for part in recordfiles.framed(str(number).encode()))
        (tmp_path / recordfiles.shard_name("train", shard, 2)).write_bytes(b"".join(framed))
    once, factors = (np.ones(5), np.ones(5)), (np.ones(5), np.array([1, 1, 4, 1, 1]))
    assert set(shown(tmp_path, once, 500).values()) <= set(range(40, 61))
    found = shown(tmp_path, factors, 650)
    assert 4 * 40 <= found.pop(7) <= 4 * 60
    assert set(found.values()) <= set(range(40, 61))
    # 2.5 means two or three times: 250 in 100 epochs, within four standard deviations (sqrt(100 / 4) each) and the buffer.
    halves = shown(tmp_path, (np.array([2.5, 1, 1, 1, 1]), np.ones(5)), 1150)
    assert 250 - 30 <= halves[0] <= 250 + 30
    assert halves == shown(tmp_path, (np.array([2.5, 1, 1, 1, 1]), np.ones(5)), 1150)
    assert halves != shown(tmp_path, (np.array([2.5, 1, 1, 1, 1]), np.ones(5)), 1150, seed=1)


def test_classes_are_counted_in_each_image(tiny_records):
    counts = [training_input.class_counts(shard, 3) for shard in recordfiles.shards(tiny_records, "train")]
    expected = [np.bincount(r.class_ids, minlength=4)[1:] for r in recordfiles.read(tiny_records, "train")]
    assert np.concatenate(counts).tolist() == np.array(expected).tolist()


def test_a_shard_may_have_no_image(tiny_recipe, model, tmp_path):
    """convert may quarantine all images of a shard. Here one image is left, and every draw shows it."""
    tiny.write(tmp_path / "records", {"train": 1})
    assert [len(training_input.class_counts(s, 2)) for s in recordfiles.shards(tmp_path / "records", "train")] == [1, 0]
    recipe = with_options(tiny_recipe, Augmentation(name="mosaic", reason="test"))
    ((features, labels),) = some(recipe, tmp_path / "records", model, 0, 1)
    assert len(set(features[HASH])) == 1 and (labels["num_groundtruth_boxes"] >= 1).all()


def test_a_damaged_image_is_reported(tiny_recipe, model, tmp_path):
    """`--pixels trust` accepts this image: it begins and ends like a JPEG, but its Huffman table is invalid."""
    tiny.write(tmp_path / "records", {"train": 1})
    (shard, *_) = recordfiles.shards(tmp_path / "records", "train")
    one = Example.FromString(next(recordfiles.serialized(shard)))
    encoded = one.features.feature["image/encoded"].bytes_list.value
    before, table, behind = encoded[0].partition(b"\xff\xc4")
    encoded[0] = before + table + behind[:3] + b"\xff" * 16 + behind[19:]
    shard.write_bytes(b"".join(recordfiles.framed(one.SerializeToString())))
    batches = training_input.batches(tiny_recipe, tmp_path / "records", model)
    with pytest.raises(UserError, match="--pixels decode"), environment_errors_reported(tmp_path, tmp_path):
        next(iter(batches))
    with pytest.raises(UserError, match="--pixels decode"):
        image_preprocessing.decode(encoded[0])
