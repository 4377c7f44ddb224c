"""pyGAM's models."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import alpenglow
from alpenglow._export.api import export
from alpenglow._export.converters.libraries.pygam import at_the_ends, border, ends_of, knots_of
from alpenglow._export.errors import PipelineError
from alpenglow._export.pipeline.gams import with_gam
from tests.export.helpers import check_same

pygam = pytest.importorskip("pygam")
s, f, te, line = pygam.s, pygam.f, pygam.te, pygam.l


pytestmark = pytest.mark.filterwarnings("ignore")  # pyGAM warns of what it does not need to know


def table(seed: int = 0, rows: int = 300) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    random = np.random.default_rng(seed)
    sample = pd.DataFrame(
        {
            "x": random.normal(size=rows),
            "kind": random.integers(0, 4, rows).astype(float),
            "hour": random.random(rows) * 24,
            "w": random.normal(size=rows) * 1000,
        }
    )
    target = sample["x"] + np.sin(sample["hour"] / 24 * 2 * np.pi) + sample["kind"] / 2
    return sample, (target + random.normal(size=rows) / 5).to_numpy()


def unusual(sample: pd.DataFrame, model: Any) -> pd.DataFrame:
    """The rows, those on each knot and beside it, and such far beyond; those that pyGAM refuses are left out."""
    changed = [sample]
    parts = [part for term in model.terms for part in (term._terms if term.istensor else [term])]
    for term in parts:
        if not term.isintercept:
            start, scale = (0.0, 1.0) if term._name == "linear_term" else ends_of(term)
            knots = start + scale * (np.array([0.0, 1.0]) if term._name == "linear_term" else knots_of(term))
            far = start + scale * np.array([-1e6, -3.0, 1.5, 7.0, 1e6])
            on = np.r_[knots, np.nextafter(knots, -np.inf), np.nextafter(knots, np.inf), far]
            name = sample.columns[term.feature]
            rows = sample.iloc[np.arange(len(on)) % len(sample)].assign(**{name: on})
            changed.append(rows if term._name != "factor_term" else rows[rows[name].between(start, start + scale)])
    rows = pd.concat(changed, ignore_index=True)
    return rows[[answers(model, rows.iloc[[i]]) for i in range(len(rows))]]


def answers(model: Any, row: pd.DataFrame) -> bool:
    """Periodic splines have no place for what is beyond the last knot, but not yet a period further."""
    try:
        model.predict(row)
    except ValueError:
        return False
    return True


TERMS = {
    "splines": lambda: s(0, n_splines=8) + s(2) + s(3, n_splines=5, spline_order=4),
    "steps and lines": lambda: s(0, spline_order=0) + s(2, spline_order=1) + line(3),
    "periodic": lambda: s(2, basis="cp") + s(2, basis="cp", spline_order=1) + s(2, basis="cp", spline_order=0),
    "factors": lambda: f(1) + f(1, coding="dummy") + line(0),
    "by": lambda: s(0, by=3) + te(0, 2, by=1, n_splines=5),
    "tensors": lambda: te(0, 2, n_splines=5) + te(s(0, n_splines=5), s(2, basis="cp", n_splines=6), line(3)),
    "constraints": lambda: s(0, constraints="monotonic_inc") + s(2, constraints="concave"),
}


@pytest.mark.parametrize("terms", TERMS)
@pytest.mark.parametrize("intercept", [True, False])
def test_every_term_is_added_bit_by_bit(terms, intercept) -> None:
    sample, target = table()
    model = pygam.LinearGAM(TERMS[terms](), fit_intercept=intercept).fit(sample, target)
    check_same(with_gam(model), sample, unusual(sample, model))


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    order=st.integers(0, 5),
    more=st.integers(1, 12),
    basis=st.sampled_from(["ps", "cp"]),
    by=st.sampled_from([None, 3]),
)
def test_any_spline_is_exact(seed, order, more, basis, by) -> None:
    sample, target = table(seed, rows=150)
    model = pygam.LinearGAM(s(2, n_splines=order + more, spline_order=order, basis=basis, by=by) + s(0, n_splines=6))
    check_same(with_gam(model.fit(sample, target)), sample, unusual(sample, model))


@pytest.mark.parametrize(
    "model",
    [
        pygam.PoissonGAM(s(0) + f(1)),
        pygam.GammaGAM(s(0) + s(2)),
        pygam.InvGaussGAM(s(0)),
        pygam.ExpectileGAM(s(0) + line(1), expectile=0.3),
        pygam.GAM(s(0), distribution="gamma", link="inverse"),
        pygam.GAM(s(0), distribution="inv_gauss", link="inv_squared"),
        pygam.GAM(s(0) + s(2), distribution="binomial", link="logit"),
    ],
    ids=lambda model: f"{type(model).__name__} {model.link}",
)
def test_every_link_is_undone(model) -> None:
    sample, target = table()
    wanted = np.exp(target / 4) + 0.1
    if isinstance(model, pygam.PoissonGAM):
        wanted = wanted.round()
    elif model.distribution == "binomial":
        wanted = (target > 1).astype(int)
    check_same(with_gam(model.fit(sample, wanted)), sample, tolerance=1e-14)


def logistic() -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    sample, target = table()
    return sample, target + np.random.default_rng(1).normal(size=len(target)) > 1


def test_it_tells_false_from_true_and_both_probabilities(tmp_path) -> None:
    sample, target = logistic()
    model = pygam.LogisticGAM(s(0) + f(1) + s(2)).fit(sample, target)
    report = export(model, sample, tmp_path / "model.onnx")
    assert report.exact
    assert "the border of a decision" in {check.what for check in report.checks}
    served = alpenglow.load(tmp_path / "model.onnx")
    np.testing.assert_array_equal(served.predict(sample), model.predict(sample))
    np.testing.assert_allclose(served.predict_proba(sample)[:, 1], model.predict_proba(sample), rtol=1e-14)


def test_a_label_is_decided_as_numpy_rounds() -> None:
    sample, target = logistic()
    model = pygam.LogisticGAM(s(0)).fit(sample, target)
    last = border(model)
    means = model.link.mu(np.array([np.nextafter(last, -1), last, np.nextafter(last, 1)]), model.distribution)
    assert (means > 0.5).tolist() == [False, False, True]


def test_it_is_exported_behind_others_though_scikit_learn_refuses_to_ask_it(tmp_path) -> None:
    sample, target = logistic()
    model = make_pipeline(StandardScaler(), pygam.LogisticGAM()).fit(sample, target)
    assert export(model, sample, tmp_path / "model.onnx").exact
    expected = model[-1].predict(model[0].transform(sample))
    np.testing.assert_array_equal(alpenglow.load(tmp_path / "model.onnx").predict(sample), expected)
    assert type(model[-1]) is pygam.LogisticGAM  # the pipeline stays as it was
    assert export(pygam.LinearGAM().fit(sample, target), sample, tmp_path / "model.onnx").exact


def test_what_is_not_fitted_is_refused(tmp_path) -> None:
    sample, _ = table()
    with pytest.raises(PipelineError, match="the LinearGAM is not fitted yet"):
        export(pygam.LinearGAM(), sample, tmp_path / "model.onnx")


def test_splines_go_on_as_lines() -> None:
    sample, target = table()
    model = pygam.LinearGAM(s(0), fit_intercept=False).fit(sample, target)
    values, slopes = at_the_ends(knots_of(model.terms[0]), 3)
    np.testing.assert_allclose(values.sum(axis=1), 1.0, rtol=1e-8)
    np.testing.assert_allclose(slopes.sum(axis=1), 0.0, atol=1e-6)
