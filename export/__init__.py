"""Fitted pipeline and sample to `model.onnx`, with the proof that both give the same answers."""
