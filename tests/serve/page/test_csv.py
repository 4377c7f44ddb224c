"""A CSV file is scored in parts and comes back longer."""

import csv
import io
import json
from pathlib import Path

import joblib
import pandas as pd
import pytest
from playwright.sync_api import Page, Route, expect

from tests.serve.page import models
from tests.serve.page.fields import field

SIZE = f"size {models.MARKUP}"


def choose(page: Page, content: bytes, name: str = "rows.csv") -> None:
    """Choose a file with the button."""
    page.get_by_label("CSV file with a header line").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )


def downloaded(page: Page, name: str = "rows-predictions.csv") -> bytes:
    """The file that the page offers."""
    with page.expect_download() as download:
        page.get_by_role("link", name=f"Download {name}").click(timeout=60_000)
    assert download.value.suggested_filename == name
    return Path(download.value.path()).read_bytes()


def drop(page: Page, content: str, name: str) -> None:
    """Drop a file on the page's heading, far from where it says so."""
    page.evaluate(
        """([content, name]) => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([content], name, {type: "text/csv"}));
            for (const type of ["dragover", "drop"])
                document.querySelector("h1").dispatchEvent(
                    new DragEvent(type, {dataTransfer, bubbles: true, cancelable: true}));
        }""",
        [content, name],
    )


def records(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def test_a_file_that_is_dropped_comes_back_with_the_predictions_of_the_api(server, sample, visit) -> None:
    rows = sample.sample(2500, random_state=0)
    content = rows.to_csv(index=False)
    page = visit(server)
    drop(page, content, "adult.CSV")
    lines = downloaded(page, "adult-predictions.csv").decode().splitlines()
    assert [line.rsplit(",", 3)[0] for line in lines] == content.splitlines()
    scored = pd.read_csv(io.StringIO("\n".join(lines)))
    assert list(scored)[-3:] == ["prediction", "probability of  <=50K", "probability of  >50K"]
    answer = server.post(rows.to_json(orient="split"), "/predict?probabilities=true").json()
    assert scored["prediction"].tolist() == answer["predictions"]
    assert scored.iloc[:, -2:].to_numpy().tolist() == answer["probabilities"]
    expect(page.locator("#outcome")).to_contain_text("adult.CSV is done. Rows scored: 2,500.")
    expect(page.locator("#scoring")).to_be_hidden()


def test_quoted_commas_quotes_and_line_breaks_stay_where_they_are(exported, visit) -> None:
    server = exported(models.odd)
    rows = joblib.load(server.folder / "sample.joblib").head(40)
    rows["note"] = [f'line "{i}",\r\nand\n\n"more' for i in range(40)]
    rows["kind"] = rows["kind"].replace("", " blank ")  # an empty field would be a missing value
    content = rows.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")
    page = visit(server)
    choose(page, content)
    scored = downloaded(page)
    assert scored.startswith(b"\xef\xbb\xbf")
    expected = records(content)
    assert [record[: len(expected[0])] for record in records(scored)] == expected
    assert records(scored)[0][-4:] == [
        "prediction",
        *(f"probability of {label}" for label in (" blank", models.MARKUP, 'a "quoted", label')),
    ]
    answer = server.post(rows.to_json(orient="split", double_precision=15))
    assert [record[-4] for record in records(scored)[1:]] == answer.json()["predictions"]
    assert scored.count(b"\r\n") == content.count(b"\r\n")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_empty_lines_are_left_out_and_a_last_line_needs_no_end(exported, visit, end) -> None:
    server = exported(models.clusters)
    page = visit(server)
    choose(page, end.join(["", "x,y", "1,2", "", "", "3,4"]).encode())
    clusters = server.predictions(json.dumps([{"x": 1, "y": 2}, {"x": 3, "y": 4}]))
    wanted = ["x,y,prediction", f"1,2,{clusters[0]}", f"3,4,{clusters[1]}"]
    assert downloaded(page).decode().split() == wanted


def test_several_targets_get_a_column_each(exported, visit) -> None:
    server = exported(models.two_targets)
    page = visit(server)
    choose(page, b"x,y\n1,2\n")
    names, row = records(downloaded(page))
    assert names == ["x", "y", "prediction 1", "prediction 2"]
    assert [float(value) for value in row[2:]] == server.predictions('[{"x": 1, "y": 2}]')[0]


def test_several_labels_get_a_column_each_and_one_for_each_probability(exported, visit) -> None:
    server = exported(models.labels)
    page = visit(server)
    choose(page, b"x,y\n1,2\n-1,-2\n")
    names, *rows = records(downloaded(page))
    body = '[{"x": 1, "y": 2}, {"x": -1, "y": -2}]'
    answer = server.post(body, "/predict?probabilities=true").json()
    pairs = [f"probability of {target}: {label}" for target, label in answer["classes"]]
    targets = [target["name"] for target in server.get("/model").json()["signature"]["targets"]]
    assert names == ["x", "y", *(f"prediction {target}" for target in targets), *pairs]
    assert [row[2:4] for row in rows] == answer["predictions"]
    assert [[float(value) for value in row[4:]] for row in rows] == answer["probabilities"]


def test_quotes_within_a_field_that_is_not_quoted_are_text(exported, visit) -> None:
    server = exported(models.odd)
    page = visit(server)
    header = f'{SIZE},kind,"it\'s a ""city""",note,new\n'
    content = (header + '99, blank ,city 1,5" pipe,true\n99, blank ,city 1,"a ""b""\nc",true\n').encode()
    choose(page, content)
    assert [record[:5] for record in records(downloaded(page))] == records(content)


def test_while_fifty_thousand_rows_are_scored_the_page_tells_how_far_it_is_and_predicts(server, sample, visit) -> None:
    content = pd.concat([sample, sample]).head(50_000).to_csv(index=False).encode()
    page = visit(server)
    parts = []

    def hold_the_middle(route: Route) -> None:
        if route.request.headers["content-type"] == "text/csv":
            parts.append(route)
        if len(parts) != 26 or route != parts[-1]:
            route.continue_()

    page.route("**/predict?**", hold_the_middle)
    choose(page, content)
    expect(page.locator("#rows")).to_have_text("Rows scored: 25,000", timeout=60_000)
    assert 0.4 < float(page.get_by_role("progressbar").evaluate("bar => bar.value")) < 0.6
    field(page, "capital-gain").fill("99999")
    expect(page.locator("#answer")).to_contain_text("␣>50K")
    parts[-1].continue_()
    expect(page.locator("#outcome")).to_contain_text("rows.csv is done. Rows scored: 50,000.", timeout=60_000)
    assert len(downloaded(page).splitlines()) == 50_001


def test_parts_stay_within_what_the_server_takes(guarded, sample, visit) -> None:
    page = visit(guarded)
    page.get_by_label("Token").fill("secret's-token")
    sizes = []
    page.on("request", lambda request: sizes.append(len(request.post_data_buffer or b"")))
    choose(page, sample.head(900).to_csv(index=False).encode())
    assert len(downloaded(page).splitlines()) == 901
    assert len(sizes) > 3
    assert max(sizes) <= 40_000


def test_a_value_that_does_not_fit_is_named_with_its_line_and_nothing_is_downloaded(exported, visit) -> None:
    page = visit(exported(models.odd))
    header = f'{SIZE},kind,"it\'s a ""city""",note,new\n'
    good = '99, blank ,city 1,"two\nlines",true\n'
    choose(page, (header + good * 1200 + good.replace("99", "ninety") + good).encode())
    outcome = page.locator("#outcome")
    expect(outcome).to_contain_text(f"line 2402: column '{SIZE}': expected a number, got \"ninety\"")
    expect(outcome).to_contain_text("There is nothing to download. Rows scored: 1,000")
    expect(page.get_by_role("link", name="Download")).to_have_count(0)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "there is no row below a header line"),
        (b"x,y\n", "there is no row below a header line"),
        (b"x,z\n1,2\n", "lines 2 to 2: missing columns: 'y'"),
        (b"x,y\n1,2\n3\n", "line 3: "),
        (b"x,y\n1,\xff\n", "it is not UTF-8"),
        (b'x,y\n1,"2\n', "lines 2 to 2: the CSV cannot be read"),
    ],
)
def test_a_file_that_cannot_be_scored_is_told_why(exported, visit, content, reason) -> None:
    page = visit(exported(models.clusters))
    choose(page, content)
    expect(page.locator("#outcome")).to_contain_text(f"rows.csv: {reason}")
    expect(page.locator("#outcome")).to_contain_text("There is nothing to download. Rows scored: 0")


def test_scoring_can_be_cancelled_and_another_file_takes_its_place(server, sample, visit) -> None:
    page = visit(server)
    page.route("**/predict?**", lambda route: None)  # it never gets its answer
    choose(page, sample.head(10).to_csv(index=False).encode())
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#outcome")).to_have_text("rows.csv: cancelled\nThere is nothing to download. Rows scored: 0")
    choose(page, sample.head(10).to_csv(index=False).encode(), "first.csv")
    expect(page.locator("#outcome")).to_contain_text("Scoring first.csv")
    page.unroute("**/predict?**")
    choose(page, sample.head(20).to_csv(index=False).encode(), "second.csv")
    assert len(downloaded(page, "second-predictions.csv").splitlines()) == 21
