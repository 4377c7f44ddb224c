"""The gate: a graph that answers otherwise is not written."""

import numpy as np
import pandas as pd
import pytest
from onnx import numpy_helper
from sklearn.cluster import MeanShift
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.tree import DecisionTreeClassifier

from alpenglow._export.convert import convert
from alpenglow._export.errors import ParityError
from alpenglow._export.gate import parity
from alpenglow._export.gate.bounds import TOLERANCE
from alpenglow._export.gate.graph import Graph
from alpenglow._export.gate.rows import Kind
from alpenglow._export.pipeline.describe import describe_columns
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.report import Report
from tests.export.helpers import exported
from tests.tables import cancer, diabetes, wine


def checks_of(pipeline, features, move: float) -> list[parity.Check]:
    """Compare with a graph whose coefficients are all moved by a factor."""
    columns = describe_columns(Fitted(pipeline), features)
    model, _ = exported(pipeline, features)
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float64:
            tensor.CopyFrom(numpy_helper.from_array(values * (1 + move), tensor.name))
    return parity.check(Fitted(pipeline), Graph(model, columns), features, TOLERANCE, progress=lambda _: None)


def test_equal_answers_pass() -> None:
    features = cancer().drop(columns="target")
    checks = checks_of(LogisticRegression(max_iter=9000).fit(features, cancer()["target"]), features, 0.0)
    Report(checks, TOLERANCE, True).refuse_differences()
    assert Report(checks, TOLERANCE, True).different_labels == 0


def test_another_label_stops_the_export_and_is_shown() -> None:
    features = cancer().drop(columns="target")
    model = LogisticRegression(max_iter=9000).fit(features, cancer()["target"])
    checks = checks_of(model, features, -2.0)
    assert Report(checks, TOLERANCE, True).different_labels > 500
    with pytest.raises(
        ParityError, match=r"differs from scikit-learn on rows of the sample.*row 0: .*False.* became .*True"
    ):
        Report(checks, TOLERANCE, True).refuse_differences()


def test_another_number_stops_the_export_and_is_shown() -> None:
    features = diabetes().drop(columns="target")
    model = LinearRegression().fit(features, diabetes()["target"])
    Report(checks_of(model, features, 1e-13), TOLERANCE, False).refuse_differences()
    with pytest.raises(ParityError, match="row 0: "):
        Report(checks_of(model, features, 1e-3), TOLERANCE, False).refuse_differences()


def test_the_message_says_what_would_accept_the_differences() -> None:
    features = cancer().drop(columns="target")
    checks = checks_of(LogisticRegression(max_iter=9000).fit(features, cancer()["target"]), features, 1e-4)
    proof = Report(checks, TOLERANCE, True)
    with pytest.raises(ParityError) as caught:
        Report(checks, TOLERANCE, True).refuse_differences()
    number = float(str(caught.value).split("--tolerance ")[1].split()[0])
    assert proof.largest_difference <= number < 2 * proof.largest_difference
    Report(checks, number, True, proof.different_labels).refuse_differences()
    if proof.different_labels:
        assert f"--allow-label-differences {proof.different_labels}" in str(caught.value)
        with pytest.raises(ParityError):
            Report(checks, number, True, proof.different_labels - 1).refuse_differences()


def test_predictions_that_are_whole_numbers_are_compared_too() -> None:
    assert parity.difference(np.array([4, 8]), np.array([4.0, 6.0]), scale=1.0).tolist() == [0.0, 0.25]


def test_the_table_lines_up() -> None:
    features = diabetes().drop(columns="target")
    checks = checks_of(LinearRegression().fit(features, diabetes()["target"]), features, 0.0)
    for labels, names in [(True, "rows different labels largest difference"), (False, "rows largest difference")]:
        lines = parity.table(checks, labels).splitlines()
        assert lines[0].split() == ["compared", "on", *names.split()]
        assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize(
    ("expected", "given", "far"),
    [
        (2.0, 2.0, 0.0),
        (4.0, 3.0, 0.25),
        (0.0, 0.1, 0.1),
        (np.nan, np.nan, 0.0),
        (1.0, np.nan, np.inf),
        (np.inf, np.inf, 0.0),
    ],
)
def test_differences_are_relative_to_the_prediction_but_not_to_one_next_to_zero(expected, given, far) -> None:
    found = parity.difference(np.array([expected]), np.array([given]), scale=1.0)
    assert found.tolist() == pytest.approx([far])


def test_a_row_to_which_scikit_learn_has_two_answers_is_no_difference() -> None:
    """BLAS adds in another order when there are more rows, and at 1e18 that decides which centre is nearest."""
    features = wine().drop(columns=["target", "colour", "strong"]).fillna(0.0)
    model = MeanShift(bandwidth=200.0).fit(features)
    huge = features.iloc[:30].assign(proline=np.linspace(-1e19, 1e19, 30))
    columns = describe_columns(Fitted(model), features)
    graph = Graph(convert(Fitted(model), columns, features), columns)
    check = parity.compare(Kind("huge numbers", iter([huge])), Fitted(model), graph, 1.0, TOLERANCE)
    assert check.different_labels == 0
    assert check.either == (graph.predict(huge)["label"] != model.predict(huge)).sum()


def test_each_of_several_labels_may_lie_on_a_tie_of_its_own() -> None:
    """On the border of both, which go apart: no row beside it has both labels of the other side."""
    features = pd.DataFrame({"x": [-2.0, -1.0, 1.0, 2.0]})
    model = MultiOutputClassifier(LogisticRegression()).fit(features, np.array([[0, 1], [0, 1], [1, 0], [1, 0]]))
    for estimator, slope in zip(model.estimators_, (1.0, -1.0), strict=True):
        estimator.coef_, estimator.intercept_ = np.array([[slope]]), np.array([0.0])
    known = Fitted(model)
    for x, tied in ((0.0, True), (0.1, False)):
        row = pd.DataFrame({"x": [x]})
        given = known.answers(row) | {"label": np.array([[1, 1]])}
        assert known.answers(row)["label"].tolist() != [[1, 1]]
        assert parity.beside_a_tie(known, row, given, 1.0, TOLERANCE) is tied


def test_the_label_or_the_probabilities_that_differ_are_shown() -> None:
    features, labels = cancer().drop(columns="target"), cancer()["target"]
    model = DecisionTreeClassifier(max_depth=3).fit(features, np.c_[labels, labels, features["mean radius"] > 14])
    expected = Fitted(model).answers(features)
    given = expected | {"probabilities.1": expected["probabilities.1"] + 0.01}
    assert parity.shown(0, expected, given, 1.0)[1].tolist() == given["probabilities.1"][0].tolist()
    given |= {"label": ~expected["label"]}
    assert parity.shown(0, expected, given, 1.0)[1].tolist() == given["label"][0].tolist()
    unequal, far = parity.compared(expected, given, 1.0)
    assert unequal.all()
    assert far.min() == pytest.approx(0.01)
