"""Trees: forests of one."""

from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

from alpenglow._export.converters.ensemble.forests import convert

PREDICTORS = dict.fromkeys(
    (DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor), convert
)
