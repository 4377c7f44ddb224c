"""`model.onnx` to HTTP: imports nothing that trains or converts models."""
