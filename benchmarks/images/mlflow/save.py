"""Save the pipeline as an MLflow model in the folder `model`, in the format that MLflow 3 prefers, skops."""

import joblib
import mlflow.sklearn
from mlflow.models import infer_signature

# Types that skops finds in a forest of one's own; MLflow refuses to save them unless it is told that they are trusted.
TRUSTED = ["numpy.dtype", "sklearn.tree._tree.Tree"]


def main() -> None:
    """MLflow finds out by itself which packages the model needs; the signature says that numbers are float64."""
    signature = infer_signature(joblib.load("sample.joblib"))
    mlflow.sklearn.save_model(joblib.load("pipeline.joblib"), "model", signature=signature, skops_trusted_types=TRUSTED)


if __name__ == "__main__":
    main()
