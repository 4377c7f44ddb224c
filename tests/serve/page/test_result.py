"""The answer beside the form, and the model's card."""

import json
from contextlib import suppress

import pytest
from playwright.sync_api import Error, expect

from tests.serve.page import models
from tests.serve.page.fields import answered, field, sent
from tests.tables import diabetes, wine

PROBABILITIES = "/predict?probabilities=true"


def test_bars_are_the_probabilities_of_the_api(server, visit) -> None:
    page = visit(server)
    field(page, "capital-gain").fill("9000")
    answered(page)
    answer = server.post(json.dumps([sent(page)]), PROBABILITIES).json()
    assert answer["predictions"] == [" >50K"]
    bars = page.locator("#bars li")
    for bar, label, share in zip(bars.all(), answer["classes"], answer["probabilities"][0], strict=True):
        assert bar.inner_text().split("\n") == [label.replace(" ", "␣"), f"{100 * share:.1f} %"]
        page.wait_for_function("bar => bar.getAnimations({subtree: true}).length === 0", arg=bar.element_handle())
        track, fill = (bar.locator(css).bounding_box()["width"] for css in (".track", ".track div"))
        assert fill / track == pytest.approx(share, abs=0.01)
    expect(page.locator("#bars li[aria-current=true]")).to_contain_text("␣>50K")


def test_what_one_types_changes_the_prediction_and_is_announced(server, visit) -> None:
    page = visit(server)
    status = page.locator("#answer")
    expect(status).to_have_role("status")
    expect(status).to_contain_text("␣<=50K")
    field(page, "capital-gain").press_sequentially("9999")
    expect(status).to_contain_text("␣>50K")
    page.get_by_role("button", name="Typical values again").click()
    expect(status).to_contain_text("␣<=50K")


def test_one_request_goes_out_for_what_is_typed_without_a_pause(server, visit) -> None:
    page = visit(server)
    posted = []
    page.on("request", lambda request: posted.append(request.post_data_json[0]["age"]))
    with page.expect_response("**/predict?**"):
        page.evaluate(
            """() => {
                const age = document.querySelector("#field-0");
                for (const value of ["2", "25", "255"]) {
                    age.value = value;
                    age.dispatchEvent(new Event("input", { bubbles: true }));
                }
            }"""
        )
    assert posted == [255]


def test_an_answer_that_comes_late_is_never_shown(server, visit) -> None:
    page = visit(server)
    held = []
    page.route("**/predict?**", lambda route: held.append(route) if not held else route.continue_())
    with page.expect_request("**/predict?**"):
        field(page, "capital-gain").fill("99999")
    field(page, "capital-gain").fill("0")
    answered(page)
    shown = page.locator("#result").inner_text()
    with suppress(Error):  # the page has given it up
        held[0].fulfill(json={"predictions": [" >50K"], "probabilities": [[0, 1]], "classes": [" <=50K", " >50K"]})
    assert page.locator("#result").inner_text() == shown
    assert "␣<=50K" in shown


def test_a_server_that_is_gone_is_reported_in_place_of_a_prediction(server, visit) -> None:
    page = visit(server)
    page.route("**/predict?**", lambda route: route.abort())
    field(page, "age").fill("26")
    expect(page.locator("#answer")).to_contain_text("No prediction:")


def test_a_regression_shows_its_number(served, visit) -> None:
    server = served(diabetes(), "target")
    page = visit(server)
    prediction = server.predictions(json.dumps([sent(page)]))[0]
    assert float(page.locator("#answer").inner_text()) == pytest.approx(prediction, rel=1e-5)
    expect(page.locator("#answer strong")).to_have_attribute("title", str(prediction))
    expect(page.get_by_role("heading", name="Prediction: target")).to_be_visible()
    expect(page.locator("#bars")).to_be_hidden()


def test_several_targets_are_shown_one_by_one(exported, visit) -> None:
    server = exported(models.two_targets)
    page = visit(server)
    shown = [float(text) for text in page.locator("#answer strong").all_inner_texts()]
    assert shown == pytest.approx(server.predictions(json.dumps([sent(page)]))[0], rel=1e-5)


def test_each_of_several_labels_has_its_probabilities(exported, visit) -> None:
    server = exported(models.labels)
    page = visit(server)
    for x in ("-2", "0", "2"):
        field(page, "x").fill(x)
        answered(page)
        answer = server.post(json.dumps([sent(page)]), PROBABILITIES).json()
        (predicted,), (shares,) = answer["predictions"], answer["probabilities"]
        expect(page.locator("#answer strong")).to_have_text([f"{at}: {label}" for at, label in enumerate(predicted)])
        bars = page.locator("#bars li")
        expect(bars).to_have_count(5)
        expect(page.locator("#bars li[aria-current=true]")).to_have_count(2)
        for bar, (target, label), share in zip(bars.all(), answer["classes"], shares, strict=True):
            assert bar.inner_text().split("\n") == [f"{target}: {label}".replace(":  ", ": "), f"{100 * share:.1f} %"]
            chosen = predicted[int(target)] == label
            expect(bar).to_have_attribute("aria-current", str(chosen).lower())
            if chosen:
                expect(page.locator("#answer")).to_contain_text(f"{100 * share:.1f} %")


def test_labels_that_are_there_or_not_have_a_bar_each(exported, visit) -> None:
    server = exported(models.tags)
    page = visit(server)
    field(page, "x").fill("1")
    field(page, "y").fill("0.2")
    answered(page)
    answer = server.post(json.dumps([sent(page)]), PROBABILITIES).json()
    expect(page.locator("#bars li")).to_have_count(12)
    current = page.locator("#bars li[aria-current=true]")
    expect(current).to_have_count(sum(answer["predictions"][0]))
    texts = [f"{at}: 1\n{100 * share:.1f} %" for at, share in enumerate(answer["probabilities"][0])]
    assert page.locator("#bars li").all_inner_texts() == texts


def test_clusters_and_outliers_are_named(exported, visit) -> None:
    page = visit(exported(models.clusters))
    assert page.locator("#answer").inner_text() in {"cluster 0", "cluster 1", "cluster 2"}
    page = visit(exported(models.outliers))
    expect(page.locator("#answer")).to_contain_text("inlier")
    field(page, "x").fill("99")
    expect(page.locator("#answer")).to_contain_text("outlier")


def test_integer_labels_booleans_and_gaps(served, visit) -> None:
    server = served(wine(), "target")
    page = visit(server)
    assert page.locator("#bars li span:first-child").all_inner_texts() == ["0", "1", "2"]
    field(page, "strong").select_option("false")
    field(page, "colour").select_option("(missing)")
    answered(page)
    assert (sent(page)["strong"], sent(page)["colour"]) == (False, None)
    label = server.predictions(json.dumps([sent(page)]))[0]
    expect(page.locator("#bars li[aria-current=true]")).to_contain_text(str(label))


def test_a_thousand_columns_and_many_classes(wide, visit) -> None:
    page = visit(wide)
    expect(page.locator("#fields input:visible")).to_have_count(1000)
    shares = [float(text.split("\n")[1].removesuffix(" %")) for text in page.locator("#bars li").all_inner_texts()[:-1]]
    assert len(shares) == 10
    assert shares == sorted(shares, reverse=True)
    expect(page.locator("#bars li").last).to_have_text("and 2 others")


def test_the_card_tells_what_is_known_of_the_model(server, visit) -> None:
    card = visit(server).locator("#card")
    facts = dict(zip(card.locator("dt").all_inner_texts(), card.locator("dd").all_inner_texts(), strict=True))
    known = server.get("/model").json()
    scores, parity = known["signature"]["scores"], known["signature"]["parity"]
    assert float(facts["balanced accuracy"]) == pytest.approx(scores["balanced_accuracy"], abs=1e-6)
    assert facts["different labels"] == f"{parity['different_labels']} (0 allowed)"
    expect(card).to_contain_text(f"rows{parity['rows']:,}")
    assert facts["largest difference"] == f"{parity['largest_difference']:g} (1e-12 allowed)"
    assert facts["training data's SHA-256"] == known["signature"]["data_sha256"]
    assert facts["size of the file"] == "1.9 MB"
    assert facts["scikit-learn"] == known["signature"]["producers"]["scikit-learn"]
    assert facts["alpenglow"] == known["serving"]["versions"]["alpenglow"]
    found = known["verification"]
    assert facts["verified"] == f"passed: {found['checked']} of {found['witnesses']} witnesses, {found['time']}"


def test_the_card_of_a_model_without_a_proof_says_so(wide, visit) -> None:
    card = visit(wide).locator("#card")
    expect(card.get_by_role("heading", name="Not proved")).to_be_visible()
    expect(card).not_to_contain_text("Compared with")
    expect(card).to_contain_text("verifiedno witnesses")
