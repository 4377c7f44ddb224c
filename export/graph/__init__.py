"""The graph: the nodes that converters add, and the contract that the whole of them keeps."""
