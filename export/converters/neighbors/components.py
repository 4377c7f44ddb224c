"""NeighborhoodComponentsAnalysis: a product."""

from sklearn.neighbors import NeighborhoodComponentsAnalysis

from alpenglow._export.arithmetic.borders import NOWHERE
from alpenglow._export.arithmetic.products import project

TRANSFORMERS = {NeighborhoodComponentsAnalysis: project}
BORDERS = {NeighborhoodComponentsAnalysis: NOWHERE}
