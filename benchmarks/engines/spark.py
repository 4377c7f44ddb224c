"""Spark on this machine: `python -m benchmarks.engines.spark FOLDER CORES ROUNDS`."""

from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from benchmarks.engines.turns import OURS, Counts, cores, run


def main() -> None:
    """Measure."""
    builder: Any = SparkSession.builder
    spark = builder.master(f"local[{cores()}]").config("spark.ui.enabled", "false").getOrCreate()

    def count(function: Any, side: str, rows: Path) -> Counts:
        people = spark.read.parquet(str(rows))
        way = people.mapInArrow if side == OURS else people.mapInPandas
        found = way(function, "id BIGINT, prediction STRING").groupBy("prediction").count().collect()
        return {row["prediction"]: row["count"] for row in found}

    run(count)
    spark.stop()


if __name__ == "__main__":
    main()
