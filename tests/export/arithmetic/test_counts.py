"""Units of moments, as NumPy has them."""

import numpy as np
import pytest

from alpenglow._export.arithmetic.counts import in_unit
from alpenglow._export.graph.times import DAY, NAT
from tests.export.arithmetic.graphs import made


@pytest.mark.parametrize("unit", DAY)
@pytest.mark.parametrize("wanted", DAY)
def test_units_are_changed_as_numpy_does(unit: str, wanted: str) -> None:
    counts = [
        NAT,
        -1,
        0,
        1,
        *(
            sign * count * size + more
            for sign in (-1, 1)
            for count in (1, 40)
            for size in (DAY[unit], DAY[unit] // 2 or 1)
            for more in (-1, 0, 1)
        ),
    ]
    found = made(lambda nodes, x: in_unit(nodes, x, unit, wanted), np.array(counts))
    expected = np.array(counts).view(f"datetime64[{unit}]").astype(f"datetime64[{wanted}]").astype(np.int64)
    np.testing.assert_array_equal(found, expected)
