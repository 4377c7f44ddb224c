"""`sklearn.ensemble`, and `sklearn.tree`, whose trees are forests of one."""
