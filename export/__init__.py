"""A fitted pipeline to `model.onnx`, with the proof that both give the same answers.

The rooms, from the ground up; each imports from those above it in this list alone:

- `pipeline/`: what is known of the pipeline, found at the door (`sample`) and kept in one object (`fitted`)
- `files/`: what people keep pipelines and tables in
- `graph/`: the nodes that converters add, and the contract that the finished graph keeps
- `arithmetic/`: what converters share, each in scikit-learn's order of operations
- `converters/`: a module or a folder for each of scikit-learn's, of the same name
- `registry`, `convert`: the converters together, and the whole graph
- `proved/`: the trees of a finished graph, read back and compared with the estimators' own; no converter is imported
- `gate/`: the rows on which both must agree, and how far they may differ
- `report`, `api`: what came of it, and the function that does all of this
- `adopt/`, `verify`, `__main__`: graphs of another make, a model looked at again, the command
"""
