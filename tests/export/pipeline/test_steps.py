"""Which categories belong to which column."""

from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from alpenglow._export.pipeline.steps import known_categories, walk
from tests.tables import wine


def test_categories_are_found_behind_imputers_and_in_nested_steps() -> None:
    table = wine()
    transformer = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder()), ["colour"]),
        (OrdinalEncoder(), lambda frame: frame.columns == "strong"),
        remainder="drop",
    )
    pipeline = make_pipeline(transformer).fit(table)
    assert known_categories(pipeline, list(table)) == {"colour": ["brown", "red"], "strong": [False, True]}


def test_every_step_has_a_path() -> None:
    pipeline = make_pipeline(make_column_transformer((OneHotEncoder(), ["colour"]))).fit(wine())
    assert [path for path, _ in walk(pipeline)] == ["", "columntransformer", "columntransformer → onehotencoder"]
