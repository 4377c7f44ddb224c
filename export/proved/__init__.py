"""Trees, proved: the finished graph is read back and compared with the estimators' own arrays, node by node.

Nothing here is shared with the converters. What cannot be read or matched is not proved, and says so.
"""
