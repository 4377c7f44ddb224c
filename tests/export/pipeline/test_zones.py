"""When the clocks of a zone change."""

from zoneinfo import ZoneInfo

import pandas as pd

from alpenglow._export.pipeline import zones


def test_a_change_of_clocks_is_known_to_the_second() -> None:
    berlin = list(zones.changes(ZoneInfo("Europe/Berlin")))
    assert pd.Timestamp("2024-03-31T01:00:00Z").timestamp() in berlin
    assert pd.Timestamp("2099-10-25T01:00:00Z").timestamp() in berlin
    assert zones.is_fixed(ZoneInfo("UTC"))
    assert not zones.is_fixed(ZoneInfo("Europe/Berlin"))
