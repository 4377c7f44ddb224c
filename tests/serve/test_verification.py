"""A model that answers otherwise here than was proved is refused, whatever the reason: its file, or what runs it."""

import platform
import re
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.ensemble import IsolationForest, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

import alpenglow
from alpenglow._serve import __main__ as serve
from alpenglow._serve.model import Model, ModelError, load
from alpenglow._serve.process.cgroup import Limits
from alpenglow._serve.process.settings import from_environment
from alpenglow._serve.signature import NUMBERS
from alpenglow._serve.usage import announcement
from alpenglow._serve.verification import Verification, carried, verify
from alpenglow._serve.witnesses import KEY, encode
from tests.servers import free_port, gunicorn, start
from tests.tables import cancer, diabetes, wine
from tests.tampered import constants, replaced, tampered

Change = Callable[[str, NDArray[Any]], NDArray[Any]]
WINE = wine()
NUMBERED = WINE.drop(columns=["colour", "strong", "target"]).fillna(0.0)
MADE = {
    "a forest": (RandomForestClassifier(8, random_state=0), NUMBERED, WINE["target"]),
    "texts for labels": (
        DecisionTreeClassifier(max_depth=3),
        NUMBERED,
        WINE["target"].map(["x", "y", "z"].__getitem__),
    ),
    "true and false": (RandomForestClassifier(4, random_state=0), cancer().iloc[:, :5], cancer()["target"]),
    "categories": (
        make_pipeline(
            make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["colour", "strong"])),
            LogisticRegression(),
        ),
        WINE[["colour", "strong"]],
        WINE["target"],
    ),
    "decisions": (make_pipeline(StandardScaler(), RidgeClassifier()), NUMBERED, WINE["target"]),
    "two targets": (LinearRegression(), diabetes().iloc[:, :4], diabetes().iloc[:, 4:6]),
    "clusters": (KMeans(3, n_init=1, random_state=0), NUMBERED, None),
    "outliers": (IsolationForest(n_estimators=5, random_state=0), NUMBERED, None),
}


@pytest.fixture(scope="module", params=MADE)
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An exported model."""
    estimator, X, y = MADE[request.param]
    estimator.fit(X, y) if y is not None else estimator.fit(X)
    found = tmp_path_factory.mktemp("made") / "model.onnx"
    alpenglow.export(estimator, X, found)
    return found


@pytest.fixture(scope="module")
def forest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One with ties, gaps and thresholds."""
    estimator, X, y = MADE["a forest"]
    found = tmp_path_factory.mktemp("forest") / "model.onnx"
    alpenglow.export(estimator.fit(X, y), X, found)
    return found


class Wrong:
    """A session of a runtime that computes otherwise."""

    def __init__(self, session: onnxruntime.InferenceSession, change: Change) -> None:
        self.session, self.change = session, change

    def __getattr__(self, name: str) -> Any:
        return getattr(self.session, name)

    def run(self, names: Sequence[str], feed: Any) -> list[NDArray[Any]]:
        answers = self.session.run(names, feed)
        return [self.change(name, answer.copy()) for name, answer in zip(names, answers, strict=True)]


def on(path: Path, change: Change) -> Model:
    """A model as such a runtime would have it."""
    model = load(path)
    model.session = Wrong(model.session, change)
    return model


def times(factor: float) -> Change:
    """Every number is off by so much."""
    return lambda name, answer: answer if name == "label" else answer * factor


def swapped(name: str, answer: NDArray[Any]) -> NDArray[Any]:
    """Each label is another one."""
    if name != "label":
        return answer
    known = np.unique(answer)
    return np.roll(known, 1)[np.searchsorted(known, answer)] if len(known) > 1 else answer[::-1]


def test_the_runtime_that_proved_it_gives_the_same_answers(path: Path) -> None:
    found = verify(load(path), path)
    assert (found.result, found.checked) == ("passed", found.witnesses)
    assert found.witnesses > (7 if "colour" in path.read_bytes().decode("latin-1") else 50)
    assert found.onnxruntime == onnxruntime.__version__
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found.time or "")


def test_a_last_bit_more_or_less_is_the_same_answer(path: Path) -> None:
    for factor in (1 + 2**-52, 1 - 2**-53):
        assert verify(on(path, times(factor)), path).result == "passed"


def test_a_number_further_away_than_was_accepted_is_refused(path: Path) -> None:
    signature = load(path).signature
    if signature.task == "clustering":
        pytest.skip("it has no numbers")
    assert signature.parity
    for factor in (1 + 10 * signature.parity.tolerance, 1 - 1e-6, 0.0, np.nan):
        with pytest.raises(
            ModelError, match=r"^[^\n]*: expected (probabilities|decision|prediction)[^\n]*, got [^\n]*$"
        ):
            verify(on(path, times(factor)), path)


def test_another_label_is_refused(path: Path) -> None:
    model = load(path)
    if model.answer != "label":
        pytest.skip("it has no labels")
    with pytest.raises(ModelError, match=r"expected label .*, got "):
        verify(on(path, swapped), path)


def test_one_row_of_all_is_enough_to_refuse_and_is_named(forest: Path) -> None:
    witnesses = carried(load(forest), forest)
    assert witnesses
    for place in range(0, len(witnesses.kinds), 7):
        row = witnesses.values[NUMBERS][place]
        model = load(forest)
        session = model.session

        class Odd(Wrong):
            """Wrong about one row."""

            def run(self, names: Sequence[str], feed: Any, row: Any = row) -> list[NDArray[Any]]:
                rows = next(iter(feed.values()))
                same = (rows == row) | (np.isnan(rows) & np.isnan(row))
                answers = self.session.run(names, feed)
                answers[1][same.all(axis=1), 2] += 1e-9
                return answers

        model.session = Odd(session, swapped)
        with pytest.raises(ModelError) as caught:
            verify(model, forest)
        assert f"witness {place} ({witnesses.kinds[place]}): expected probabilities[2] " in str(caught.value)
        assert f"{forest} answers otherwise here (ONNX Runtime {onnxruntime.__version__} on " in str(caught.value)


@pytest.mark.parametrize("answer", [lambda a: a[:-1], lambda a: a[:, None], lambda a: a[:0]])
def test_answers_of_another_shape_are_refused(forest: Path, answer: Any) -> None:
    with pytest.raises(ModelError, match="witness 0: expected label in the shape"):
        verify(on(forest, lambda name, found: answer(found)), forest)


def test_a_runtime_that_fails_is_refused_in_one_line(forest: Path) -> None:
    def fail(name: str, answer: NDArray[Any]) -> NDArray[Any]:
        raise RuntimeError("no\nkernel")

    with pytest.raises(ModelError, match=r"witness 0 is not predicted: no kernel$"):
        verify(on(forest, fail), forest)


def test_a_slow_model_is_asked_for_as_many_as_the_time_allows(forest: Path) -> None:
    def slow(name: str, answer: NDArray[Any]) -> NDArray[Any]:
        time.sleep(0.02)
        return answer

    found = verify(on(forest, slow), forest, within=0.1)
    assert found.result == "passed in part"
    assert 1 <= found.checked < found.witnesses
    assert f" gives {found.checked} of {found.witnesses} witnesses" in str(found)
    assert verify(on(forest, slow), forest, within=60).result == "passed"


def changed(path: Path, change: Callable[[onnx.ModelProto], None]) -> Path:
    """A copy of a model with a change."""
    model = onnx.load(path)
    change(model)
    other = path.with_name("changed.onnx")
    onnx.save(model, other)
    return other


def test_a_constant_that_was_changed_is_refused(path: Path) -> None:
    count = len(constants(onnx.load(path)))
    assert count
    kept: list[str] = []
    for at in range(count):

        def change(model: onnx.ModelProto, at: int = at) -> None:
            replaced(constants(model)[at], lambda values: values * 1.5 + 0.25)

        with suppress(ModelError):
            verify(load(changed(path, change)), path)
            kept.append(constants(onnx.load(path))[at].name)
    assert len(kept) < count / 2, kept  # some do no more than guard against zero


def test_each_threshold_of_a_tree_that_moves_past_a_witness_is_refused(tmp_path: Path) -> None:
    tree = DecisionTreeClassifier(max_depth=4, random_state=0).fit(NUMBERED, WINE["target"])
    alpenglow.export(tree, NUMBERED, tmp_path / "model.onnx")
    model = load(tmp_path / "model.onnx")
    witnesses = carried(model, tmp_path / "model.onnx")
    assert witnesses
    rows = witnesses.values[NUMBERS]
    moved = 0
    for node in np.flatnonzero(tree.tree_.feature >= 0):
        before = tree.tree_.threshold[node]
        tree.tree_.threshold[node] = before + 0.3 * NUMBERED.iloc[:, tree.tree_.feature[node]].std()
        alpenglow.export(tree, NUMBERED, tmp_path / "moved.onnx", witnesses=False)
        differs = not np.array_equal(tree.predict_proba(as_frame(rows)), witnesses.answers["probabilities"])
        tree.tree_.threshold[node] = before

        def carry(model: onnx.ModelProto) -> None:
            model.metadata_props.add(key=KEY, value=encode(witnesses))

        path = changed(tmp_path / "moved.onnx", carry)
        moved += differs
        if differs:
            with pytest.raises(ModelError, match="expected "):
                verify(load(path), path)
        else:
            assert verify(load(path), path).result == "passed"
    assert moved > 3


def as_frame(rows: NDArray[np.float64]) -> Any:
    """Rows as scikit-learn takes them."""
    return NUMBERED.iloc[:0].reindex(range(len(rows))).assign(**dict(zip(NUMBERED, rows.T, strict=True)))


def without(model: onnx.ModelProto) -> None:
    """As models were before there were witnesses."""
    kept = [entry for entry in model.metadata_props if entry.key != KEY]
    del model.metadata_props[:]
    model.metadata_props.extend(kept)


def test_a_model_without_witnesses_loads_as_before_and_that_is_said(forest: Path) -> None:
    path = changed(forest, without)
    found = verify(load(path), path)
    assert found.result == "no witnesses"
    assert str(found).startswith("It carries no witnesses")


@pytest.mark.parametrize("text", ["", "garbage", "bm8="])
def test_witnesses_that_cannot_be_read_are_refused(forest: Path, text: str) -> None:
    def change(model: onnx.ModelProto) -> None:
        next(entry for entry in model.metadata_props if entry.key == KEY).value = text

    path = changed(forest, change)
    with pytest.raises(ModelError, match="has witnesses that this version does not read: "):
        verify(load(path), path)


@pytest.mark.parametrize("name", ["categories", "decisions"])
def test_witnesses_of_another_model_s_columns_or_outputs_are_refused(forest: Path, tmp_path: Path, name: str) -> None:
    estimator, X, y = MADE[name]
    alpenglow.export(estimator.fit(X, y), X, tmp_path / "other.onnx")
    theirs = next(entry.value for entry in onnx.load(tmp_path / "other.onnx").metadata_props if entry.key == KEY)

    def change(model: onnx.ModelProto) -> None:
        next(entry for entry in model.metadata_props if entry.key == KEY).value = theirs

    path = changed(forest, change)
    with pytest.raises(ModelError, match="has witnesses with other columns or outputs than its graph"):
        verify(load(path), path)


def test_the_server_does_not_start_with_a_model_that_answers_otherwise(forest: Path, tmp_path: Path) -> None:
    path = tampered(forest, tmp_path / "model.onnx")
    with (tmp_path / "log").open("wb") as log:
        process = start([sys.executable, "-m", "alpenglow", "serve", str(path), "--port", str(free_port())], log)
        try:
            assert process.wait(60) == 1
        finally:
            process.kill()
    said = (tmp_path / "log").read_text()
    assert said.startswith(f"serve: {path} answers otherwise here (ONNX Runtime {onnxruntime.__version__} on ")
    assert re.search(r"witness \d+ \([a-z ]+\): expected probabilities\[\d\] [0-9.]+, got [0-9.]+\n$", said)
    assert len(said.splitlines()) == 1


def test_it_does_if_that_is_turned_off_and_says_so(forest: Path, tmp_path: Path) -> None:
    with gunicorn(tampered(forest, tmp_path / "model.onnx"), VERIFY="off") as server:
        assert server.get("/model").json()["verification"] == {"result": "off"}
    variables = serve.variables(["model.onnx", "--verify=off"])
    assert variables == {"MODEL": "model.onnx", "VERIFY": "off"}


def test_the_model_s_card_says_when_and_on_what_it_was_verified(forest: Path, tmp_path: Path) -> None:
    with gunicorn(forest, tmp_path) as server:
        found = server.get("/model").json()["verification"]
        schemas = server.get("/openapi.json").json()["components"]["schemas"]
    assert found["result"] == "passed"
    assert found["checked"] == found["witnesses"] > 50
    assert found["onnxruntime"] == onnxruntime.__version__
    assert found["machine"] == platform.machine()
    assert abs(datetime.now(UTC) - datetime.fromisoformat(found["time"])) < timedelta(minutes=5)
    assert 0 < found["seconds"] < 1
    assert set(found) <= set(schemas["Verification"]["properties"])


def test_what_is_announced_says_if_some_were_left_for_want_of_time(forest: Path) -> None:
    model, settings = load(forest), from_environment({}, Limits(cpus=1, memory=1 << 30))
    part = Verification("passed in part", 32, 128)
    assert ", 32 of 128 witnesses checked) from " in announcement(settings, 1, model.signature, part)
    assert "witnesses" not in announcement(settings, 1, model.signature, verify(model, forest))
