"""The derivatives of NumPy's elementwise functions with respect to each of their operands."""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import Any

import numpy as np

_LN2, _LN10 = log(2.0), log(10.0)
Slopes = Callable[..., tuple[Any, ...]]

# Functions whose result does not move with their operands, or jumps
CONSTANT: frozenset[Any] = frozenset(
    {
        *(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal),
        *(np.isnan, np.isinf, np.isfinite, np.signbit, np.sign, np.heaviside),
        *(np.rint, np.floor, np.ceil, np.trunc, np.floor_divide, np.spacing),
        *(np.logical_and, np.logical_or, np.logical_not, np.logical_xor),
    }
)

# Each gets the result and then the operands. At a tie the first of two operands counts, as with a kernel's `>=`
SLOPES: dict[Any, Slopes] = {
    np.add: lambda _r, _a, _b: (1.0, 1.0),
    np.subtract: lambda _r, _a, _b: (1.0, -1.0),
    np.multiply: lambda _r, a, b: (b, a),
    np.divide: lambda _r, a, b: (1.0 / b, -a / (b * b)),
    np.remainder: lambda _r, a, b: (1.0, -np.floor(a / b)),
    np.power: lambda r, a, b: (b * np.power(a, b - 1.0), r * np.log(a)),
    np.float_power: lambda r, a, b: (b * np.power(a, b - 1.0), r * np.log(a)),
    np.maximum: lambda _r, a, b: (1.0 * (a >= b), 1.0 * (a < b)),
    np.fmax: lambda _r, a, b: (1.0 * (a >= b), 1.0 * (a < b)),
    np.minimum: lambda _r, a, b: (1.0 * (a <= b), 1.0 * (a > b)),
    np.fmin: lambda _r, a, b: (1.0 * (a <= b), 1.0 * (a > b)),
    np.logaddexp: lambda r, a, b: (np.exp(a - r), np.exp(b - r)),
    np.logaddexp2: lambda r, a, b: (np.exp2(a - r), np.exp2(b - r)),
    np.hypot: lambda r, a, b: (a / r, b / r),
    np.arctan2: lambda _r, a, b: (b / (a * a + b * b), -a / (a * a + b * b)),
    np.copysign: lambda _r, a, b: (np.copysign(1.0, a) * np.copysign(1.0, b), 0.0),
    np.nextafter: lambda _r, _a, _b: (1.0, 0.0),
    np.ldexp: lambda _r, _a, b: (np.ldexp(1.0, b), 0.0),
    np.positive: lambda _r, _a: (1.0,),
    np.negative: lambda _r, _a: (-1.0,),
    np.conjugate: lambda _r, _a: (1.0,),
    np.absolute: lambda _r, a: (np.where(a > 0.0, 1.0, -1.0),),  # at 0 from the left, as kernels that ask for `x > 0`
    np.fabs: lambda _r, a: (np.where(a > 0.0, 1.0, -1.0),),
    np.square: lambda _r, a: (2.0 * a,),
    np.reciprocal: lambda r, _a: (-r * r,),
    np.sqrt: lambda r, _a: (0.5 / r,),
    np.cbrt: lambda r, _a: (1.0 / (3.0 * r * r),),
    np.exp: lambda r, _a: (r,),
    np.exp2: lambda r, _a: (r * _LN2,),
    np.expm1: lambda _r, a: (np.exp(a),),
    np.log: lambda _r, a: (1.0 / a,),
    np.log2: lambda _r, a: (1.0 / (a * _LN2),),
    np.log10: lambda _r, a: (1.0 / (a * _LN10),),
    np.log1p: lambda _r, a: (1.0 / (1.0 + a),),
    np.sin: lambda _r, a: (np.cos(a),),
    np.cos: lambda _r, a: (-np.sin(a),),
    np.tan: lambda r, _a: (1.0 + r * r,),
    np.arcsin: lambda _r, a: (1.0 / np.sqrt((1.0 - a) * (1.0 + a)),),
    np.arccos: lambda _r, a: (-1.0 / np.sqrt((1.0 - a) * (1.0 + a)),),
    np.arctan: lambda _r, a: (1.0 / (1.0 + a * a),),
    np.sinh: lambda _r, a: (np.cosh(a),),
    np.cosh: lambda _r, a: (np.sinh(a),),
    np.tanh: lambda _r, a: (1.0 / np.cosh(a) ** 2,),  # 1 - tanh² would cancel
    np.arcsinh: lambda _r, a: (1.0 / np.hypot(a, 1.0),),
    np.arccosh: lambda _r, a: (1.0 / np.sqrt((a - 1.0) * (a + 1.0)),),
    np.arctanh: lambda _r, a: (1.0 / ((1.0 - a) * (1.0 + a)),),
}
