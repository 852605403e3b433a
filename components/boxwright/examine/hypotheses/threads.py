"""LiteRT's detection op with several threads: in LiteRT 2.3 it can lose a class."""

from collections.abc import Iterator
from dataclasses import replace

from boxwright.examine.hypotheses.hypothesis import Facts, Hypothesis, Other
from boxwright.examine.reading.reading import Reading


def others(reading: Reading, facts: Facts) -> Iterator[Other]:
    if reading.feeding.threads > 1:
        yield Other(
            replace(reading, feeding=replace(reading.feeding, threads=1)),
            f"With {reading.feeding.threads} threads, the detection op loses a class",
            "Run the interpreter with num_threads=1.",
        )


HYPOTHESIS = Hypothesis("threads", others)
