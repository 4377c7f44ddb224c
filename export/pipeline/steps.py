"""Walk through the steps of a fitted pipeline."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, Pipeline

from alpenglow._export.pipeline.boosters import categories_in, reads_categories
from alpenglow._export.pipeline.categories import Categories
from alpenglow._export.pipeline.encoded import fitted_on, hashes, is_encoder, known_values
from alpenglow._export.pipeline.selectors import is_selector, selected

# What CatBoost and interpret call the columns of an array.
MADE: tuple[Callable[[int], str], ...] = (str, "feature_{:04}".format)
# What decides on the answers of others, of scikit-learn and of mlxtend.
FINAL = ("final_estimator_", "meta_clf_", "meta_regr_")
# What mlxtend's ask, which need not say how many columns they take.
ASKED = frozenset({"clfs_", "regr_"})
# What an estimator keeps beside those that it hands its own input to. Of imbalanced-learn: copies of these.
NOT_ASKED = frozenset({*FINAL, "init_", "pipelines_", "samplers_"})


def walk(estimator: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each step with its path, such as `columns → categories`; the outermost estimator first."""
    yield path, estimator
    for name, step in children(estimator):
        yield from walk(step, f"{path} → {name}" if path else name)


def classes_of(estimator: Any) -> frozenset[str]:
    """The names of the classes of an estimator and of all that it is made of."""
    return frozenset(type(step).__name__ for _, step in walk(estimator))


def children(estimator: Any) -> list[tuple[str, Any]]:
    """The named steps one level below."""
    if isinstance(estimator, Pipeline):
        steps = estimator.steps
    elif isinstance(estimator, FeatureUnion):
        steps = estimator.transformer_list
    elif handed_on(estimator) is not None:
        steps = [("inner", handed_on(estimator))]
    elif on_columns(estimator) is not None:
        steps = [(name, step) for name, step, _ in on_columns(estimator) or ()]
    else:
        steps = list(members(estimator))
    return [
        (name, step) for name, step in steps if not isinstance(step, str) and step is not None and not is_sampler(step)
    ]


def is_sampler(step: Any) -> bool:
    """Whether it draws the rows that others are fitted on anew, and does nothing once they predict."""
    return hasattr(step, "fit_resample") and not isinstance(step, Pipeline)


def behind_sampler(estimator: Any) -> Any:
    """The estimator that nothing but samplers stand in front of in a Pipeline; what is no such Pipeline, as it is."""
    parts = children(estimator) if isinstance(estimator, Pipeline) else []
    return parts[0][1] if len(parts) == 1 < len(estimator.steps) else estimator


def final_of(estimator: Any) -> Any:
    """What decides on the answers of an estimator's others; None if nothing does."""
    return next((getattr(estimator, name) for name in FINAL if hasattr(estimator, name)), None)


def handed_on(estimator: Any) -> Any:
    """The step that one of skrub's hands all of its input to; None of any other."""
    if not type(estimator).__module__.startswith("skrub."):
        return None
    held = (getattr(estimator, name, None) for name in ("_pipeline", "_wrapped_transformer", "_dropper"))
    return next((step for step in held if step is not None), None)


def on_columns(estimator: Any) -> list[tuple[str, Any, Any]] | None:
    """The steps, by name, that one hands some columns to, and how it selects these; None of any other step.

    A single name is that of a column that comes as a series.
    """
    if isinstance(estimator, ColumnTransformer):
        # What gets no column is not fitted.
        found = [part for part in estimator.transformers_ if len(estimator._transformer_to_input_indices[part[0]])]
        return [(name, step, columns) for name, step, columns in found if not isinstance(step, str)]
    if type(estimator).__module__.startswith("feature_engine.wrappers"):
        return [("transformer", estimator.transformer_, list(estimator.variables_))]
    if not type(estimator).__module__.startswith("skrub.") or handed_on(estimator) is not None:
        return None
    if hasattr(estimator, "transformers_"):
        return [
            (str(name), step, name if hasattr(step, "__single_column_transformer__") else [name])
            for name, step in estimator.transformers_.items()
        ]
    if hasattr(estimator, "transformer_"):
        return [] if estimator.transformer_ is None else [("transformer", estimator.transformer_, estimator._columns)]
    return None


def parts_by_name(estimator: Any, columns: list[str]) -> list[tuple[Any, list[str]]] | None:
    """The same steps, and the names of their columns.

    Args:
        estimator: Fitted on a table of `columns`.
        columns: The names of what goes in, in order.
    """
    if isinstance(estimator, ColumnTransformer):
        places = estimator._transformer_to_input_indices
        return [(step, [columns[place] for place in places[name]]) for name, step, _ in on_columns(estimator) or ()]
    parts = on_columns(estimator)
    if parts is None:
        return None
    return [(step, [names] if isinstance(names, str) else list(names)) for _, step, names in parts]


def members(estimator: Any) -> Iterator[tuple[str, Any]]:
    """The fitted estimators that one that is no Pipeline hands its own input to."""
    for name, value in vars(estimator).items():
        if name.startswith("_") or name in NOT_ASKED:
            continue
        items = value.ravel().tolist() if isinstance(value, np.ndarray) and value.dtype == object else value
        for item in items if isinstance(items, list) else [items]:
            member = getattr(item, "estimator", None) if name == "calibrated_classifiers_" else item
            fitted = name.endswith("_") or name == "estimator"
            known = getattr(member, "n_features_in_", None) is not None or name in ASKED
            if fitted and known and hasattr(member, "get_params"):
                yield name.rstrip("_"), member


def names_of(estimator: Any) -> list[str]:
    """The names of the columns that an estimator was fitted on; none if those had none."""
    if isinstance(estimator, Pipeline) and estimator.steps and not hasattr(estimator, "feature_names_in_"):
        return names_of(estimator.steps[0][1])
    kept = getattr(estimator, "feature_names_in_", None)
    names = [str(name) for name in (getattr(estimator, "feature_names_", None) or () if kept is None else kept)]
    return [] if any(names == [made(i) for i in range(len(names))] for made in MADE) else names


def columns_read(estimator: Any, columns: list[str]) -> list[str]:
    """The columns that something can depend on: all but those that a ColumnTransformer in front drops.

    Args:
        estimator: Fitted on a table of `columns`.
        columns: The names of what goes in, in order.
    """
    if isinstance(estimator, Pipeline):
        steps = [step for _, step in children(estimator) if not isinstance(step, Categories)]
        return columns_read(steps[0], columns) if steps else columns
    if isinstance(estimator, FeatureUnion):
        read = {name for _, step in children(estimator) for name in columns_read(step, columns)}
        return [name for name in columns if name in read]
    if is_selector(estimator):
        return [columns[place] for place in sorted(set(selected(estimator, columns)))]
    if handed_on(estimator) is not None:
        return columns_read(handed_on(estimator), columns)
    if not isinstance(estimator, ColumnTransformer):
        # Of skrub's SelectCols and DropCols, and of Feature-engine's selectors.
        chosen = getattr(estimator, "columns_", columns) if type(estimator).__name__ == "SelectCols" else columns
        gone = [*getattr(estimator, "dropped_cols_", ()), *getattr(estimator, "features_to_drop_", ())]
        return [name for name in columns if name in chosen and name not in gone]
    kept = [name for name, step, _ in estimator.transformers_ if not (isinstance(step, str) and step == "drop")]
    positions = {position for name in kept for position in estimator._transformer_to_input_indices[name]}
    return [name for position, name in enumerate(columns) if position in positions]


def known_categories(estimator: Any, columns: list[str]) -> dict[str, list[Any]]:
    """The categories that an encoder was fitted on, by column, where an encoder is what reads the column.

    Args:
        estimator: Fitted on a table of `columns`.
        columns: The names of what goes in, in order.
    """
    found: dict[str, list[Any]] = {}
    for step, names in readers(estimator, columns):
        found = known_to(step, names) | found
    return {name: known for name, known in found.items() if name in columns}


def known_to(step: Any, names: list[str]) -> dict[str, list[Any]]:
    """The same of one step, that reads columns of these names."""
    if isinstance(step, Categories):
        return dict(step.categories)
    if reads_categories(step):
        return categories_in(step, names, {})
    if is_encoder(step):
        known = known_values(step)
        return {name: known[own] for name, own in zip(names, fitted_on(step), strict=False) if own in known}
    named = getattr(step, "encoder_dict_", None)  # of Feature-engine; one of rare labels has frequent ones alone
    if named is not None:
        return {} if hasattr(step, "replace_with") else {str(name): list(named[name]) for name in named}
    categories = getattr(step, "categories_", ())
    if len(categories) != len(names):
        return {}
    return {name: list(known) for name, known in zip(names, categories, strict=True)}


def hashed_columns(estimator: Any, columns: list[str]) -> set[str]:
    """The columns that are hashed, so that a graph can have a table of the sample's values alone; see above."""
    return {
        name
        for step, names in readers(estimator, columns)
        if hashes(step)
        for name, own in zip(names, fitted_on(step), strict=False)
        if own in step.cols
    }


def readers(estimator: Any, columns: list[str]) -> Iterator[tuple[Any, list[str]]]:
    """The steps that read columns as they go in, or with their gaps filled, each with the names of what it reads."""
    if isinstance(estimator, Pipeline):
        steps = [step for _, step in children(estimator)]
        if steps and is_selector(steps[0]):
            columns, steps = [columns[place] for place in selected(steps[0], columns)], steps[1:]
        for step in in_turn(steps):
            yield from readers(step, columns)
    elif handed_on(estimator) is not None:
        yield from readers(handed_on(estimator), columns)
    elif parts_by_name(estimator, columns):
        for step, names in parts_by_name(estimator, columns) or ():
            yield from readers(step, names)
    else:
        yield estimator, columns


def in_turn(steps: list[Any]) -> list[Any]:
    """The first of some steps, up to one that may hand on other columns than it got.

    An imputer, or what gives columns a type, hands each on in its place, so its successor still speaks of the same
    columns. What goes by names may move them, so that only those behind it can be understood that go by names, too.
    """
    found: list[Any] = []
    for step in steps:
        by_name = hasattr(step, "encoder_dict_") or type(step).__module__.startswith(("skrub.", "feature_engine.wrap"))
        if found and not by_name and not in_place(found[-1]):
            break
        found.append(step)
        if not by_name and not in_place(step):
            break
    return found


def in_place(step: Any) -> bool:
    """Whether it is an imputer, or gives columns a type."""
    return isinstance(step, Categories) or hasattr(step, "statistics_") or hasattr(step, "imputer_dict_")
