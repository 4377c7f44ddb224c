"""Trees: forests of one."""

from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

from alpenglow._export.arithmetic.borders import Borders, splits
from alpenglow._export.arithmetic.trees import of_scikit_learn
from alpenglow._export.converters.ensemble.forests import convert

PREDICTORS = dict.fromkeys(
    (DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor), convert
)
BORDERS = dict.fromkeys(PREDICTORS, Borders(lambda model: splits([of_scikit_learn(model.tree_)], float32=True)))
