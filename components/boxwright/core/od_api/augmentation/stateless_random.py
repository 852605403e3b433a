"""Makes the OD API's random draws pure functions of a seed.

The OD API's options draw from TensorFlow's stateful generators, where a draw depends on all draws before it. To be repeatable,
all images would have to be processed one after another, and a resumed training would have to repeat every earlier draw.
"""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

_V1 = tf.compat.v1
_SHUFFLE = tf.random.experimental.stateless_shuffle  # pyright: ignore[reportAttributeAccessIssue]  (not in the stubs)
# Every function with which the OD API draws, the stateless function of the same distribution, and the names of the arguments
# after the first. The OD API passes them by position, but the second position of a stateless function is its seed.
_UNIFORM, _NORMAL = ("minval", "maxval", "dtype"), ("mean", "stddev", "dtype")
_DRAWS: tuple[tuple[Any, str, Callable, tuple[str, ...]], ...] = (
    (_V1, "random_uniform", tf.random.stateless_uniform, _UNIFORM),
    (_V1.random, "uniform", tf.random.stateless_uniform, _UNIFORM),
    (_V1.random, "normal", tf.random.stateless_normal, _NORMAL),
    (_V1.random, "shuffle", _SHUFFLE, ()),
    (_V1.image, "sample_distorted_bounding_box", tf.image.stateless_sample_distorted_bounding_box, ("bounding_boxes",)),
)


def seed_at(seed: int, place: tf.Tensor | int) -> tf.Tensor:
    """(2,) int32: the seed of the element at this place in the stream. seed: a recipe's, which may be larger than int32."""
    return tf.stack(
        [tf.constant(seed % 2**31, tf.int32), tf.cast(tf.math.floormod(tf.cast(place, tf.int64), 2**31), tf.int32)]
    )


def fold_in(seed: tf.Tensor, number: int | tf.Tensor) -> tf.Tensor:
    """(2,) int32: a different seed for each number."""
    return tf.random.experimental.stateless_fold_in(seed, number)  # pyright: ignore[reportAttributeAccessIssue]  (no stub)


@contextlib.contextmanager
def stateless(seed: tf.Tensor) -> Iterator[Iterator[int]]:
    """Inside the block, the k-th draw of the OD API is a function of k and `seed`, (2,) int32.

    Yields the iterator of k, for code that draws on its own. The block replaces functions of TensorFlow, so it must not run in
    several threads at the same time. In a graph it runs once, during tracing.
    """
    counter = itertools.count()
    originals = [getattr(module, name) for module, name, *_ in _DRAWS]
    for module, name, draw, arguments in _DRAWS:
        setattr(module, name, _seeded(draw, arguments, seed, counter))
    try:
        yield counter
    finally:
        for (module, name, *_), original in zip(_DRAWS, originals, strict=True):
            setattr(module, name, original)


def _seeded(draw: Callable, arguments: tuple[str, ...], seed: tf.Tensor, counter: Iterator[int]) -> Callable:
    def seeded(first: Any, *others: Any, **options: Any) -> Any:
        options |= zip(arguments, others, strict=False)
        options["seed"] = fold_in(seed, next(counter))
        return draw(first, **options)

    return seeded
