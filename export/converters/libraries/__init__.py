"""Converters for libraries beside scikit-learn, one module for each; none is imported unless a pipeline brings it.

A module names the library as it is imported (`LIBRARY`) and as it is installed (`PACKAGE`), and the oldest and newest
series that it is tested with (`TESTED`). Its functions get the imported library: `predictors`, `transformers` and
`borders`, as far as there are such, tell by class what `PREDICTORS`, `TRANSFORMERS` and `BORDERS` tell elsewhere;
`is_shown` gets a fitted step, and tells whether its converter has to see what the whole sample is when it gets there.
"""
