"""Numbers go up to where the graph and scikit-learn agree, and the signature says where that is."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import alpenglow
from alpenglow._serve.errors import InputError
from tests.tables import cancer


@pytest.fixture(scope="module")
def features() -> pd.DataFrame:
    return cancer().drop(columns="target").iloc[::3, :4].reset_index(drop=True)


def limits(path) -> set[float]:
    return {column.highest for column in alpenglow.load(path).signature.columns}


@pytest.mark.parametrize(("power", "exponent"), [(2, 510), (3, 340)])
def test_of_neighbours_it_is_where_four_squares_or_cubes_overflow(features, tmp_path, power, exponent) -> None:
    path = tmp_path / "m.onnx"
    # Where all are infinitely far, scikit-learn's search answers with the first.
    model = KNeighborsClassifier(3, p=power).fit(features, np.arange(len(features)) > 0)
    report = alpenglow.export(model, features, path)
    (limit,) = limits(path)
    assert limit == 2.0**exponent
    assert any("numbers are taken up to" in note for note in report.notes)
    row = features[:1].assign(**dict.fromkeys(features, limit))
    assert alpenglow.load(path).predict(row) == model.predict(row)
    with pytest.raises(InputError, match="expected a number from"):
        alpenglow.load(path).predict(features.assign(**{features.columns[0]: 1e200}))


def test_behind_a_scaler_it_is_lower(features, tmp_path) -> None:
    model = make_pipeline(StandardScaler(), KNeighborsClassifier()).fit(features / 1e6, np.arange(len(features)) > 0)
    alpenglow.export(model, features / 1e6, tmp_path / "m.onnx")
    assert max(limits(tmp_path / "m.onnx")) < 2.0**500


@pytest.mark.parametrize("model", [LogisticRegression(), GaussianMixture(2, random_state=0)], ids=str)
def test_where_both_agree_on_all_there_is_none(features, tmp_path, model) -> None:
    alpenglow.export(model.fit(features, cancer()["target"][::3]), features, tmp_path / "m.onnx")
    assert limits(tmp_path / "m.onnx") == {None}
