"""Types that annotations share."""

from typing import Any

import numpy as np

#: An array of any numbers: the docstring says which, and of what shape.
Array = np.ndarray[Any, np.dtype[Any]]
