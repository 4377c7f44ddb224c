"""A graph that something else has made, wrapped to the contract of `model.onnx` and signed."""
