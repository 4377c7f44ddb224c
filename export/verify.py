"""`alpenglow verify`: what a model's file says of itself, and whether it answers here as was proved.

Without `--pipeline` it needs what serving does, and nothing else.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import onnxruntime

from alpenglow._export.errors import ExportError, ParityError, SampleError
from alpenglow._serve.local import Loaded, load
from alpenglow._serve.model import ModelError
from alpenglow._serve.signature import Signature
from alpenglow._serve.usage import faithfulness
from alpenglow._serve.verification import verify

if TYPE_CHECKING:
    from alpenglow._export.report import Report

WHAT = "Show what a model's file says of itself, and ask it here for the answers that were proved."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when all of it holds, 1 when not."""
    options = parse(arguments)
    try:
        model = load(options.model)
        print(summary(model))
        print(verify(model.model, options.model))
        if options.pipeline:
            report = compared(options.model, model.signature, options.pipeline, options.sample)
            print(report)
            if not report.exact and report.other_trees() and not any(check.examples for check in report.checks):
                raise ParityError(f"the model's trees are not the pipeline's: {report.other_trees()}", report)
            if not report.exact:
                what, rows = report.examples()
                raise ParityError(f"the model's answers are not the pipeline's on rows {what}: {rows}", report)
            print(f"{options.model} answers as {options.pipeline} does.")
    except (ExportError, ModelError) as error:
        print(f"verify: {error}", file=sys.stderr)
        return 1
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="alpenglow verify", description=WHAT)
    parser.add_argument("model", type=Path, metavar="MODEL", help="what alpenglow export or adopt wrote")
    parser.add_argument("--pipeline", type=Path, metavar="FILE", help="the fitted pipeline to compare it with")
    parser.add_argument(
        "--sample", type=Path, metavar="FILE", help="rows to compare on (default: sample.joblib beside it)"
    )
    options = parser.parse_args(arguments)
    if options.sample and not options.pipeline:
        parser.error("--sample is for comparing: give --pipeline, too")
    if options.pipeline and not options.sample:
        options.sample = options.pipeline.with_name("sample.joblib")
    return options


def summary(model: Loaded) -> str:
    """The signature in a few lines, and what the model answers to its own example."""
    signature = model.signature
    row = {column.name: [column.example] for column in signature.columns}
    made = ", ".join(f"{package} {version}" for package, version in signature.producers.items())
    return "\n".join(
        [
            f"{signature.name} {signature.version}, a {signature.task} of {len(signature.columns):,} columns",
            f"Made with {made}",
            faithfulness(signature.parity).strip(),
            f"ONNX Runtime {onnxruntime.__version__} answers {model.predict(row).tolist()[0]!r} to its example",
        ]
    )


def compared(path: Path, signature: Signature, pipeline: Path, sample: Path) -> "Report":
    """Send through both what `alpenglow export` would, within what that accepted.

    Raises:
        ExportError: They cannot be compared.
    """
    import onnx

    from alpenglow._export.files.pipelines import load_pipeline
    from alpenglow._export.files.tables import load_table
    from alpenglow._export.gate.bounds import tolerance_of
    from alpenglow._export.gate.float32 import widened, widened_table
    from alpenglow._export.gate.graph import Graph
    from alpenglow._export.gate.parity import check
    from alpenglow._export.pipeline.sample import fitted, rows_of
    from alpenglow._export.proved.claims import claims, proved_forests, without_trees
    from alpenglow._export.report import Report

    targets = [target.name for target in signature.targets or ()] or None
    known = widened(fitted(load_pipeline(pipeline), targets))
    if known.task != signature.task:
        raise SampleError(f"{pipeline} is a {known.task}, and {path} a {signature.task}")
    with known.single_threaded():
        rows = widened_table(rows_of(load_table(sample, known), known))
        lacking = [column.name for column in signature.columns if column.name not in rows]
        if lacking:
            raise SampleError(f"{path} has columns that {pipeline} was not fitted on: {', '.join(map(repr, lacking))}")
        found = onnx.load(path)
        graph = Graph(found, signature.columns)
        absent = [name for name in known.outputs if name not in graph.outputs]
        if absent:
            raise SampleError(f"{path} answers {', '.join(graph.outputs)}, and {pipeline} {', '.join(absent)}, too")
        parity = signature.parity
        tolerance = parity.tolerance if parity else tolerance_of(known.steps)
        allowed = parity.allowed_label_differences if parity else 0
        proofs = claims(known.estimator, found)
        checks = check(known, graph, rows, tolerance, progress=lambda line: None, proved=proved_forests(proofs))
    return Report(checks, tolerance, signature.task != "regression", allowed, claims=without_trees(proofs))


if __name__ == "__main__":
    sys.exit(main())
