"""The bytes of the Open Inference Protocol's datatypes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alpenglow._serve.formats.datatypes import strings, to_bytes


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5))
def test_strings_come_back_from_their_bytes(texts: list[str]) -> None:
    assert list(strings(to_bytes(np.array(texts, dtype=object)))) == texts
