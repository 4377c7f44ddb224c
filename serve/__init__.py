"""`model.onnx` to HTTP: imports nothing that trains or converts models."""

__version__ = "0.1.0"
