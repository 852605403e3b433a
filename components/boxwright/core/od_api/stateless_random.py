"""The OD API's random numbers as pure functions of a seed.

Its options draw from TensorFlow's stateful generators: what an image gets depends on all that was drawn before it, so that
draws must stand in one queue to be repeatable, and a resumed training would have to draw again all that came before.
"""

from boxwright.core.od_api import compat  # noqa: F401, I001

import contextlib
import itertools
from collections.abc import Iterator

import tensorflow as tf

_V1 = tf.compat.v1
# Every function through which the OD API draws, the stateless one of the same distribution, and what follows the first
# argument by position, where the stateless one has its seed.
_UNIFORM, _NORMAL = ("minval", "maxval", "dtype"), ("mean", "stddev", "dtype")
_DRAWS = (
    (_V1, "random_uniform", tf.random.stateless_uniform, _UNIFORM),
    (_V1.random, "uniform", tf.random.stateless_uniform, _UNIFORM),
    (_V1.random, "normal", tf.random.stateless_normal, _NORMAL),
    (_V1.random, "shuffle", tf.random.experimental.stateless_shuffle, ()),
    (_V1.image, "sample_distorted_bounding_box", tf.image.stateless_sample_distorted_bounding_box, ("bounding_boxes",)),
)


def seed_at(seed: int, place) -> tf.Tensor:
    """(2,) int32: the seed of the element at this place in the stream; a recipe's seed may be larger than int32 holds."""
    return tf.stack([tf.constant(seed % 2**31, tf.int32), tf.cast(place % 2**31, tf.int32)])


@contextlib.contextmanager
def stateless(seed: tf.Tensor) -> Iterator[Iterator[int]]:
    """Within it, the k-th draw of the OD API is a function of k and `seed`, (2,) int32. Gives the iterator of k, for options
    that draw by themselves. For one thread: it changes TensorFlow's names for as long as the options are called, in a graph
    once."""
    counter = itertools.count()
    kept = [getattr(place, name) for place, name, *_ in _DRAWS]
    for place, name, draw, following in _DRAWS:
        setattr(place, name, _seeded(draw, following, seed, counter))
    try:
        yield counter
    finally:
        for (place, name, *_), original in zip(_DRAWS, kept, strict=True):
            setattr(place, name, original)


def _seeded(draw, following: tuple[str, ...], seed: tf.Tensor, counter: Iterator[int]):
    def drawn(first, *others, **options):
        options |= zip(following, others, strict=False)
        options["seed"] = tf.random.experimental.stateless_fold_in(seed, next(counter))
        return draw(first, **options)

    return drawn
