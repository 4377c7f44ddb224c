"""Ray Data on this machine: `python -m benchmarks.engines.ray_data FOLDER CORES ROUNDS`."""

from collections import Counter
from pathlib import Path
from typing import Any

import ray

from benchmarks.engines.turns import OURS, Counts, cores, run

BATCH = 10_000  # rows, as many as Spark's


def count(function: Any, side: str, rows: Path) -> Counts:
    """The labels, counted here."""
    people = ray.data.read_parquet(str(rows))
    scored = people.map_batches(function, batch_size=BATCH, batch_format="pyarrow" if side == OURS else "pandas")
    found: Counter[str] = Counter()
    for batch in scored.iter_batches(batch_size=None, batch_format="pyarrow"):
        for each in batch["prediction"].value_counts():
            found[each["values"].as_py()] += each["counts"].as_py()
    return dict(found)


def main() -> None:
    """Measure."""
    ray.init(num_cpus=cores(), include_dashboard=False, log_to_driver=False, _node_ip_address="127.0.0.1")
    run(count)


if __name__ == "__main__":
    main()
