# environment: .envs/data
"""How far a data set is from what initial weights were trained on: their batch-norm moments against its activations.

Arguments: the weights (as for --init), then one or more folders that hold `records` and `tables`.
It prints one JSON line for each folder: for each block of the backbone the shift of the means in stored standard deviations, the
log ratio of the variances, and the divergence in nats.
"""

import dataclasses
import json
import sys
import time
from pathlib import Path

from boxwright.core.pretrained import slim_arrays
from boxwright.diagnose import data as tables
from boxwright.diagnose.embedding import backbone, pictures, source_moments

SEED, INPUT = 0, 300


def main(weights: str, *folders: str) -> None:
    network = backbone.layers(slim_arrays.read(Path(weights)))
    for folder in map(Path, folders):
        data = tables.read(folder / "records", folder / "tables").distinct
        began = time.perf_counter()
        sampled = pictures.read(folder / "records", data, SEED, INPUT)
        read = time.perf_counter() - began
        blocks = source_moments.measure(sampled.whole, network)
        measured = {"name": "source_mismatch", "data": folder.name, "n": len(sampled.whole), "seed": SEED}
        measured |= {"seconds": round(time.perf_counter() - began - read, 1), "seconds_reading": round(read, 1)}
        rounded = [{k: round(v, 3) for k, v in dataclasses.asdict(block).items()} for block in blocks]
        print(json.dumps(measured | {"blocks": rounded}))


if __name__ == "__main__":
    main(*sys.argv[1:])
