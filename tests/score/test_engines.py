"""`docs/batch.md`: its code for each engine runs there, on the real engine, and the answers are those of the model."""

import re
import shutil
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

import alpenglow
from tests.clients.programs import programs_of
from tests.commands import ROOT, run

PAGE = (ROOT / "docs" / "batch.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^### (.*?)\n+```python\n(.*?)```", PAGE, flags=re.DOTALL | re.MULTILINE))
SPARK = "--master local[2] --driver-memory 1g --conf spark.ui.enabled=false --conf spark.sql.shuffle.partitions=2"
ENVIRONMENT = {
    "PYSPARK_SUBMIT_ARGS": f"{SPARK} pyspark-shell",
    "SPARK_LOCAL_IP": "127.0.0.1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "PYTHONPATH": str(ROOT),
}
BEFORE = {
    "Ray Data": """
import ray
ray.init(
    num_cpus=2, object_store_memory=100_000_000, include_dashboard=False, log_to_driver=False,
    _node_ip_address="127.0.0.1",
)
"""
}
# What else an engine does with it: other kinds of batches, rows that do not fit, and how often a process loads.
AFTER = {
    "Spark": """
from alpenglow._score.scorer import loaded
from pyspark.sql import functions

people.mapInPandas(score, f"id BIGINT, {score.schema}").write.parquet("other-1")
def loads(batches):
    for batch in score(batches):
        yield batch.select(["id"]).set_column(0, "id", batch["id"].cast("int64").fill_null(0)).slice(0, 0)
    import pyarrow
    yield pyarrow.record_batch({"id": [loaded.cache_info().misses]})
print("loads", {row.id for row in people.repartition(6).mapInArrow(loads, "id BIGINT").collect()})
bad = people.withColumn("size", functions.when(people.id == 60, "huge").otherwise(people["size"]))
checked = alpenglow.scorer("model.onnx", keep=["id"], errors="column")
for function in (bad.mapInPandas, bad.mapInArrow):
    (found,) = function(checked, f"id BIGINT, {checked.schema}").where("error IS NOT NULL").collect()
    print("error", found)
try:
    bad.mapInArrow(score, f"id BIGINT, {score.schema}").collect()
except Exception as error:
    print("raised", error)
spark.stop()
""",
    "Ray Data": """
from alpenglow._score.scorer import loaded

people.map_batches(score, batch_format="pandas").write_parquet("other-1")
people.map_batches(score, batch_format="numpy").write_parquet("other-2")
def loads(batch):
    score(batch)
    return {"id": [loaded.cache_info().misses]}
print("loads", {row["id"] for row in people.repartition(6).map_batches(loads, batch_size=10).take_all()})
def worse(batch):
    batch["size"] = batch["size"].where(batch["id"] != 60, "huge")
    return batch
bad = people.map_batches(worse, batch_format="pandas")
checked = alpenglow.scorer("model.onnx", keep=["id"], errors="column")
for form in ("pyarrow", "pandas", "numpy"):
    (found,) = [row for row in bad.map_batches(checked, batch_format=form).take_all() if row["error"]]
    print("error", found)
try:
    bad.map_batches(score).take_all()
except Exception as error:
    print("raised", error)
""",
    "Dask": """
import dask

with dask.config.set({"multiprocessing.context": "fork"}):
    parts = people.repartition(npartitions=4).map_partitions(score, meta=score(people._meta))
    parts.compute(scheduler="processes").to_parquet("other-1")
bad = people.assign(size=people["size"].where(people["id"] != 60, "huge"))
checked = alpenglow.scorer("model.onnx", keep=["id"], errors="column")
import pyarrow
some = bad.map_partitions(checked, meta=checked(people._meta))
schema = checked(pyarrow.Table.from_pandas(people._meta, preserve_index=False)).schema
some.to_parquet("checked", schema=schema, write_index=False)
found = dd.read_parquet("checked").compute()
print("error", found[found["error"].notna()].iloc[0].to_dict())
try:
    bad.map_partitions(score, meta=score(people._meta)).compute()
except Exception as error:
    print("raised", error)
""",
    "Polars": """
score(people.collect()).write_parquet("other-1")
bad = people.with_columns(size=pl.when(pl.col("id") == 60).then(pl.lit("huge")).otherwise(pl.col("size")))
checked = alpenglow.scorer("model.onnx", keep=["id"], errors="column")
(found,) = checked(bad.collect()).filter(pl.col("error").is_not_null()).to_dicts()
print("error", found)
try:
    bad.map_batches(score, schema=schema).collect()
except Exception as error:
    print("raised", error)
""",
    "DuckDB": """
bad = "SELECT * REPLACE (CASE WHEN id = 60 THEN 'huge' ELSE size END AS size) FROM 'people.parquet'"
checked = alpenglow.scorer("model.onnx", keep=["id"], errors="column")
scored = checked(duckdb.sql(bad).to_arrow_table())
print("error", duckdb.sql("SELECT * FROM scored WHERE error IS NOT NULL").fetchall())
try:
    score(duckdb.sql(bad).to_arrow_table())
except Exception as error:
    print("raised", error)
""",
}


@pytest.fixture(scope="session")
def python() -> Path:
    """That of the engines' environment."""
    return programs_of("engines") / "python"


def answers(place: Path) -> pd.DataFrame:
    """What was written, in the order of the people."""
    found = pq.read_table(place, columns=["id", "prediction", "probabilities"]).sort_by("id")
    return pd.DataFrame(found.to_pydict())


def test_every_engine_is_shown_in_ten_lines() -> None:
    assert list(BLOCKS) == ["Spark", "Ray Data", "Dask", "Polars", "DuckDB"] == list(AFTER)
    assert all(len([line for line in block.splitlines() if line]) <= 10 for block in BLOCKS.values())


@pytest.mark.parametrize("engine", BLOCKS)
def test_the_code_of_the_page(python, model, wines, tmp_path, engine) -> None:
    if engine == "Spark" and not shutil.which("java"):
        pytest.skip("Spark needs Java: apt-get install default-jre-headless")
    people = pd.concat([wines] * 10, ignore_index=True).assign(id=range(10 * len(wines)))
    people.to_parquet(tmp_path / "people.parquet", index=False)
    shutil.copy(model, tmp_path / "model.onnx")
    program = "\n".join([BEFORE.get(engine, ""), BLOCKS[engine], AFTER[engine]])
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    done = run(python, "program.py", folder=tmp_path, PYSPARK_PYTHON=str(python), **ENVIRONMENT)

    there = alpenglow.load(model)
    expected = people[["id"]].assign(
        prediction=there.predict(people), probabilities=there.predict_proba(people).tolist()
    )
    (place,) = tmp_path.glob("scored-by-*")
    for written in [place, *tmp_path.glob("other-*")]:
        pd.testing.assert_frame_equal(answers(written), expected)
    said = 'row 60, column \'size\': expected one of "large", "small", got "huge"'
    errors = [line.replace("\\'", "'") for line in done.stdout.splitlines() if line.startswith("error ")]
    assert errors
    assert all(said in error for error in errors)
    assert said in done.stdout.split("raised ", 1)[1]
    assert "loads {1}\n" in done.stdout or "loads" not in AFTER[engine]
