"""Converters by family; `export.registry` hands them to skl2onnx."""
