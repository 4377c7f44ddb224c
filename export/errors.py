"""Why an export stops. Each message is one sentence for the person who ran the command."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alpenglow._export.report import Report


OWN_CONVERTER = (
    "give it one with alpenglow.register({name}, convert), or with skl2onnx.update_registered_converter, "
    "as docs/own-code.md shows"
)


class ExportError(ValueError):
    """The export cannot go on."""


class PipelineError(ExportError):
    """What is to be exported is no fitted estimator that predicts, or cannot be read."""


class SampleError(ExportError):
    """The sample is no table that the pipeline predicts."""


class OutputError(ExportError):
    """The model cannot be written."""


class ConversionError(ExportError):
    """A step of the pipeline has no ONNX equivalent; the message names it and says why."""


class AdoptionError(ExportError):
    """A graph of another make cannot be wrapped to the contract, or its answers are not those that are given."""


class ParityError(ExportError):
    """The graph answers otherwise than scikit-learn; `report` has by how much."""

    def __init__(self, message: str, report: "Report") -> None:
        super().__init__(message)
        self.report = report


def one_line(error: Exception) -> str:
    """An error of another package in one line; its kind if it has no text."""
    return " ".join(str(error).split()) or type(error).__name__
