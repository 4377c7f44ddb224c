"""Why an export stops. Each message is one sentence for the person who ran the command."""


class ExportError(ValueError):
    """The export cannot go on."""


class SampleError(ExportError):
    """The sample is no table that the pipeline predicts."""


class ConversionError(ExportError):
    """A step of the pipeline has no ONNX equivalent; the message names it and says why."""


class ParityError(ExportError):
    """The graph answers otherwise than scikit-learn."""


def one_line(error: Exception) -> str:
    """An error of another package in one line; its kind if it has no text."""
    return " ".join(str(error).split()) or type(error).__name__
