"""`model.onnx` on whole tables: files on one machine, batches in engines. Its checks and answers are those of `serve`.

From the ground up; each imports from those above it in this list alone:

- `encoding`: columns of Arrow to the graph's inputs, a column at a time
- `rows`: rows to answers, and what is wrong with those that do not fit
- `batches`, `scorer`: the tables that engines hand over, and what they call with them
- `files/`, `partial`, `progress`, `__main__`: formats, what is done so far, the command
"""
