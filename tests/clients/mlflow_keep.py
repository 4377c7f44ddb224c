"""Keep a fitted pipeline with MLflow 2 or 3, as its users do: `mlflow_keep.py REQUEST`, in JSON."""

import json
import sys

request = json.loads(sys.argv[1])
sys.path += request["packages"]  # scikit-learn, where MLflow's client is without it

import joblib  # noqa: E402
import mlflow.sklearn  # noqa: E402
import pandas as pd  # noqa: E402
from mlflow.models import infer_signature  # noqa: E402

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
