# environment: data
"""Stored moments of batch norm against the moments on pictures."""

from dataclasses import replace

import numpy as np
import pytest
import tiny_backbone

from boxwright.convert import step as convert
from boxwright.core.pretrained import slim_arrays
from boxwright.diagnose import data as tables
from boxwright.diagnose.embedding import backbone, pictures, source_moments

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 64, 64, 3), dtype=np.uint8)


def network_of(images):
    """A network whose stored moments are those of these images."""
    network = backbone.layers(tiny_backbone.arrays())
    for number in range(len(network)):
        seen = backbone.run(network, images, [], moments=True)
        name = network[number].name
        mean = seen.means[name].mean(0)
        moved = replace(network[number], mean=mean, variance=seen.squares[name].mean(0) - mean**2)
        network = (*network[:number], moved, *network[number + 1 :])
    return network


def test_pictures_of_the_source_have_no_mismatch():
    found = source_moments.measure(IMAGES, network_of(IMAGES))
    assert [block.block for block in found] == list(range(14))
    assert max(max(block.shift, block.ratio, block.divergence) for block in found) < 0.01


def test_darker_and_flatter_pictures_have_one():
    dark = (IMAGES * 0.3).astype(np.uint8)
    first = source_moments.measure(dark, network_of(IMAGES))[0]
    assert first.ratio == pytest.approx(2 * np.log(1 / 0.3), rel=0.1)
    assert first.divergence > 2


def test_folded_batch_norms_have_no_moments():
    arrays = tiny_backbone.arrays(stored=0)
    assert source_moments.measure(IMAGES, backbone.layers(arrays)) == []


def test_without_pictures_nothing_is_measured():
    assert source_moments.measure(IMAGES[:0], backbone.layers(tiny_backbone.arrays())) == []


@pytest.fixture(scope="module")
def divergence(shared, tmp_path_factory):
    """Divergence of each block on a shared set, for the ImageNet weights."""
    weights = shared / "weights" / "mobilenet_v1_1.0_224_imagenet.npz"
    if not weights.is_file():
        pytest.skip("the shared weights are not here")
    network = backbone.layers(slim_arrays.read(weights))

    def measured(name):
        folder = tmp_path_factory.mktemp(name)
        records, out = folder / "records", folder / "tables"
        convert.run(convert.Config(data=str(shared / "data" / name), records=records, tables=out))
        sampled = pictures.read(records, tables.read(records, out).distinct, 0, 224)
        return [block.divergence for block in source_moments.measure(sampled.whole[:24], network)]

    return measured


def test_photographs_are_near_to_imagenet_and_smears_far(divergence):
    """Cards on a table are photographs as ImageNet's are; blood smears are nearly of one colour."""
    photographs, smears = divergence("cards_voc"), divergence("bccd_voc")
    assert max(photographs) < 0.2
    assert max(smears) > 0.5
    assert all(smear > photograph for smear, photograph in zip(smears, photographs, strict=True))
