"""Keep fitted pipelines with MLflow 2 or 3, as their users do: `mlflow_keep.py PACKAGES REQUEST...`, each in JSON."""

import json
import sys
from typing import Any

sys.path.append(sys.argv[1])  # where scikit-learn is, if MLflow's client is without it

import joblib
import mlflow.sklearn
import pandas as pd
from mlflow.models import infer_signature


def keep(request: dict[str, Any]) -> None:
    """Save one in a folder, or log and register it."""
    pipeline = joblib.load(request["pipeline"])
    rows = pd.DataFrame(request["rows"]).astype(request["types"])
    options = {"pip_requirements": ["scikit-learn"], **request["options"]}
    if request["signature"]:
        options["signature"] = infer_signature(rows, pipeline.predict(rows))
    if request["example"]:
        options["input_example"] = rows.to_numpy() if request["example"] == "array" else rows
    if request["folder"]:
        mlflow.sklearn.save_model(pipeline, request["folder"], **options)
    else:
        with mlflow.start_run() as run:
            mlflow.sklearn.log_model(pipeline, name="forest", registered_model_name="churn", **options)
        print(run.info.run_id)


for words in sys.argv[2:]:
    keep(json.loads(words))
