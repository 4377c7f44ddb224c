"""What is not exact is refused, with the reason."""

import pytest
from sklearn.decomposition import NMF
from sklearn.feature_selection import SelectKBest
from sklearn.kernel_approximation import AdditiveChi2Sampler
from sklearn.pipeline import make_pipeline

from alpenglow._export.errors import ConversionError
from tests.export.converters.echo import Echo
from tests.export.helpers import exported
from tests.tables import cancer


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("transformer", "reason"),
    [
        (
            NMF(2, max_iter=2),
            "a row alone gets another answer than among others",
        ),
        (AdditiveChi2Sampler(), "there is no exact converter for this transformer"),
    ],
    ids=str,
)
def test_refused(transformer, reason) -> None:
    features = cancer().drop(columns="target").iloc[:50]
    pipeline = make_pipeline(SelectKBest(k=5), transformer, Echo()).fit(features, cancer()["target"].iloc[:50])
    with pytest.raises(ConversionError) as caught:
        exported(pipeline, features)
    assert str(caught.value).endswith(reason)
