"""Points and edges that are told of a step."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alpenglow._export.arithmetic.borders import MOST_POINTS, beside, by_feature, middles, rows_of

PLACES = arrays(np.float64, st.tuples(st.integers(1, 40), st.integers(1, 4)), elements=st.integers(-100, 100))


@given(PLACES)
def test_a_middle_is_as_far_from_one_place_as_from_another(places: np.ndarray) -> None:
    points = middles(places)
    assert len(points) == min(MOST_POINTS, len(places) * (len(places) - 1) // 2)
    for point in points:
        away = np.abs(places - point)
        assert len(np.unique(away.sum(axis=1))) < len(places)


@given(PLACES)
def test_beside_each_place_are_two_points_that_differ_in_one_feature(places: np.ndarray) -> None:
    points = beside(places)
    repeated = np.repeat(places, places.shape[1], axis=0)
    assert len(points) == 2 * len(repeated)
    assert ((points != np.tile(repeated, (2, 1))).sum(axis=1) <= 1).all()
    np.testing.assert_allclose(points.reshape(2, *repeated.shape).mean(axis=0), repeated, atol=1e-12)


def test_edges_are_the_numbers_among_the_values_of_each_feature() -> None:
    found = list(by_feature([[1, 2], None, np.array(["a"]), [0.5]]))
    assert [(feature.tolist(), value.tolist(), narrow) for feature, value, narrow in found] == [
        ([0, 0], [1.0, 2.0], False),
        ([3], [0.5], False),
    ]
    assert [value.tolist() for _, value, _ in rows_of([[1, 2], [3, 4]])] == [[1.0, 3.0], [2.0, 4.0]]
    assert list(rows_of([])) == []
