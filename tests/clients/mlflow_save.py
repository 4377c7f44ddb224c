"""Save a fitted pipeline as an MLflow model, as its users do: `mlflow_save.py PIPELINE SAMPLE FOLDER`."""

import sys

import joblib
import mlflow.sklearn
from mlflow.models import infer_signature

path, sample, folder = sys.argv[1:]
pipeline = joblib.load(path)
rows = joblib.load(sample)
mlflow.sklearn.save_model(
    pipeline,
    folder,
    signature=infer_signature(rows, pipeline.predict(rows)),
    serialization_format="pickle",  # the default, skops, refuses scikit-learn's own trees
    pip_requirements=["scikit-learn"],  # what it needs is not looked up: it is served from this environment
)
