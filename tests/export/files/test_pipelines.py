"""What people keep fitted pipelines in, and what they give instead."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import zlib
from zipfile import ZipFile

import cloudpickle
import dill
import joblib
import lightgbm
import numpy as np
import onnx
import pandas as pd
import pytest
import sklearn
import skops.io
import xgboost
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import alpenglow
from alpenglow._export.errors import PipelineError
from alpenglow._export.files.fitted_with import check_version
from alpenglow._export.files.pipelines import load_pipeline
from alpenglow._export.pipeline.boosters import estimator_of
from alpenglow._export.pipeline.tasks import task_of
from tests.commands import alpenglow as command
from tests.commands import python
from tests.export.files.kept import codes, fitted, same


def joblib_bytes(value, **options) -> bytes:
    joblib.dump(value, file := io.BytesIO(), **options)
    return file.getvalue()


PICKLERS = {
    **{f"pickle {protocol}": lambda value, protocol=protocol: pickle.dumps(value, protocol) for protocol in range(6)},
    **{
        f"joblib {protocol}": lambda value, protocol=protocol: joblib_bytes(value, protocol=protocol)
        for protocol in range(6)
    },
    "pickle in Python": pickle._dumps,
    "cloudpickle": cloudpickle.dumps,
    "dill": dill.dumps,
}
PACKERS = {
    "bare": bytes,
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda content: lzma.compress(content, format=lzma.FORMAT_ALONE),
    **{f"zlib {level}": lambda content, level=level: zlib.compress(content, level) for level in (1, 3, 6, 9)},
}


def refused(path, **options) -> str:
    """The sentence on a file; it names the file."""
    with pytest.raises(PipelineError) as caught:
        load_pipeline(path, **options)
    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def written(path, content):
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("dumps", "pack"), [*((name, "bare") for name in PICKLERS), *(("joblib 4", name) for name in PACKERS)]
)
def test_every_pickle_is_read_whatever_its_name(tmp_path, dumps, pack) -> None:
    content = PACKERS[pack](PICKLERS[dumps](fitted()))
    assert same(load_pipeline(written(tmp_path / "no_ending", content)))


@pytest.mark.parametrize("compress", [3, ("gzip", 3), ("bz2", 3), ("lzma", 3), ("xz", 3), ("lz4", 3)], ids=str)
@pytest.mark.parametrize("name", ["finalized_model.sav", "model.pkl", "pipeline.joblib.gz", "model.skops"])
def test_what_joblib_compresses_is_read_whatever_its_name(tmp_path, compress, name) -> None:
    if compress == ("lz4", 3):
        pytest.importorskip("lz4")
    joblib.dump(fitted(), tmp_path / name, compress=compress)
    assert same(load_pipeline(tmp_path / name))


def other_version(content: bytes, major: bytes = b"8") -> bytes:
    """The same from a scikit-learn of another age; as long as before, as pickles count the letters of a text."""
    here = sklearn.__version__.encode()
    assert here in content
    return content.replace(here, major + here[1:])


@pytest.mark.parametrize(
    ("dumps", "pack"), [*((name, "bare") for name in PICKLERS), *(("joblib 4", name) for name in PACKERS)]
)
def test_another_version_of_scikit_learn_is_found_without_loading(tmp_path, dumps, pack) -> None:
    harmful = make_pipeline(FunctionTransformer(Harm()), Ridge()).fit([[1.0]], [1.0])
    content = PACKERS[pack](other_version(PICKLERS[dumps](harmful)))
    sentence = refused(written(tmp_path / "old.pkl", content))
    assert "was fitted with scikit-learn 8." in sentence
    assert "pip install 'alpenglow[export]' scikit-learn==8." in sentence


def test_what_is_too_old_to_be_exported_anywhere_is_to_be_fitted_again(tmp_path) -> None:
    sentence = refused(written(tmp_path / "old.pkl", other_version(pickle.dumps(fitted()), b"0")))
    assert "was fitted with scikit-learn 0." in sentence
    assert "nothing from before 1.3 is exported, so fit it again" in sentence


class Harm:
    """What must not be loaded."""

    def __setstate__(self, state) -> None:
        raise AssertionError("it was loaded")

    def __getstate__(self) -> dict[str, int]:
        return {"state": 1}

    def __call__(self, X):
        return X


@pytest.mark.parametrize(
    "estimator",
    [
        RandomForestClassifier(3).fit(np.eye(3), [0, 1, 2]),
        PCA(1).fit(np.eye(3)),
        make_pipeline(StandardScaler(), Ridge()).fit(np.eye(3), [0, 1, 2]),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
@pytest.mark.parametrize("dumps", PICKLERS)
def test_the_version_is_found_in_every_estimator(tmp_path, estimator, dumps) -> None:
    content = other_version(PICKLERS[dumps](estimator))
    assert "was fitted with scikit-learn 8." in refused(written(tmp_path / "old.pkl", content))


@given(before=st.integers(65_000, 66_200), dumps=st.sampled_from(["pickle 4", "pickle 5", "pickle in Python"]))
def test_the_version_is_found_across_the_frames_of_a_pickle(tmp_path_factory, before, dumps) -> None:
    content = other_version(PICKLERS[dumps]({"note": [" " * 100] * 100 + ["x" * before], "model": PCA()}))
    path = tmp_path_factory.getbasetemp() / "framed.pkl"
    assert "was fitted with scikit-learn 8." in refused(written(path, content))


@pytest.mark.parametrize("dumps", PICKLERS)
def test_a_version_that_the_pickle_names_before_is_found(tmp_path, dumps) -> None:
    harmful = make_pipeline(FunctionTransformer(Harm()), StandardScaler(), Ridge()).fit([[1.0]], [1.0])
    content = other_version(PICKLERS[dumps]({"version": sklearn.__version__, "numpy": "2.1.0", "model": harmful}))
    assert "was fitted with scikit-learn 8." in refused(written(tmp_path / "old.pkl", content))


class Packed:
    """What hides its version, as some wrappers do."""

    def __init__(self, value) -> None:
        self.content = zlib.compress(other_version(pickle.dumps(value)))

    def __reduce__(self):
        return pickle.loads, (Unpacked(self.content),)


class Unpacked:
    """What zlib unpacks when it is loaded."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def __reduce__(self):
        return zlib.decompress, (self.content,)


def test_a_version_that_only_shows_in_loading_stops_it(tmp_path) -> None:
    assert "was fitted with scikit-learn 8." in refused(written(tmp_path / "old.pkl", pickle.dumps(Packed(fitted()))))


def test_a_skops_file_needs_trust_and_says_in_what(tmp_path) -> None:
    forest = RandomForestClassifier(3, random_state=0).fit(np.eye(3), [0, 1, 2])
    skops.io.dump(forest, tmp_path / "forest.skops")
    assert refused(tmp_path / "forest.skops").endswith(
        "has types that skops does not trust by itself, so nothing of it was loaded: "
        "sklearn.tree._tree.Tree; if you trust whoever wrote it, say --trust"
    )
    found = load_pipeline(tmp_path / "forest.skops", trust=True)
    np.testing.assert_array_equal(found.predict(np.eye(3)), forest.predict(np.eye(3)))


def test_a_skops_file_of_trusted_types_needs_none(tmp_path) -> None:
    skops.io.dump(fitted(), tmp_path / "model", compression=8)
    assert same(load_pipeline(tmp_path / "model"))


def test_another_version_is_found_in_a_skops_file(tmp_path) -> None:
    skops.io.dump(fitted(), tmp_path / "new.skops")
    with ZipFile(tmp_path / "new.skops") as new, ZipFile(tmp_path / "old.skops", "w") as old:
        for name in new.namelist():
            content = new.read(name)
            old.writestr(name, other_version(content) if name == "schema.json" else content)
    assert "was fitted with scikit-learn 8." in refused(tmp_path / "old.skops", trust=True)


def test_a_version_beside_a_file_counts_if_the_file_has_none(tmp_path) -> None:
    forest = lightgbm.LGBMRegressor(n_estimators=2, min_child_samples=1, verbose=-1).fit(np.eye(3), [0, 1, 2])
    path = written(tmp_path / "forest.pkl", pickle.dumps(forest))
    assert "was fitted with scikit-learn 0.24.2" in refused(path, version="0.24.2")
    assert same(load_pipeline(written(tmp_path / "new.pkl", pickle.dumps(fitted())), version="0.24.2"))


def test_the_sentence_says_where_to_export_it_or_to_fit_it_again(tmp_path) -> None:
    path = tmp_path / "model.pkl"
    with pytest.raises(PipelineError, match=r"pip install 'alpenglow\[export\]' scikit-learn==1\.4\.2` has been run"):
        check_version(path, "1.4.2")
    with pytest.raises(PipelineError, match=r"nothing from before 1\.3 is exported, so fit it again"):
        check_version(path, "1.2.2")
    for version in (None, sklearn.__version__):
        check_version(path, version)


def graph(metadata: dict[str, str]) -> bytes:
    node = onnx.helper.make_node("Identity", ["x"], ["y"])
    value = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None]) for name in "xy"]
    model = onnx.helper.make_model(onnx.helper.make_graph([node], "g", value[:1], value[1:]))
    onnx.helper.set_model_props(model, metadata)
    return model.SerializeToString()


def booster(path, kind) -> bytes:
    if kind == "lightgbm":
        model = lightgbm.LGBMRegressor(n_estimators=2, min_child_samples=1, verbose=-1).fit(np.eye(3), [0, 1, 2])
        model.booster_.save_model(path / "booster")
    else:
        model = xgboost.XGBClassifier(n_estimators=2, min_child_weight=0).fit(np.eye(3), [0, 1, 2])
        (model if kind == "json" else model.get_booster()).save_model(path / f"booster.{kind}")
    return next(path.glob("booster*")).read_bytes()


@pytest.mark.parametrize("kind", ["lightgbm", "json", "ubj"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_what_a_booster_was_saved_as_is_that_booster_or_its_estimator(tmp_path, kind, pack) -> None:
    found = load_pipeline(written(tmp_path / "given.file", pack(booster(tmp_path, kind))))
    kinds = {"lightgbm": lightgbm.Booster, "json": xgboost.XGBClassifier, "ubj": xgboost.Booster}
    assert type(found) is kinds[kind]
    assert task_of(estimator_of(found)) == ("classification" if kind == "json" else "regression")
    if kind == "json":
        assert found.predict_proba(np.eye(3)).shape == (3, 3)


def parquet() -> bytes:
    codes().to_parquet(file := io.BytesIO())
    return file.getvalue()


def archive(*names: str) -> bytes:
    with ZipFile(file := io.BytesIO(), "w") as new:
        for name in names:
            new.writestr(name, "...")
    return file.getvalue()


GIVEN = {
    "empty": (lambda path: b"", "is empty: dump"),
    "CSV": (
        lambda path: codes().to_csv(index=False).encode(),
        "is text, such as a table, not a pipeline: give the fitted",
    ),
    "CSV in gzip": (lambda path: gzip.compress(codes().to_csv().encode()), "is text, such as a table, not a pipeline"),
    "CSV like a pickle": (lambda path: b"count\n1\n2\n3\n", "is text, such as a table, not a pipeline"),
    "Parquet": (lambda path: parquet(), "and this one with --sample"),
    "a frame": (lambda path: pickle.dumps(codes()), "and this one with --sample"),
    "an array": (lambda path: joblib_bytes(np.eye(3)), "and this one with --sample"),
    "ours": (lambda path: graph({"signature": "{}"}), "is exported already: alpenglow serve"),
    "ONNX": (lambda path: graph({}), "is an ONNX graph already, not a pipeline: alpenglow adopt"),
    "Keras 2": (lambda path: b"\x89HDF\r\n\x1a\n" + bytes(100), "is a network of Keras: write it as ONNX"),
    "Keras 3": (lambda path: archive("config.json", "model.weights.h5"), "is a network of Keras: write it as ONNX"),
    "PyTorch": (lambda path: archive("net/data.pkl", "net/version"), "is a network of PyTorch: write it as ONNX"),
    "zip": (lambda path: archive("model.pkl"), "is a zip archive: unpack it"),
    "half a zip": (lambda path: archive("model.pkl")[:40], "is a damaged archive, or not whole"),
    "program": (
        lambda path: b"import joblib\njoblib.dump(1, 'x')\n",
        "is a program, not a fitted pipeline: end it with",
    ),
    "notebook": (lambda path: json.dumps({"cells": []}, indent=1).encode(), "is a notebook: call alpenglow.export("),
    "Git LFS": (lambda path: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "`git lfs pull`"),
    "web page": (lambda path: b"<!DOCTYPE html>\n<html></html>", "is a web page, not a pipeline"),
    "noise": (lambda path: bytes(range(1, 200)), "is nothing that joblib, pickle, cloudpickle, dill or skops wrote"),
    "zeros": (lambda path: bytes(1000), "is nothing that joblib, pickle, cloudpickle, dill or skops wrote"),
    "cut off": (lambda path: pickle.dumps(fitted())[:-100], "it is damaged, not whole, or from other versions"),
    "cut off in gzip": (lambda path: gzip.compress(pickle.dumps(fitted()))[:-100], "it is damaged, not whole"),
    "cut off in xz": (lambda path: lzma.compress(pickle.dumps(fitted()))[:-100], "it is damaged, not whole"),
    "another module": (
        lambda path: pickle.dumps(fitted(), 2).replace(b"sklearn.pipeline", b"my_own.pipelines"),
        "needs the module 'my_own', which is not here: install it, or, if it is one of your own, say --path FOLDER",
    ),
    "a module of another version": (
        lambda path: pickle.dumps(fitted(), 2).replace(b"sklearn.pipeline", b"sklearn.oilpipes"),
        "needs the module 'sklearn.oilpipes', which the installed sklearn does not have",
    ),
    "a class of another version": (
        lambda path: pickle.dumps(fitted(), 2).replace(b"sklearn.pipeline\nPipeline", b"sklearn.pipeline\nOilPipe"),
        "needs 'OilPipe' of the module 'sklearn.pipeline', which has none of that name",
    ),
}


@pytest.mark.parametrize("kind", GIVEN)
def test_what_is_no_pipeline_is_one_sentence_that_says_what_to_do(tmp_path, kind) -> None:
    make, sentence = GIVEN[kind]
    path = written(tmp_path / "given.file", make(tmp_path))
    assert sentence in refused(path)


def test_a_folder_or_file_that_is_not_there(tmp_path) -> None:
    assert refused(tmp_path / "none.joblib").endswith("none.joblib: No such file or directory")
    assert refused(tmp_path).endswith("is a folder; expected a file")
    assert "is a program" in refused(written(tmp_path / "train.py", b"x = 1"))


WHOLE = {name: PICKLERS[name](fitted()) for name in ("pickle 0", "pickle 4", "joblib 4", "cloudpickle", "dill")}


@given(name=st.sampled_from(sorted(WHOLE)), pack=st.sampled_from(sorted(PACKERS)), data=st.data())
def test_a_file_that_is_not_whole_is_always_one_sentence(tmp_path_factory, name, pack, data) -> None:
    content = PACKERS[pack](WHOLE[name])
    cut = data.draw(st.integers(0, len(content) - 20))
    refused(written(tmp_path_factory.getbasetemp() / "cut.pkl", content[:cut]))


@given(pack=st.sampled_from(["gzip", "bz2", "xz", "zlib 6"]), data=st.data())
def test_a_flipped_bit_in_a_compressed_file_is_one_sentence_or_none(tmp_path_factory, pack, data) -> None:
    content = bytearray(PACKERS[pack](WHOLE["joblib 4"]))
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path = written(tmp_path_factory.getbasetemp() / "flipped.pkl", bytes(content))
    try:
        assert same(load_pipeline(path))  # the bit was none of the content, such as a time
    except PipelineError:
        refused(path)


@given(data=st.data())
def test_a_flipped_bit_among_the_numbers_is_no_traceback(tmp_path_factory, data) -> None:
    numbers = fitted()[-1].coef_.tobytes()
    content = bytearray(WHOLE["pickle 4"])
    at = content.index(numbers) + data.draw(st.integers(0, len(numbers) - 1))
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    found = load_pipeline(written(tmp_path_factory.getbasetemp() / "flipped.pkl", bytes(content)))
    assert found[-1].coef_.tobytes() != numbers


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"model": fitted(), "features": ["code", "size"]}, "['model'] (Pipeline)"),
        ({"best": fitted(), "last": fitted(), "score": 0.9}, "['best'] (Pipeline)"),
        ((fitted(), ["code"]), "[0] (Pipeline)"),
        ({"models": [{"it": fitted()}]}, "['models'][0]['it'] (Pipeline)"),
    ],
    ids=["dict", "the same twice", "tuple", "nested"],
)
@pytest.mark.parametrize("protocol", range(6))
def test_the_only_estimator_among_other_things_is_taken(tmp_path, value, place, protocol) -> None:
    lines: list[str] = []
    assert same(load_pipeline(written(tmp_path / "all.pkl", pickle.dumps(value, protocol)), progress=lines.append))
    assert len(lines) == 1
    assert place in lines[0]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"weights": [1.0], "bias": 2.0}, "holds a dict without an estimator (keys: 'weights', 'bias'): dump"),
        ([1.0, 2.0], "holds a list without an estimator (length: 2)"),
        ({}, "holds a dict without an estimator (keys: )"),
        (
            {"scaler": StandardScaler(), "model": Ridge()},
            "2 estimators, ['scaler'] (StandardScaler), ['model'] (Ridge): dump the one that is to be exported, and if "
            "some belong before others, all of them in one Pipeline",
        ),
        ([Ridge(), Ridge()], "2 estimators, [0] (Ridge), [1] (Ridge)"),
    ],
    ids=["none", "a list without", "empty", "a scaler and a model", "two models"],
)
def test_none_or_several_are_said_with_their_keys(tmp_path, value, sentence) -> None:
    assert sentence in refused(written(tmp_path / "all.pkl", pickle.dumps(value)))


SCRIPT = """
import {package} as package, sys
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

def main(X):
    return X

pipeline = make_pipeline(FunctionTransformer(main), Ridge()).fit([[1.0], [2.0]], [1.0, 2.0])
with open(sys.argv[1], "wb") as file:
    package.dump(pipeline, file)
"""


@pytest.mark.parametrize("package", ["pickle", "joblib"])
def test_what_a_script_defined_itself_is_named_and_never_taken_from_this_program(tmp_path, package) -> None:
    written(tmp_path / "train.py", SCRIPT.format(package=package).encode())
    python(tmp_path / "train.py", tmp_path / "pipeline.pkl")
    done = command("export", tmp_path / "pipeline.pkl", check=False)  # whose __main__ has a `main`, too
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "needs 'main', which the notebook or script that dumped it defines itself" in done.stderr
    assert "alpenglow.export(pipeline, X, 'model.onnx')" in done.stderr


@pytest.mark.parametrize("package", ["cloudpickle", "dill"])
def test_what_a_script_defined_itself_comes_with_cloudpickle_and_dill(tmp_path, package) -> None:
    written(tmp_path / "train.py", SCRIPT.format(package=package).encode())
    python(tmp_path / "train.py", tmp_path / "pipeline.pkl")
    assert load_pipeline(tmp_path / "pipeline.pkl").predict([[3.0]])[0] == pytest.approx(2.0)


def test_a_module_of_one_s_own_is_found_with_path(tmp_path) -> None:
    (tmp_path / "mine").mkdir()
    written(tmp_path / "mine" / "steps.py", b"def kept(X):\n    return X\n")
    program = SCRIPT.format(package="joblib").replace("(main)", "(steps.kept)")
    written(tmp_path / "train.py", f"import sys; sys.path.append('{tmp_path}/mine'); import steps\n{program}".encode())
    python(tmp_path / "train.py", tmp_path / "pipeline.joblib")
    pd.DataFrame({"x": [1.0, 2.0]}).to_csv(tmp_path / "rows.csv", index=False)
    arguments = ["export", tmp_path / "pipeline.joblib", "--sample", tmp_path / "rows.csv"]
    assert "needs the module 'steps', which is not here" in command(*arguments, check=False).stderr
    found = command(*arguments, "--path", tmp_path / "mine", "--output", tmp_path / "m.onnx", check=False)
    assert "needs the module" not in found.stderr


def test_without_a_sample_it_is_said_what_to_give(tmp_path) -> None:
    joblib.dump(fitted(), tmp_path / "pipeline.joblib")
    done = command("export", tmp_path / "pipeline.joblib", check=False)
    assert done.stderr == (
        f"export: there is no sample.joblib beside {tmp_path}/pipeline.joblib: say --sample FILE with rows of X, as "
        "CSV, JSON lines, Parquet, Feather, npy, or a data frame that was pickled\n"
    )


def test_a_skops_file_is_exported_with_trust(tmp_path) -> None:
    forest = RandomForestClassifier(3, random_state=0).fit(codes()[["size"]], codes()["code"])
    skops.io.dump(forest, tmp_path / "forest.skops")
    codes().to_csv(tmp_path / "rows.csv", index=False)
    arguments = [
        "export",
        tmp_path / "forest.skops",
        "--sample",
        tmp_path / "rows.csv",
        "--output",
        tmp_path / "m.onnx",
    ]
    assert "say --trust" in command(*arguments, check=False).stderr
    command(*arguments, "--trust")
    assert alpenglow.load(tmp_path / "m.onnx").signature.name == "forest"
