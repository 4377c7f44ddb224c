"""`alpenglow score`: files in, the same with answers out, whatever happens between."""

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import alpenglow
from tests.commands import ROOT, run
from tests.commands import alpenglow as command
from tests.tables import wine

FORMATS = ("csv", "jsonl", "parquet")
# The command with smaller batches and parts, so that there are many of a file that is small; and what it took.
SMALL = """
import sys
from alpenglow._score import job
from alpenglow._score.files import batch
job.BATCHES, batch.VALUES = 2, 1 << 12
from alpenglow.__main__ import main
status = main(sys.argv[1:])
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
sys.exit(status)
"""


def write(rows: pd.DataFrame, path: Path) -> Path:
    """Rows in the format of a name."""
    if path.suffix == ".parquet":
        rows.to_parquet(path, index=False, row_group_size=7_000)
    elif path.suffix == ".jsonl":
        rows.to_json(path, orient="records", lines=True, double_precision=15)
    else:
        rows.to_csv(path, index=False)
    return path


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a file, numbers of JSON and texts of CSV as they are."""
    if path.suffix == ".parquet":
        found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return found
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text().splitlines()]
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def rows(wines) -> pd.DataFrame:
    return wines.assign(id=[f"{number:05d}" for number in range(len(wines))])


@pytest.fixture(scope="module")
def many(rows) -> pd.DataFrame:
    """Some thousand, each with a number; some do not fit."""
    found = pd.concat([rows] * 170, ignore_index=True).assign(id=range(170 * len(rows)))
    return found.assign(size=found["size"].where(found["id"] % 5_001 != 5_000, "huge"))


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_is_answered_as_the_service_answers_it(model, post, rows, tmp_path, form) -> None:
    source = write(rows, tmp_path / f"rows.{form}")
    done = command("score", source, tmp_path / f"out.{form}", "--model", model)
    assert done.stdout == f"Wrote {tmp_path}/out.{form}: {len(rows)} rows\n"
    assert done.stderr == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"out.{form}", f"rows.{form}"]
    answer = post(rows.to_csv(index=False).encode(), "text/csv")
    scored = read(tmp_path / f"out.{form}")
    if form == "csv":
        names = [f"probability of {label}" for label in answer["classes"]]
        assert [int(row.pop("prediction")) for row in scored] == answer["predictions"]
        assert [[float(row.pop(name)) for name in names] for row in scored] == answer["probabilities"]
    else:
        assert [row.pop("prediction") for row in scored] == answer["predictions"]
        assert [row.pop("probabilities") for row in scored] == answer["probabilities"]
    assert scored == read(source)


def test_csv_has_the_columns_that_the_page_gives(model, rows, tmp_path) -> None:
    command("score", write(rows, tmp_path / "rows.csv"), tmp_path / "out.csv", "--model", model)
    header = (tmp_path / "out.csv").read_text().splitlines()[0]
    answers = ["prediction", *(f"probability of {label}" for label in (0, 1, 2))]
    assert header == ",".join([*rows.columns, *answers])


@pytest.mark.parametrize(
    ("estimator", "answers"),
    [
        (
            DecisionTreeClassifier(max_depth=2),
            [
                "prediction red",
                "prediction late",
                *(f"probability of {n}: {c}" for n in ("red", "late") for c in (0, 1)),
            ],
        ),
        (
            OneVsRestClassifier(LogisticRegression()),
            ["prediction red", "prediction late", "probability of red: 1", "probability of late: 1"],
        ),
        (
            OneVsRestClassifier(LinearSVC()),
            ["prediction red", "prediction late", "decision of red: 1", "decision of late: 1"],
        ),
        (DecisionTreeRegressor(max_depth=2), ["prediction 1", "prediction 2"]),
    ],
    ids=["of all classes", "of the last class", "decisions", "numbers"],
)
def test_columns_of_several_targets_have_their_names(wines, tmp_path, estimator, answers) -> None:
    rows, target = wines[["proline"]], wine()["target"]
    several = estimator.fit(rows, np.c_[target > 0, target > 1].astype(int))
    alpenglow.export(several, rows, tmp_path / "model.onnx", training={"target": ["red", "late"]}, tolerance=1e-6)
    command("score", write(rows, tmp_path / "rows.csv"), tmp_path / "out.csv", "--model", tmp_path / "model.onnx")
    with (tmp_path / "out.csv").open(newline="") as file:
        header, *found = csv.reader(file)
    assert header == ["proline", *answers]
    expected = several.predict(rows)
    assert [[float(value) for value in row[1:3]] for row in found] == [list(row) for row in expected.tolist()]


@pytest.mark.parametrize("form", FORMATS)
def test_rows_that_do_not_fit_are_set_aside_with_the_service_s_reasons(model, post, rows, tmp_path, form) -> None:
    bad = rows.assign(
        size=rows["size"].where(rows.index != 3, "huge"), proline=rows["proline"].where(~rows.index.isin([3, 170]))
    )
    source = write(bad, tmp_path / f"rows.{form}")
    done = command("score", source, tmp_path / f"out.{form}", "--model", model, check=False)
    assert done.returncode == 3
    assert "176 rows\nSet aside 2 rows that do not fit" in done.stdout
    assert [row["id"] for row in read(tmp_path / f"out.{form}")] == bad["id"].drop([3, 170]).tolist()
    aside = [json.loads(line) for line in (tmp_path / f"out.{form}.rejected.jsonl").read_text().splitlines()]
    assert [line["row"] for line in aside] == [3, 170]
    assert [line["input"] for line in aside] == [read(source)[at] for at in (3, 170)]
    answer = post(bad.to_csv(index=False).encode(), "text/csv")
    errors = [(error["row"], error["column"], error["detail"]) for error in answer["errors"]]
    assert [(line["row"], e["column"], e["detail"]) for line in aside for e in line["errors"]] == errors
    command("score", write(rows, tmp_path / f"rows.{form}"), tmp_path / f"out.{form}", "--model", model)
    assert not (tmp_path / f"out.{form}.rejected.jsonl").exists()


def aside(folder: Path, name: str, content: bytes, model: Path, *options: str) -> tuple[list[Any], list[Any]]:
    """The rows of the output, and the lines of what was set aside."""
    (folder / f"in.{name}").write_bytes(content)
    done = command("score", folder / f"in.{name}", folder / f"out.{name}", "--model", model, *options, check=False)
    assert done.returncode in (0, 3), done.stderr
    file = folder / f"out.{name}.rejected.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return read(folder / f"out.{name}"), [json.loads(line) for line in lines]


def test_csv_that_is_odd(model, tmp_path) -> None:
    lines = [
        b"\xef\xbb\xbfid,alcohol,proline,colour,size,strong,note",
        b'007,13,700,red,small,True,"a ""quoted"", word"',
        b"1,13,700,red,small,True",
        b"",
        b"2,13,700,red,small,True,x,y",
        b'3,13,700,red,small,True,"a\r\nb"',
        b'4,13,700,"red"x,small,True,',
        b"5,13,700,red,small,True,\xff",
        b"6,,700,NA,small,1,\xc3\xbc",
        b"7,13,1_000,red,small,yes,",
        b'8,13,700,red,small,True,"no end',
    ]
    rows, wrong = aside(tmp_path, "csv", b"\r\n".join(lines), model)
    assert [row["id"] for row in rows] == ["007", "3", "6"]
    assert [row["note"] for row in rows] == ['a "quoted", word', "a\r\nb", "ü"]
    assert [(line["row"], [error["detail"] for error in line["errors"]]) for line in wrong] == [
        (1, ["row 1 has 6 values, expected 7: one for each of the header's names"]),
        (2, ["row 2 has 8 values, expected 7: one for each of the header's names"]),
        (4, ["row 4: the CSV cannot be read: ',' expected after '\"'"]),
        (5, ["row 5: it is not UTF-8"]),
        (
            7,
            [
                "row 7, column 'strong': expected true or false, got \"yes\"",
                "row 7, column 'proline': expected a number, got \"1_000\"",
            ],
        ),
        (8, ["row 8: the CSV cannot be read: unexpected end of data"]),
    ]
    assert wrong[2]["input"] == '4,13,700,"red"x,small,True,\r\n'
    assert wrong[0]["input"] == ["1", "13", "700", "red", "small", "True"]


def test_json_lines_that_are_odd(model, tmp_path) -> None:
    fine = '"alcohol":13.0,"proline":700,"colour":"red","size":"small","strong":true'
    lines = [
        f'\ufeff{{{fine}, "big": 12345678901234567890123, "nested": {{"a": [1.50]}}}}',
        "  ",
        f"{{{fine}",
        "[1]",
        f'{{{fine},"alcohol":12}}',
        f"{{{fine}}}".replace("13.0", "NaN"),
        f"{{{fine}}}".replace('"size"', '"Size"'),
        f'{{{fine},"prediction":1}}',
        f"{{{fine}}} {{{fine}}}",
        f"{{{fine}}}".replace("true", '"true"'),
        "{}",
        f' {{ "time": "10:30", {fine} }} ',
        '"\\ud800"',
    ]
    rows, wrong = aside(tmp_path, "jsonl", "\n".join(lines).encode(), model)
    written = (tmp_path / "out.jsonl").read_text().splitlines()
    assert written[0].startswith(lines[0].strip("\ufeff")[:-1])
    assert [row.get("time") for row in rows] == [None, None, "10:30"]
    details = {line["row"]: [error["detail"] for error in line["errors"]] for line in wrong}
    assert list(details) == [1, 2, 3, 5, 6, 7, 8, 9, 11]
    assert details[1] == ["row 1: the JSON ends before it is complete"]
    assert details[2][0].startswith("row 2: expected `object`, got `array`")
    assert details[3] == ["row 3: the member 'alcohol' is given more than once"]
    assert details[5] == ["row 5 has no 'size': send null for a missing value"]
    assert details[6] == ["row 6 has a 'prediction' already, as an answer has"]
    assert details[8] == ["row 8, column 'strong': expected true or false, got \"true\""]
    assert len(details[9]) == 5
    assert wrong[0]["input"] == lines[2]


def test_parquet_keeps_its_types(model, rows, tmp_path) -> None:
    table = pa.table(
        {
            **{name: pa.array(rows[name], from_pandas=True) for name in rows},
            "when": pa.array([0] * len(rows), pa.timestamp("us", "UTC")),
            "cost": pa.array([1] * len(rows), pa.decimal128(9, 2)),
            "list": pa.array([[1, None]] * len(rows), pa.list_(pa.int8())),
            "view": pa.array(["x"] * len(rows), pa.string_view()),
        }
    )
    table = table.set_column(1, "colour", table["colour"].dictionary_encode())
    bad = table.set_column(3, "proline", pa.array([None, *table["proline"].to_pylist()[1:]], pa.float32()))
    pq.write_table(bad, tmp_path / "in.parquet")
    done = command("score", tmp_path / "in.parquet", tmp_path / "out.parquet", "--model", model, check=False)
    assert done.returncode == 3, done.stderr
    found = pq.read_table(tmp_path / "out.parquet")
    assert found.select(bad.column_names).equals(pq.read_table(tmp_path / "in.parquet").slice(1))
    assert found.schema.field("probabilities").type.value_type == pa.float64()
    (line,) = map(json.loads, (tmp_path / "out.parquet.rejected.jsonl").read_text().splitlines())
    assert (line["input"]["when"], line["input"]["cost"]) == ("1970-01-01T00:00:00Z", "1.00")


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_kept_and_answered_can_be_said(model, rows, tmp_path, form) -> None:
    source = write(rows.assign(prediction="before"), tmp_path / f"rows.{form}")
    for keep in (["id", "colour"], []):
        command("score", source, tmp_path / f"out.{form}", "--model", model, "--outputs", "prediction", "--keep", *keep)
        assert list(read(tmp_path / f"out.{form}")[0]) == [*keep, "prediction"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_without_rows_gives_one(model, rows, tmp_path, form) -> None:
    source = write(rows.head(0), tmp_path / f"rows.{form}")
    assert "out" in command("score", source, tmp_path / f"out.{form}", "--model", model).stdout
    assert read(tmp_path / f"out.{form}") == []


@pytest.mark.parametrize("form", FORMATS)
def test_whatever_kills_it_no_row_is_lost_or_doubled(model, many, tmp_path, form) -> None:
    source, whole, output = write(many, tmp_path / f"rows.{form}"), tmp_path / f"whole.{form}", tmp_path / f"out.{form}"
    words = small("score", source, output, "--model", model)
    run(*small("score", source, whole, "--model", model), folder=ROOT, check=False)
    chance, kills, status = random.Random(form), 0, -signal.SIGKILL  # to kill at any moment
    folder = tmp_path / f"out.{form}.partial"
    while status == -signal.SIGKILL:
        parts = len(list(folder.glob("*.done")))
        with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            wait_for_parts(folder, parts + 1, process)
            if kills < 5:
                time.sleep(chance.random() * 0.1)
                process.send_signal(signal.SIGKILL)
                kills += 1
            status = process.wait()
    assert kills > 2
    assert status == 3
    assert not folder.exists()
    if form == "parquet":
        assert pq.read_table(output).equals(pq.read_table(whole))
    else:
        assert output.read_bytes() == whole.read_bytes()
    ids = [int(row["id"]) for row in read(output)]
    assert ids == many["id"][many["size"] != "huge"].tolist()
    asides = [Path(f"{path}.rejected.jsonl").read_text() for path in (output, whole)]
    assert asides[0] == asides[1]
    assert asides[0].count("\n") == (many["size"] == "huge").sum()


def wait_for_parts(folder: Path, count: int, process: subprocess.Popen[str]) -> None:
    """Until so many are complete, or the process is."""
    while process.poll() is None and len(list(folder.glob("*.done"))) < count:
        time.sleep(0.002)


def small(*words: Any) -> list[str]:
    """The command in small parts."""
    return [sys.executable, "-c", SMALL, *map(str, words)]


@pytest.fixture
def begun(model, many, tmp_path) -> list[str]:
    """A command that was killed when it had done a part, to `out.csv`."""
    words = small("score", write(many, tmp_path / "rows.csv"), tmp_path / "out.csv", "--model", model)
    folder = tmp_path / "out.csv.partial"
    with subprocess.Popen(words, cwd=ROOT) as process:
        wait_for_parts(folder, 1, process)
        process.send_signal(signal.SIGKILL)
    assert list(folder.glob("*.done"))
    return words


def test_what_is_done_is_not_done_again(begun, tmp_path) -> None:
    with (tmp_path / "out.csv.partial" / "00000000.rows").open("a") as part:
        part.write("mine\n")
    assert run(*begun, folder=ROOT, check=False).returncode == 3
    assert (tmp_path / "out.csv").read_text().count("\nmine\n") == 1


def test_parts_of_something_else_are_not_gone_on_with(begun, tmp_path) -> None:
    folder = tmp_path / "out.csv.partial"
    before = sorted(folder.iterdir())
    other = run(*begun, "--keep", "id", folder=ROOT, check=False)
    os.utime(tmp_path / "rows.csv")
    touched = run(*begun, folder=ROOT, check=False)
    said = f"{folder} has parts of what another input, model or command gave: remove it to begin anew"
    for done in (other, touched):
        assert (done.returncode, done.stderr) == (1, f"score: {said}\n")
    assert sorted(folder.iterdir()) == before


def test_two_at_once_do_not_write_the_same_parts(begun, tmp_path) -> None:
    folder = tmp_path / "out.csv.partial"
    parts = len(list(folder.glob("*.done")))
    with subprocess.Popen(begun, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        wait_for_parts(folder, parts + 1, process)
        process.send_signal(signal.SIGSTOP)
        other = run(*begun, folder=ROOT, check=False)
        process.send_signal(signal.SIGCONT)
        assert process.wait() == 3
    assert other.returncode == 1
    assert "is being written by another process" in other.stderr


def test_ctrl_c_stops_it_in_a_word(begun, tmp_path) -> None:
    folder = tmp_path / "out.csv.partial"
    parts = len(list(folder.glob("*.done")))
    with subprocess.Popen(begun, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        wait_for_parts(folder, parts + 1, process)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert process.returncode == 130
    assert errors == "\nscore: stopped; the same command goes on from here\n"


@pytest.mark.parametrize("form", FORMATS)
def test_memory_does_not_grow_with_the_file(model, many, tmp_path, form) -> None:
    peaks = []
    for times in (1, 10):
        source = write(pd.concat([many] * times), tmp_path / f"rows.{form}")
        words = small("score", source, tmp_path / f"out.{form}", "--model", model, "--keep", "id")
        done = run(*words, folder=ROOT, check=False)
        assert done.returncode == 3
        peaks.append(int(done.stdout.split()[-2]))
    size = source.stat().st_size if form != "parquet" else pq.read_table(source).nbytes
    assert (peaks[1] - peaks[0]) * 1024 < size / 2


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("in.txt", "x", "expected a file whose name ends with .csv, .jsonl, .ndjson, .parquet"),
        ("in.csv", "", "has no line with the names of its columns"),
        ("in.csv", "alcohol,alcohol\n", "column 'alcohol' is given more than once"),
        ("in.csv", "alcohol,colour,strong\n1,red,true\n", "missing columns: 'proline', 'size'"),
        ("in.csv", "prediction\n1\n", "the table has a column 'prediction' already"),
        ("in.parquet", "PAR", "score: "),
    ],
)
def test_what_cannot_be_scored_is_said_in_a_line(model, tmp_path, name, content, words) -> None:
    (tmp_path / name).write_text(content)
    output = tmp_path / f"out{Path(name).suffix}"
    done = command("score", tmp_path / name, output, "--model", model, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("score: ")
    assert done.stderr.count("\n") == 1
    assert words in done.stderr
    assert not output.exists()


def test_files_that_are_not_there_or_do_not_go_together_are_said_to_be(model, rows, tmp_path) -> None:
    source = write(rows, tmp_path / "in.csv")
    for words, said in [
        ((tmp_path / "none.csv", tmp_path / "out.csv"), "none.csv"),
        ((source, tmp_path / "out.parquet"), "expected the input's format, a name that ends with .csv"),
        ((source, source), "is the input: name another file for the output"),
        ((source, tmp_path / "none" / "out.csv"), "none"),
        ((source, tmp_path / "out.csv", "--keep", "name"), "there is no column 'name' to keep"),
        ((source, tmp_path / "out.csv", "--outputs", "decision"), "wine has no decision"),
    ]:
        done = command("score", *words, "--model", model, check=False)
        assert done.returncode == 1
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
    done = command("score", source, tmp_path / "out.csv", "--model", tmp_path / "none.onnx", check=False)
    assert "there is no model at" in done.stderr
    assert source.read_text() == rows.to_csv(index=False)


def test_text_needs_no_pyarrow_and_parquet_says_so(model, rows, tmp_path) -> None:
    program = "import sys; sys.modules['pyarrow'] = None; from alpenglow.__main__ import main; sys.exit(main())"
    for form in FORMATS:
        source = write(rows, tmp_path / f"in.{form}")
        words = ["score", source, tmp_path / f"out.{form}", "--model", model]
        done = run(sys.executable, "-c", program, *words, folder=ROOT, check=False)
        if form == "parquet":
            assert done.returncode == 1
            assert "pip install 'alpenglow[score]'" in done.stderr
        else:
            assert done.returncode == 0, done.stderr


def test_a_terminal_shows_a_bar(model, rows, tmp_path) -> None:
    source = write(rows, tmp_path / "in.csv")
    words = f"{sys.executable} -m alpenglow score {source} {tmp_path}/out.csv --model {model}"
    shown = run("script", "-qec", words, "/dev/null", folder=ROOT).stdout
    assert "[####################] 100%  178 rows, 0 set aside" in shown


def test_the_answers_are_those_of_a_table_in_one_piece(model, many, tmp_path) -> None:
    some = many[many["size"] != "huge"]
    command("score", write(some, tmp_path / "in.parquet"), tmp_path / "out.parquet", "--model", model)
    found = pd.read_parquet(tmp_path / "out.parquet")
    assert found["prediction"].tolist() == alpenglow.load(model).predict(some).tolist()
    assert (np.stack(found["probabilities"].tolist()) == alpenglow.load(model).predict_proba(some)).all()
