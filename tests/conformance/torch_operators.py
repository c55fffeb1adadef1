# SPDX-License-Identifier: Apache-2.0
"""Functions and tensor methods for the PyTorch sweep: name, function, inputs. Each is traced as a module of its own."""

import torch
import torch.nn.functional as F

I64, I32, I16, I8, U8, BOOL = torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool


def f(*shape, spread=2.0, above=None):
    """Floats in (-spread, spread), or above a bound."""
    x = (torch.rand(shape) * 2 - 1) * spread
    return x if above is None else x.abs() + above


def i(*shape, low=-9, high=9, dtype=I64):
    return torch.randint(low, high, shape, dtype=dtype)


def b(*shape):
    return torch.rand(shape) > 0.5


def distinct(*shape):
    """Values without equals, so that an order has one answer."""
    n = 1
    for s in shape:
        n *= s
    return (torch.randperm(n).float() / n * 4 - 2).reshape(shape)


def spd(n):
    a = torch.rand(n, n)
    return a @ a.T + n * torch.eye(n)


def unary():
    x = lambda: [f(2, 3, 4)]  # noqa: E731
    wide = lambda: [f(2, 3, 4, spread=6)]  # noqa: E731
    positive = lambda: [f(2, 3, 4, above=0.1)]  # noqa: E731
    inside = lambda: [f(2, 3, 4, spread=0.95)]  # noqa: E731
    for name in ("abs", "absolute", "neg", "negative", "positive", "floor", "ceil", "round", "trunc", "fix", "frac", "sign", "sgn", "exp", "exp2", "expm1", "sin", "cos",
                 "tan", "sinh", "cosh", "tanh", "asinh", "atan", "arctan", "arcsinh", "sigmoid", "erf", "erfc", "square", "relu", "selu", "celu", "isnan", "isinf",
                 "isfinite", "isneginf", "isposinf", "signbit", "logical_not", "deg2rad", "rad2deg", "nan_to_num", "sinc", "detach", "clone", "numel", "isreal",
                 "count_nonzero", "i0"):
        yield name, getattr(torch, name), x
    for name in ("sqrt", "rsqrt", "log", "log2", "log10", "log1p", "reciprocal", "lgamma", "digamma", "logit"):
        yield name, (lambda fn: lambda t: fn(t))(getattr(torch, name)), positive if name != "logit" else (lambda: [f(2, 3, 4, spread=0.4, above=0.05)])
    for name in ("asin", "acos", "arcsin", "arccos", "atanh", "arctanh", "erfinv"):
        yield name, getattr(torch, name), inside
    yield "acosh", torch.acosh, lambda: [f(2, 3, 4, above=1.1)]
    for name in ("relu6", "hardswish", "hardsigmoid", "silu", "mish", "gelu", "elu", "leaky_relu", "softplus", "softsign", "tanhshrink", "softshrink", "hardshrink",
                 "logsigmoid", "hardtanh", "relu", "selu", "celu", "rrelu", "sigmoid", "tanh"):
        yield "F." + name, getattr(F, name), wide
    yield "F.gelu tanh", lambda t: F.gelu(t, approximate="tanh"), wide
    yield "F.elu alpha", lambda t: F.elu(t, 0.3), wide
    yield "F.celu alpha", lambda t: F.celu(t, 0.3), wide
    yield "F.threshold", lambda t: F.threshold(t, 0.3, -7), wide
    yield "F.softshrink lambda", lambda t: F.softshrink(t, 1.5), wide
    yield "F.hardshrink lambda", lambda t: F.hardshrink(t, 1.5), wide
    yield "F.hardtanh bounds", lambda t: F.hardtanh(t, -0.4, 0.7), wide
    yield "F.softplus beta", lambda t: F.softplus(t, 3, 5), wide
    yield "F.leaky_relu slope", lambda t: F.leaky_relu(t, 0.3), wide
    yield "logit eps", lambda t: torch.logit(t, 0.1), lambda: [f(2, 3, spread=1.0).abs()]
    yield "round decimals", lambda t: torch.round(t, decimals=1), wide
    yield "clamp", lambda t: t.clamp(-0.5, 0.8), x
    yield "clamp min", lambda t: t.clamp(min=0.1), x
    yield "clamp max", lambda t: t.clamp(max=0.1), x
    yield "clamp_min", lambda t: t.clamp_min(0.1), x
    yield "clamp_max", lambda t: t.clamp_max(0.1), x
    yield "clip", lambda t: torch.clip(t, -0.5, 0.5), x
    yield "clamp tensors", lambda t, lo, hi: torch.clamp(t, lo, hi), lambda: [f(2, 3), f(2, 3, spread=0.2) - 0.5, f(3, spread=0.2) + 0.5]
    yield "nan_to_num values", lambda t: torch.nan_to_num(t, 1.0, 2.0, 3.0), lambda: [torch.tensor([1.0, float("nan"), float("inf"), -float("inf")])]
    for fn in ("exp_", "sqrt_", "abs_", "neg_", "relu_", "sigmoid_", "tanh_", "floor_", "ceil_", "round_", "square_", "trunc_", "reciprocal_", "sin_", "clamp_"):
        args = (0.2, 1.0) if fn == "clamp_" else ()
        yield fn, (lambda name, a: lambda t: getattr(t * 1, name)(*a) + t)(fn, args), positive
    for dtype in (I64, I32, I8, U8):
        low = 0 if dtype == U8 else -9
        for name in ("abs", "neg", "sign", "bitwise_not", "square", "relu", "logical_not", "floor", "ceil", "round", "trunc"):
            if dtype == U8 and name in ("abs", "sign", "neg"):
                continue
            yield f"{name} {str(dtype)[6:]}", getattr(torch, name), (lambda d, lo: lambda: [i(2, 5, low=lo, dtype=d)])(dtype, low)
    yield "neg uint8", torch.neg, lambda: [i(2, 5, low=0, dtype=U8)]
    yield "all, any of bytes", lambda t: (t.all(), t.any(), t.all(1), t.any(0, keepdim=True)), lambda: [i(2, 5, low=0, high=2, dtype=U8)]
    yield "square, clamp of bool", lambda t: (t.square(), t.clamp(0, 1), t.clamp(max=2)), lambda: [b(2, 5)]
    yield "clamp of int by floats", lambda t: t.clamp(-1.5, 2.5), lambda: [i(2, 5)]
    yield "bitwise_not bool", torch.bitwise_not, lambda: [b(2, 5)]
    yield "exp of int", torch.exp, lambda: [i(2, 5, low=-3, high=4)]
    ends = torch.tensor([float("nan"), float("inf"), -float("inf"), 0.0, -0.0, 1.0, -2.5])
    for name in ("sign", "round", "relu", "sigmoid", "exp", "log", "sqrt", "reciprocal", "signbit"):
        yield f"{name} of NaN and infinities", getattr(torch, name), lambda: [ends]
    for p in (0.5, 3, -2, 2.5):
        yield f"NaN and infinities to the {p}", (lambda q: lambda t: t**q)(p), lambda: [ends]
        yield f"{p} to NaN and infinities", (lambda q: lambda t: torch.pow(q, t))(p), lambda: [ends]
    yield "sqrt of int", torch.sqrt, lambda: [i(2, 5, low=0)]
    yield "sigmoid of bool", torch.sigmoid, lambda: [b(2, 5)]


def _masked(x, name, value, rows=False):
    mask = x[:, 0] > 0 if rows else ~(x > 0)
    y = x.clone()
    y[mask] = getattr(y[mask], name)(y[mask] if value is None else value)
    return y


def _put_values(x, mask, values):
    y = x.clone()
    y[mask] = values
    return y


def _filled(x):
    y = x.clone()
    y[:, 0].fill_(x.sum())
    return y


def binary():
    two = lambda: [f(2, 3, 4), f(3, 1)]  # noqa: E731
    for name in ("add", "sub", "mul", "maximum", "minimum", "fmax", "fmin", "max", "min", "eq", "ne", "lt", "le", "gt", "ge", "greater", "greater_equal", "less",
                 "less_equal", "not_equal", "logical_and", "logical_or", "logical_xor", "atan2", "arctan2", "copysign", "logaddexp", "logaddexp2", "hypot", "heaviside",
                 "subtract", "multiply", "rsub", "xlogy", "float_power", "dist", "isclose", "ldexp", "nextafter"):
        fn = getattr(torch, name)
        make = (lambda: [f(2, 3, 4, above=0.1), f(3, 1, above=0.1)]) if name in ("xlogy", "float_power") else two
        if name == "ldexp":
            make = lambda: [f(2, 3), i(2, 3, low=-3, high=4)]  # noqa: E731
        yield name, fn, make
    nonzero = lambda: [f(2, 3, 4), f(3, 1, above=0.3)]  # noqa: E731
    for name in ("div", "true_divide", "divide", "floor_divide", "remainder", "fmod"):
        yield name, getattr(torch, name), nonzero
    yield "div floor", lambda x, y: torch.div(x, y, rounding_mode="floor"), nonzero
    yield "div trunc", lambda x, y: torch.div(x, y, rounding_mode="trunc"), nonzero
    yield "pow", torch.pow, lambda: [f(2, 3, 4, above=0.1), f(3, 1)]
    yield "pow scalar base", lambda x: torch.pow(2.5, x), lambda: [f(2, 3)]
    for p in (2, 3, 0.5, -1, -2.0, 0, 1, 2.5):
        yield f"pow {p}", (lambda q: lambda x: x**q)(p), lambda: [f(2, 3, above=0.2)]
    yield "pow 3 of negatives", lambda x: x**3, lambda: [f(2, 3)]
    yield "pow tensor of negatives", lambda x: x ** torch.tensor(3.0), lambda: [f(2, 3)]
    yield "add alpha", lambda x, y: torch.add(x, y, alpha=0.5), two
    yield "sub alpha", lambda x, y: torch.sub(x, y, alpha=3), two
    yield "rsub alpha", lambda x, y: torch.rsub(x, y, alpha=3), two
    for name in ("add", "sub", "mul", "div", "remainder", "fmod", "eq", "lt", "ge", "ne", "gt", "le", "floor_divide"):
        yield f"{name} scalar", (lambda fn: lambda x: fn(x, 0.7))(getattr(torch, name)), lambda: [f(2, 3, 4)]
    yield "1 / x", lambda x: 1 / x, lambda: [f(2, 3, above=0.2)]
    yield "3 - x", lambda x: 3 - x, lambda: [f(2, 3)]
    for op in ("add_", "sub_", "mul_", "div_", "pow_"):
        yield op, (lambda name: lambda x, y: getattr(x * 1, name)(y) * x)(op), lambda: [f(2, 3, above=0.2), f(2, 3, above=0.2)]
    yield "addcmul", lambda x, y, z: torch.addcmul(x, y, z, value=0.5), lambda: [f(2, 3), f(2, 3), f(3)]
    yield "addcdiv", lambda x, y, z: torch.addcdiv(x, y, z, value=0.5), lambda: [f(2, 3), f(2, 3), f(3, above=0.3)]
    yield "lerp", lambda x, y: torch.lerp(x, y, 0.3), lambda: [f(2, 3), f(2, 3)]
    yield "lerp tensor", torch.lerp, lambda: [f(2, 3), f(2, 3), f(2, 3)]
    yield "where", torch.where, lambda: [b(2, 3), f(2, 3), f(3)]
    yield "where of comparison", lambda x, y: torch.where(x > y, x, y * 2), lambda: [f(2, 3), f(2, 3)]
    yield "where scalar", lambda x: torch.where(x > 0, x, 0.5), lambda: [f(2, 3)]
    yield "masked_fill", lambda x, m: x.masked_fill(m, -3.0), lambda: [f(2, 3), b(2, 3)]
    yield "masked_fill_", lambda x, m: (x * 1).masked_fill_(m, float("-inf")).softmax(-1), lambda: [f(2, 8), b(2, 8)]
    yield "masked_fill tensor", lambda x, m: x.masked_fill(m, torch.tensor(2.0)), lambda: [f(2, 3), b(2, 3)]
    yield "masked_scatter", lambda x, m, s: x.masked_scatter(m, s), lambda: [f(2, 3), b(2, 3), f(2, 3)]
    yield "masked_select", torch.masked_select, lambda: [f(2, 3), b(2, 3)]
    yield "nonzero", torch.nonzero, lambda: [f(2, 3)]
    for dtype in (I64, I32, I16, I8, U8):
        low = 1 if dtype == U8 else -9
        pair = (lambda d, lo: lambda: [i(2, 5, low=lo, dtype=d), i(2, 5, low=1, dtype=d)])(dtype, low)
        for name in ("add", "sub", "mul", "maximum", "minimum", "eq", "lt", "bitwise_and", "bitwise_or", "bitwise_xor", "remainder", "fmod", "floor_divide", "div",
                     "logical_and", "max", "min"):
            yield f"{name} {str(dtype)[6:]}", getattr(torch, name), pair
    for name in ("bitwise_left_shift", "bitwise_right_shift"):
        yield name, getattr(torch, name), lambda: [i(2, 5, low=0), i(2, 5, low=0, high=4)]
    yield "x << 1, x >> 1", lambda x: (x << 1) + (x >> 1), lambda: [i(2, 5)]
    yield "& | ^ ~", lambda x, y: ((x & y) | (x ^ y)) & ~y, lambda: [i(2, 5), i(2, 5)]
    yield "& | ^ ~ of bool", lambda x, y: ((x & y) | (x ^ y)) & ~y, lambda: [b(2, 5), b(2, 5)]
    for dtype in (I64, I32, I8, U8):
        yield f"pow {str(dtype)[6:]}", torch.pow, (lambda d: lambda: [i(2, 5, low=-3 if d != U8 else 0, high=4, dtype=d), i(2, 5, low=0, high=4, dtype=d)])(dtype)
    yield "pow of int", lambda x: x**2, lambda: [i(2, 5)]
    yield "div trunc of int", lambda x, y: torch.div(x, y, rounding_mode="trunc"), lambda: [i(2, 5), i(2, 5, low=1)]
    yield "div floor of int", lambda x, y: torch.div(x, y, rounding_mode="floor"), lambda: [i(2, 5), i(2, 5, low=1)]
    yield "int and float", lambda x, y: x * y + x, lambda: [i(2, 5), f(2, 5)]
    yield "bool and float", lambda x, y: x * y, lambda: [b(2, 5), f(2, 5)]
    yield "comparison as float", lambda x: (x > 0).float() * x + (x < -1).to(x.dtype), lambda: [f(2, 5)]
    yield "large ints", lambda x: x + 1, lambda: [torch.tensor([16777217, -9007199254740993])]
    yield "x[mask] *= 2", lambda x: _masked(x, "mul_", 2.0), lambda: [f(4, 5)]
    yield "x[mask] += x[mask]", lambda x: _masked(x, "add_", None), lambda: [f(4, 5)]
    yield "x[rows] -= 1", lambda x: _masked(x, "sub_", 1.0, rows=True), lambda: [f(4, 5)]
    yield "x[mask] of another", lambda x, y: _put_values(x, x < 0, y[x < 0]), lambda: [f(4, 5), f(4, 5)]
    yield "fill_ computed", lambda x: _filled(x), lambda: [f(4, 5)]
    ends = torch.tensor([float("nan"), float("inf"), -float("inf"), 0.0, -0.0, 1.0, -1.0, 2.5, -2.5, 0.5, 3.0])
    pairs = lambda: [ends.repeat_interleave(len(ends)), ends.repeat(len(ends))]  # noqa: E731
    for name in ("pow", "floor_divide", "hypot", "maximum", "atan2", "logaddexp", "eq", "lt", "fmax", "xlogy"):
        yield f"{name} of NaN and infinities", getattr(torch, name), pairs
    yield "floor_divide that rounds up", lambda x: x // 0.1, lambda: [torch.tensor([1.0, 0.3, 0.7, -0.6, 5.0])]
    yield "gcd", torch.gcd, lambda: [i(2, 5), i(2, 5)]
    yield "repeat_interleave of rank 8", lambda x: x.repeat_interleave(2, 2), lambda: [f(2, 1, 3, 2, 1, 2, 3, 2)]
    for rank in range(0, 9):
        shape = [2, 1, 3, 2, 1, 2, 3, 2][:rank]
        yield f"add of rank {rank}", lambda x, y: x + y, (lambda s: lambda: [f(*s), f(*s)])(shape)
        yield f"relu of rank {rank}", torch.relu, (lambda s: lambda: [f(*s)])(shape)


def reductions():
    x = lambda: [f(2, 3, 4, 5)]  # noqa: E731
    d = lambda: [distinct(2, 3, 4)]  # noqa: E731
    for name in ("sum", "mean", "prod", "std", "var", "amax", "amin", "logsumexp", "norm", "median", "max", "min", "all", "any", "argmax", "argmin", "cumsum", "cumprod",
                 "softmax", "log_softmax", "sort", "argsort", "cummax", "cummin", "logcumsumexp", "mode", "kthvalue", "msort", "aminmax", "nansum", "nanmean", "nanmedian",
                 "std_mean", "var_mean", "quantile", "trace", "renorm", "diff", "unique", "unique_consecutive", "count_nonzero", "histc", "bincount"):
        fn = getattr(torch, name)
        if name in ("amax", "amin", "logsumexp", "softmax", "log_softmax", "cumsum", "cumprod", "cummax", "cummin", "logcumsumexp"):
            for dim in (0, 1, -1):
                yield f"{name} {dim}", (lambda g, k: lambda t: g(t, dim=k))(fn, dim), d
        elif name == "kthvalue":
            yield name, lambda t: torch.kthvalue(t, 2, 1), d
        elif name == "quantile":
            yield name, lambda t: torch.quantile(t, 0.3, 1), d
        elif name == "trace":
            yield name, torch.trace, lambda: [f(4, 4)]
        elif name == "renorm":
            yield name, lambda t: torch.renorm(t, 2, 0, 1.5), d
        elif name in ("all", "any"):
            yield name, fn, lambda: [b(2, 3)]
            yield f"{name} 1", (lambda g: lambda t: g(t, 1))(fn), lambda: [b(2, 3)]
            yield f"{name} keep", (lambda g: lambda t: g(t, 0, keepdim=True))(fn), lambda: [b(2, 3)]
            yield f"{name} float", (lambda g: lambda t: g(t > 0.2, 1))(fn), lambda: [f(2, 3)]
        elif name == "bincount":
            yield name, torch.bincount, lambda: [i(9, low=0, high=5)]
        elif name in ("histc",):
            yield name, lambda t: torch.histc(t, 5, -2, 2), x
        elif name == "aminmax":
            yield name, lambda t: torch.aminmax(t, dim=1), d
        else:
            yield name, fn, d
            if name not in ("unique", "unique_consecutive", "msort", "norm", "diff"):
                yield f"{name} 1", (lambda g: lambda t: g(t, dim=1))(fn), d
            if name not in ("sort", "argsort", "unique", "unique_consecutive", "msort", "norm", "diff", "count_nonzero"):
                yield f"{name} keep", (lambda g: lambda t: g(t, dim=-1, keepdim=True))(fn), d
    for name in ("sum", "mean", "std", "var", "amax", "amin", "logsumexp", "norm"):
        yield f"{name} two axes", (lambda g: lambda t: getattr(t, g)(dim=(1, 3)))(name), x
        yield f"{name} two axes keep", (lambda g: lambda t: getattr(t, g)(dim=(2, -1), keepdim=True))(name), x
    yield "var biased", lambda t: t.var(1, unbiased=False), x
    yield "std biased", lambda t: t.std(unbiased=False), x
    yield "var correction", lambda t: torch.var(t, dim=1, correction=2), x
    for p in (0, 1, 2, 3, 2.5, float("inf"), float("-inf"), "fro"):
        yield f"norm {p}", (lambda q: lambda t: torch.norm(t, q, 1) if q != "fro" else torch.norm(t, "fro", (1, 2)))(p), lambda: [f(2, 3, 4, above=0.1)]
    yield "linalg.vector_norm", lambda t: torch.linalg.vector_norm(t, 3, 1, keepdim=True), x
    yield "linalg.norm", lambda t: torch.linalg.norm(t, dim=1), x
    yield "linalg.matrix_norm", lambda t: torch.linalg.matrix_norm(t), x
    for order in (1, -1, float("inf"), -float("inf")):
        yield f"linalg.matrix_norm {order}", (lambda p: lambda t: torch.linalg.matrix_norm(t, p, dim=(0, 2), keepdim=True))(order), lambda: [f(3, 2, 4)]
    yield "linalg.matrix_norm dim", lambda t: torch.linalg.matrix_norm(t, dim=(0, 1)), lambda: [f(3, 4, 2)]
    yield "linalg.norm 1", lambda t: torch.linalg.norm(t, 1), lambda: [f(3, 4)]
    nan = lambda: [torch.tensor([[1.0, float("nan"), 3.0, 0.0], [4.0, 5.0, 6.0, -1.0], [float("inf"), 0.0, -float("inf"), 2.0]])]  # noqa: E731
    for name in ("median", "nanmedian", "cummax", "cummin", "logcumsumexp", "amax", "sum", "softmax", "argmax"):
        yield f"{name} of NaN", (lambda g: lambda t: g(t, dim=1))(getattr(torch, name)), nan
    yield "median of NaN, whole", torch.median, nan
    yield "logcumsumexp far apart", lambda t: torch.logcumsumexp(t, 0), lambda: [torch.tensor([-200.0, 0.0, 300.0, 2.0])]
    for name in ("max", "argmin", "all", "cumsum", "sort", "median", "cummax", "logcumsumexp"):
        yield f"{name} without axes", (lambda g: lambda t: g(t, dim=-1))(getattr(torch, name)), lambda: [f()]
    yield "F.normalize", lambda t: F.normalize(t), x
    yield "F.normalize p1", lambda t: F.normalize(t, 1, 2), x
    yield "F.softmin", lambda t: F.softmin(t, 1), x
    yield "softmax none dtype", lambda t: t.softmax(1, dtype=torch.float32), x
    yield "softmax rank 1", lambda t: t.softmax(0), lambda: [f(5)]
    yield "topk", lambda t: t.topk(2), d
    yield "topk smallest", lambda t: t.topk(2, 1, largest=False), d
    yield "sort descending", lambda t: t.sort(1, True), d
    yield "sort stable", lambda t: t.sort(stable=True, dim=1), d
    yield "argsort descending", lambda t: t.argsort(0, True), d
    yield "max pair", lambda t: t.max(1), d
    yield "min pair keep", lambda t: t.min(2, keepdim=True), d
    for name in ("sum", "prod", "mean", "std", "any", "all", "count_nonzero", "logsumexp", "softmax", "cumsum"):
        yield f"{name} of nothing", (lambda g: lambda t: g(t[:, :0], dim=1))(getattr(torch, name)), lambda: [f(2, 3)]
        if name in ("sum", "prod", "any", "count_nonzero"):
            yield f"{name} of no integers", (lambda g: lambda t: g(t[:, :0], dim=1))(getattr(torch, name)), lambda: [i(2, 3)]
    yield "F.linear to and from nothing", lambda t: F.linear(F.linear(t, torch.zeros(0, 3)), torch.zeros(4, 0), torch.linspace(-1, 1, 4)), lambda: [f(2, 3)]
    yield "chunks of nothing", lambda t: torch.cat([*t[:, :0].chunk(2, 1), t], 1), lambda: [f(2, 3)]
    yield "sum of int", lambda t: t.sum(1), lambda: [i(2, 5)]
    yield "sum of bool", lambda t: t.sum(1), lambda: [b(2, 5)]
    yield "sum of int32", lambda t: t.sum(1), lambda: [i(2, 5, dtype=I32)]
    yield "prod of int", lambda t: t.prod(1), lambda: [i(2, 5)]
    yield "max of int", lambda t: t.max(), lambda: [i(2, 5)]
    yield "amax of int", lambda t: t.amax(1), lambda: [i(2, 5)]
    yield "argmax of int", lambda t: t.argmax(1), lambda: [torch.randperm(10).reshape(2, 5)]
    yield "cumsum of int", lambda t: t.cumsum(1), lambda: [i(2, 5)]
    yield "cumsum of bool", lambda t: t.cumsum(1), lambda: [b(2, 5)]
    yield "sum dtype", lambda t: t.sum(1, dtype=torch.float32), lambda: [i(2, 5)]
    yield "mean dtype", lambda t: t.mean(1, dtype=torch.float32), lambda: [i(2, 5)]
    yield "any of all axes", lambda t: (t > 3).any(), x
    yield "sum rank 0", lambda t: t.sum(), lambda: [f()]
    yield "cdist", torch.cdist, lambda: [f(1, 4, 3), f(1, 5, 3)]
    yield "cdist p1", lambda x_, y: torch.cdist(x_, y, 1.0), lambda: [f(1, 4, 3), f(1, 5, 3)]
    yield "F.pairwise_distance", F.pairwise_distance, lambda: [f(4, 3), f(4, 3)]
    yield "F.cosine_similarity", lambda x_, y: F.cosine_similarity(x_, y, 1), lambda: [f(4, 3), f(4, 3)]
    yield "F.pdist", F.pdist, lambda: [f(4, 3)]
    yield "bucketize", torch.bucketize, lambda: [f(2, 5), torch.tensor([-1.0, 0.0, 0.7])]
    yield "searchsorted", torch.searchsorted, lambda: [torch.tensor([-1.0, 0.0, 0.7]), f(2, 5)]


def shapes():
    eighths = lambda: [i(2, 3).float() / 8]  # noqa: E731  # exact in every float type: computed values are float32 on the chip
    x = lambda: [f(2, 3, 4, 5)]  # noqa: E731
    yield from (
        ("view", lambda t: t.view(6, -1), x), ("reshape", lambda t: t.transpose(1, 2).reshape(2, -1), x), ("view_as", lambda t, u: t.view_as(u), lambda: [f(2, 6), f(3, 4)]),
        ("reshape_as", lambda t, u: t.reshape_as(u), lambda: [f(2, 6), f(3, 4)]), ("flatten", lambda t: t.flatten(1, 2), x), ("ravel", lambda t: t.ravel(), x),
        ("unflatten", lambda t: t.unflatten(2, (2, 2)), x), ("permute", lambda t: t.permute(3, 1, 0, 2), x), ("transpose", lambda t: t.transpose(-1, 1), x),
        ("swapaxes", lambda t: t.swapaxes(0, 1), x), ("swapdims", lambda t: t.swapdims(0, 1), x), ("movedim", lambda t: t.movedim(0, 2), x),
        ("movedim lists", lambda t: t.movedim((0, 1), (2, 0)), x), ("moveaxis", lambda t: t.moveaxis(0, 2), x), ("t", lambda t: t.t(), lambda: [f(3, 4)]),
        ("T", lambda t: t.T, lambda: [f(3, 4)]), ("mT", lambda t: t.mT, x), ("adjoint", lambda t: t.adjoint(), x), ("H", lambda t: t.H, lambda: [f(3, 4)]),
        ("squeeze", lambda t: t.squeeze(), lambda: [f(2, 1, 3, 1)]), ("squeeze axis", lambda t: t.squeeze(1), lambda: [f(2, 1, 3, 1)]),
        ("unsqueeze", lambda t: t.unsqueeze(-1), x), ("atleast_1d", torch.atleast_1d, lambda: [f()]), ("atleast_2d", torch.atleast_2d, lambda: [f(3)]),
        ("atleast_3d", torch.atleast_3d, lambda: [f(3)]), ("select", lambda t: t.select(2, -1), x), ("slice", lambda t: t[:, 1:, ::2, -3:-1], x),
        ("narrow", lambda t: t.narrow(3, 1, 2), x), ("narrow_copy", lambda t: torch.narrow_copy(t, 3, 1, 2), x), ("index ellipsis", lambda t: t[..., 1], x),
        ("index None", lambda t: t[:, None, 1], x), ("index list", lambda t: t[:, [2, 0]], x), ("index two lists", lambda t: t[[0, 1, 1], [2, 0, 1]], x),
        ("index two lists apart", lambda t: t[[0, 1, 1], :, [2, 0, 1]], x), ("index mask of constants", lambda t: t[:, torch.tensor([True, False, True])], x),
        ("index computed", lambda t, k: t[k], lambda: [f(5, 3), i(4, low=0, high=5)]), ("index computed middle", lambda t, k: t[:, k], lambda: [f(2, 5, 3), i(2, 4, low=0, high=5)]),
        ("index two computed", lambda t, j, k: t[j, k], lambda: [f(4, 5, 3), i(6, low=0, high=4), i(6, low=0, high=5)]),
        ("index two computed apart", lambda t, j, k: t[j, :, k], lambda: [f(4, 3, 5), i(6, low=0, high=4), i(6, low=0, high=5)]),
        ("index computed, negative", lambda t, k: t[k], lambda: [f(5, 3), i(4, low=-5, high=0)]), ("index mask", lambda t, m: t[m], lambda: [f(5, 3), b(5)]),
        ("index_select", lambda t: t.index_select(1, torch.tensor([2, 0, 0])), x), ("index_select computed", lambda t, k: t.index_select(1, k), lambda: [f(2, 5, 3), i(4, low=0, high=5)]),
        ("gather", lambda t, k: t.gather(1, k), lambda: [f(2, 5, 3), i(2, 4, 3, low=0, high=5)]), ("take", lambda t, k: t.take(k), lambda: [f(2, 5), i(2, 3, low=0, high=10)]),
        ("take constant", lambda t: t.take(torch.tensor([[0, 7], [3, -1]])), lambda: [f(2, 5)]), ("take_along_dim", lambda t, k: torch.take_along_dim(t, k, 1), lambda: [f(2, 5), i(2, 3, low=0, high=5)]),
        ("scatter", lambda t, k, s: t.scatter(1, k, s), lambda: [f(2, 5), torch.tensor([[0, 2, 4], [1, 3, 0]]), f(2, 3)]),
        ("scatter value", lambda t, k: t.scatter(1, k, 1.5), lambda: [f(2, 5), torch.tensor([[0, 2, 4], [1, 3, 0]])]),
        ("scatter_", lambda t, k: torch.zeros(2, 5).scatter_(1, k, 1.0) * t, lambda: [f(2, 5), torch.tensor([[0, 2], [1, 3]])]),
        ("scatter add", lambda t, k, s: t.scatter(1, k, s, reduce="add"), lambda: [f(2, 5), i(2, 3, low=0, high=5), f(2, 3)]),
        ("scatter multiply", lambda t, k, s: t.scatter(1, k, s, reduce="multiply"), lambda: [f(2, 5), i(2, 3, low=0, high=5), f(2, 3)]),
        ("scatter_add", lambda t, k, s: t.scatter_add(1, k, s), lambda: [f(2, 5), i(2, 3, low=0, high=5), f(2, 3)]),
        ("scatter_add of fewer places", lambda t, k, s: t.scatter_add(0, k, s), lambda: [f(4, 5), i(1, 3, low=0, high=4), f(2, 5)]),
        ("a result given twice", lambda t: (t * 2,) * 2 + (t, t), x),
        ("scatter_reduce sum", lambda t, k, s: t.scatter_reduce(1, k, s, "sum"), lambda: [f(2, 5), i(2, 3, low=0, high=5), f(2, 3)]),
        ("scatter_reduce amax", lambda t, k, s: t.scatter_reduce(1, k, s, "amax"), lambda: [f(2, 5), i(2, 3, low=0, high=5), f(2, 3)]),
        ("scatter_reduce prod", lambda t, k, s: t.scatter_reduce(1, k, s, "prod"), lambda: [f(2, 5), i(2, 3, low=0, high=5), f(2, 3)]),
        ("scatter_reduce mean", lambda t, k, s: t.scatter_reduce(1, k, s, "mean"), lambda: [f(2, 5), i(2, 3, low=0, high=5), f(2, 3)]),
        ("index_add", lambda t, k, s: t.index_add(1, k, s), lambda: [f(2, 5), i(3, low=0, high=5), f(2, 3)]),
        ("index_add alpha", lambda t, k, s: t.index_add(1, k, s, alpha=0.5), lambda: [f(2, 5), i(3, low=0, high=5), f(2, 3)]),
        ("index_copy", lambda t, k, s: t.index_copy(1, k, s), lambda: [f(2, 5), torch.tensor([4, 1, 0]), f(2, 3)]),
        ("index_fill", lambda t, k: t.index_fill(1, k, 2.5), lambda: [f(2, 5), torch.tensor([4, 1])]),
        ("index_put", lambda t, k, s: torch.index_put(t, [k], s), lambda: [f(5, 2), torch.tensor([4, 1]), f(2, 2)]),
        ("index_put two", lambda t, j, k, s: torch.index_put(t, [j, k], s), lambda: [f(5, 4), torch.tensor([4, 1]), torch.tensor([0, 3]), f(2)]),
        ("index_put accumulate", lambda t, k, s: torch.index_put(t, [k], s, accumulate=True), lambda: [f(5, 2), torch.tensor([4, 4, 1]), f(3, 2)]),
        ("index_put mask", lambda t: _put(t, lambda u: u > 0, 0.5), x), ("index_put list", lambda t: _put(t, lambda u: [1, 0], 0.5), x),
        ("setitem slice", lambda t: _set(t, (slice(None), 1), 2.0), x), ("setitem tensor", lambda t, u: _set(t, (slice(None), slice(0, 2), 1), u), lambda: [f(2, 3, 4), f(2, 2)]),
        ("select_scatter", lambda t, s: torch.select_scatter(t, s, 1, 2), lambda: [f(2, 3, 4), f(2, 4)]),
        ("slice_scatter", lambda t, s: torch.slice_scatter(t, s, 1, 0, 3, 2), lambda: [f(2, 3, 4), f(2, 2, 4)]),
        ("diagonal_scatter", lambda t, s: torch.diagonal_scatter(t, s), lambda: [f(3, 3), f(3)]),
        ("put", lambda t, k, s: t.put(k, s), lambda: [f(2, 5), torch.tensor([0, 7]), f(2)]),
        ("expand", lambda t: t.expand(-1, 4, -1), lambda: [f(2, 1, 3)]), ("expand more axes", lambda t: t.expand(2, 4, 3), lambda: [f(1, 3)]),
        ("expand_as", lambda t, u: t.expand_as(u) + u, lambda: [f(1, 3), f(4, 3)]), ("broadcast_to", lambda t: torch.broadcast_to(t, (4, 2, 3)), lambda: [f(2, 1)]),
        ("broadcast_tensors", lambda t, u: torch.broadcast_tensors(t, u), lambda: [f(2, 1), f(1, 3)]), ("repeat", lambda t: t.repeat(2, 1, 3), lambda: [f(2, 3)]),
        ("tile", lambda t: t.tile((2, 1, 2)), lambda: [f(2, 3)]), ("tile fewer", lambda t: t.tile((2,)), lambda: [f(2, 3)]),
        ("repeat_interleave", lambda t: t.repeat_interleave(3, 1), x), ("repeat_interleave flat", lambda t: t.repeat_interleave(2), x),
        ("repeat_interleave tensor", lambda t: t.repeat_interleave(torch.tensor([1, 3, 0]), 1), x), ("roll", lambda t: t.roll(2, 1), x), ("roll flat", lambda t: t.roll(3), x),
        ("roll two", lambda t: t.roll((1, -2), (0, 3)), x), ("flip", lambda t: t.flip(1, 3), x), ("fliplr", torch.fliplr, x), ("flipud", torch.flipud, x),
        ("rot90", lambda t: torch.rot90(t, 1, (2, 3)), x), ("rot90 three", lambda t: torch.rot90(t, 3, (1, 2)), x), ("cat", lambda t, u: torch.cat([t, u, t], 1), lambda: [f(2, 3), f(2, 1)]),
        ("concat", lambda t, u: torch.concat([t, u], -1), lambda: [f(2, 3), f(2, 1)]), ("concatenate", lambda t, u: torch.cat((t, u)), lambda: [f(2, 3), f(1, 3)]),
        ("cat of mixed types", lambda t, u: torch.cat([t, u], 1), lambda: [f(2, 3), i(2, 2)]), ("cat of ints", lambda t, u: torch.cat([t, u], 1), lambda: [i(2, 3), i(2, 2)]),
        ("stack", lambda t, u: torch.stack([t, u], -1), lambda: [f(2, 3), f(2, 3)]), ("hstack", lambda t, u: torch.hstack([t, u]), lambda: [f(2, 3), f(2, 2)]),
        ("vstack", lambda t, u: torch.vstack([t, u]), lambda: [f(2, 3), f(1, 3)]), ("dstack", lambda t, u: torch.dstack([t, u]), lambda: [f(2, 3), f(2, 3)]),
        ("column_stack", lambda t, u: torch.column_stack([t, u]), lambda: [f(3), f(3, 2)]), ("row_stack", lambda t, u: torch.vstack([t, u]), lambda: [f(3), f(3)]),
        ("block_diag", lambda t, u: torch.block_diag(t, u), lambda: [f(2, 3), f(1, 2)]), ("chunk", lambda t: t.chunk(2, 3), x), ("split", lambda t: t.split(2, 3), x),
        ("split sizes", lambda t: t.split([1, 3], 2), x), ("tensor_split", lambda t: t.tensor_split(3, 3), x), ("tensor_split places", lambda t: t.tensor_split((1, 3), 3), x),
        ("hsplit", lambda t: t.hsplit(3), x), ("vsplit", lambda t: t.vsplit(2), x), ("dsplit", lambda t: t.dsplit(2), x), ("unbind", lambda t: t.unbind(1), x),
        ("unfold", lambda t: t.unfold(3, 3, 2), x), ("unfold first", lambda t: t.unfold(0, 2, 1), x), ("diagonal", lambda t: t.diagonal(0, 2, 3), x),
        ("diagonal offset", lambda t: t.diagonal(1), lambda: [f(4, 5)]), ("diag of matrix", torch.diag, lambda: [f(4, 5)]), ("diag of vector", torch.diag, lambda: [f(4)]),
        ("diag_embed", torch.diag_embed, lambda: [f(2, 4)]), ("diagflat", torch.diagflat, lambda: [f(2, 2)]), ("tril", torch.tril, x), ("triu", lambda t: t.triu(1), x),
        ("meshgrid", lambda t, u: torch.meshgrid(t, u, indexing="ij"), lambda: [f(3), f(2)]), ("meshgrid xy", lambda t, u: torch.meshgrid(t, u, indexing="xy"), lambda: [f(3), f(2)]),
        ("cartesian_prod", lambda t, u: torch.cartesian_prod(t, u), lambda: [f(3), f(2)]), ("combinations", torch.combinations, lambda: [f(4)]),
        ("as_strided", lambda t: torch.as_strided(t, (2, 3), (1, 2), 1), lambda: [f(3, 4)]), ("fill_", lambda t: (t * 1).fill_(2.0) + t, x), ("zero_", lambda t: (t * 1).zero_() + t, x),
        ("copy_", lambda t, u: torch.zeros(2, 3).copy_(u) + t, lambda: [f(2, 3), f(3)]), ("zeros_like", lambda t: torch.zeros_like(t) + t, x), ("ones_like", lambda t: torch.ones_like(t) + t, x),
        ("full_like", lambda t: torch.full_like(t, 3.5) + t, x), ("new_zeros", lambda t: t.new_zeros((3, 1)) + t[0, 0, 0, 0], x), ("new_ones", lambda t: t.new_ones(5) * t, x),
        ("new_full", lambda t: t.new_full((5,), 2.0) * t, x), ("new_tensor", lambda t: t + t.new_tensor([1.0, 2, 3, 4, 5]), x), ("arange", lambda t: t + torch.arange(0, t.shape[3], 1), x),
        ("linspace", lambda t: t + torch.linspace(0, 1, 5), x), ("logspace", lambda t: t + torch.logspace(0, 1, 5), x), ("eye", lambda t: t + torch.eye(4, 5), x),
        ("one_hot", lambda k: F.one_hot(k, 6), lambda: [i(2, 3, low=0, high=6)]), ("type_as", lambda t, k: t.type_as(k), lambda: [f(2, 3), i(2)]), ("to int", lambda t: t.to(torch.int32), x),
        ("long", lambda t: t.long(), x), ("int", lambda t: t.int(), x), ("short", lambda t: t.short(), x), ("char", lambda t: t.char(), x), ("byte", lambda t: t.abs().byte(), x),
        ("bool", lambda t: t.bool(), x), ("half", lambda t: t.half().float(), eighths), ("double", lambda t: t.double().float(), x), ("bfloat16", lambda t: t.bfloat16().float(), eighths),
        ("int to float", lambda k: k.float() / 2, lambda: [i(2, 3)]), ("bool to int", lambda k: k.int() * 3, lambda: [b(2, 3)]), ("permute of ints", lambda k: k.permute(1, 0), lambda: [i(2, 3)]),
        ("size arithmetic", lambda t: t.view(t.size(0) * t.size(1), -1)[: t.shape[0] + 1], x), ("F.pad", lambda t: F.pad(t, (1, 2, 3, 0)), x), ("F.pad value", lambda t: F.pad(t, (1, 2), value=-1.5), x),
        ("F.pad batch", lambda t: F.pad(t, (0, 0, 0, 0, 1, 0, 0, 2)), x), ("F.pad negative", lambda t: F.pad(t, (-1, 2, 1, -1)), x), ("F.pad reflect 1d", lambda t: F.pad(t, (2, 1), "reflect"), lambda: [f(2, 3, 5)]),
        ("F.pad reflect", lambda t: F.pad(t, (2, 1, 1, 2), "reflect"), x), ("F.pad reflect 3d", lambda t: F.pad(t, (2, 1, 1, 2, 1, 0), "reflect"), lambda: [f(1, 2, 3, 4, 5)]),
        ("F.pad replicate 1d", lambda t: F.pad(t, (2, 1), "replicate"), lambda: [f(2, 3, 5)]), ("F.pad replicate", lambda t: F.pad(t, (2, 1, 1, 2), "replicate"), x),
        ("F.pad replicate 3d", lambda t: F.pad(t, (2, 1, 1, 2, 1, 0), "replicate"), lambda: [f(1, 2, 3, 4, 5)]), ("F.pad circular", lambda t: F.pad(t, (2, 1, 1, 2), "circular"), x),
        ("F.pad of ints", lambda t: F.pad(t, (1, 2), value=7), lambda: [i(2, 3)]), ("F.pixel_shuffle", lambda t: F.pixel_shuffle(t, 2), lambda: [f(1, 8, 2, 3)]),
        ("F.pixel_unshuffle", lambda t: F.pixel_unshuffle(t, 2), lambda: [f(1, 2, 4, 6)]), ("F.pixel_shuffle rank 3", lambda t: F.pixel_shuffle(t, 2), lambda: [f(8, 2, 3)]),
        ("F.channel_shuffle", lambda t: torch.channel_shuffle(t, 2), lambda: [f(1, 4, 2, 3)]), ("F.native_channel_shuffle", lambda t: torch.native_channel_shuffle(t, 2), lambda: [f(1, 4, 2, 3)]),
        ("F.embedding", lambda k, w: F.embedding(k, w), lambda: [i(2, 3, low=0, high=6), f(6, 4)]), ("F.embedding constant", lambda t: t + F.embedding(torch.tensor([1, 3]), torch.ones(4, 5)), lambda: [f(2, 5)]),
        ("F.embedding max_norm", lambda k: F.embedding(k, torch.linspace(-2, 2, 24).view(6, 4).clone(), max_norm=1.0), lambda: [i(2, 3, low=0, high=6)]),
        ("F.embedding_bag", lambda k: F.embedding_bag(k, torch.linspace(-2, 2, 24).view(6, 4)), lambda: [i(2, 3, low=0, high=6)]), ("contiguous", lambda t: t.transpose(1, 2).contiguous(), x),
        ("squeeze of ints", lambda t: t.squeeze(0), lambda: [i(1, 3)]), ("where of ints", lambda t, u: torch.where(t > u, t, u), lambda: [i(2, 3), i(2, 3)]),
        ("rank 8 permute", lambda t: t.permute(7, 6, 5, 4, 3, 2, 1, 0), lambda: [f(2, 1, 2, 3, 1, 2, 1, 2)]), ("rank 8 sum", lambda t: t.sum((1, 3, 5)), lambda: [f(2, 1, 2, 3, 1, 2, 1, 2)]),
        ("rank 8 softmax", lambda t: t.softmax(3), lambda: [f(2, 1, 2, 3, 1, 2, 1, 2)]), ("empty slice", lambda t: torch.cat([t[:, :0], t], 1), x), ("complex", lambda t: torch.complex(t, t).abs(), x),
        ("fft", lambda t: torch.fft.fft(t).real, x), ("stft", lambda t: torch.stft(t, 8, return_complex=True).abs(), lambda: [f(2, 64)]), ("rand", lambda t: t + torch.rand(5), x),
        ("dropout training", lambda t: F.dropout(t, 0.5, False), x), ("view of dtype", lambda t: t.view(torch.int32), x), ("is_floating_point", lambda t: t * 2 if t.is_floating_point() else t, x),
        ("arange of a computed number", lambda t: torch.arange(t[0] + 3), lambda: [i(2, low=0)]), ("bernoulli", lambda t: torch.bernoulli(t.sigmoid()), x), ("multinomial", lambda t: torch.multinomial(t.softmax(-1), 1), lambda: [f(2, 5)]),
    )


def _put(t, where, value):
    t = t.clone()
    t[where(t)] = value
    return t


def _set(t, where, value):
    t = t.clone()
    t[where] = value
    return t


def products():
    for a, c in (((2, 3), (3, 4)), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3, 4), (4, 5)), ((2, 3, 4), (2, 4, 5)), ((2, 1, 3, 4), (5, 4, 2)), ((4,), (2, 4, 3)), ((1, 2, 3, 2, 4), (2, 1, 4, 3))):
        yield f"matmul {list(a)} {list(c)}", torch.matmul, (lambda p, q: lambda: [f(*p), f(*q)])(a, c)
    three = lambda: [f(2, 3, 4), f(2, 4, 5)]  # noqa: E731
    yield from (
        ("mm", torch.mm, lambda: [f(2, 3), f(3, 4)]), ("mv", torch.mv, lambda: [f(2, 3), f(3)]), ("bmm", torch.bmm, three), ("dot", torch.dot, lambda: [f(4), f(4)]), ("inner", torch.inner, lambda: [f(2, 4), f(3, 4)]),
        ("outer", torch.outer, lambda: [f(4), f(3)]), ("ger", torch.ger, lambda: [f(4), f(3)]), ("vdot", torch.vdot, lambda: [f(4), f(4)]), ("kron", torch.kron, lambda: [f(2, 3), f(3, 2)]),
        ("tensordot", lambda x, y: torch.tensordot(x, y, 1), lambda: [f(2, 3, 4), f(4, 5)]), ("tensordot dims", lambda x, y: torch.tensordot(x, y, ([0, 2], [1, 0])), lambda: [f(2, 3, 4), f(4, 2, 5)]),
        ("addmm", lambda x, y, z: torch.addmm(x, y, z, beta=0.5, alpha=2), lambda: [f(2, 4), f(2, 3), f(3, 4)]), ("addmv", torch.addmv, lambda: [f(2), f(2, 3), f(3)]),
        ("addbmm", torch.addbmm, lambda: [f(3, 5), f(2, 3, 4), f(2, 4, 5)]), ("baddbmm", lambda x, y, z: torch.baddbmm(x, y, z, beta=0.3, alpha=1.5), lambda: [f(2, 3, 5), f(2, 3, 4), f(2, 4, 5)]),
        ("addr", torch.addr, lambda: [f(4, 3), f(4), f(3)]), ("chain_matmul", lambda x, y, z: torch.linalg.multi_dot([x, y, z]), lambda: [f(2, 3), f(3, 4), f(4, 2)]),
        ("F.linear", lambda x, w, c: F.linear(x, w, c), lambda: [f(2, 3, 4), f(5, 4), f(5)]), ("F.bilinear", lambda x, y: F.bilinear(x, y, torch.linspace(-1, 1, 24).view(2, 3, 4)), lambda: [f(5, 3), f(5, 4)]),
        ("matrix_power", lambda x: torch.matrix_power(x, 3), lambda: [f(3, 3)]), ("linalg.inv", torch.linalg.inv, lambda: [spd(3)]), ("det", torch.det, lambda: [spd(3)]), ("cross", lambda x, y: torch.cross(x, y, 1), lambda: [f(2, 3), f(2, 3)]),
        ("linalg.cross", lambda x, y: torch.linalg.cross(x, y), lambda: [f(2, 3), f(2, 3)]), ("matmul of ints", torch.matmul, lambda: [i(2, 3), i(3, 4)]), ("linalg.solve", torch.linalg.solve, lambda: [spd(3), f(3, 2)]),
    )
    for equation, a, c in (("bij,bjk->bik", (2, 3, 4), (2, 4, 5)), ("bhqd,bhkd->bhqk", (2, 2, 3, 4), (2, 2, 5, 4)), ("ij,jk", (2, 3), (3, 4)), ("i,j->ij", (3,), (4,)), ("bi,bi->b", (2, 3), (2, 3)),
                           ("bchw,c->bhw", (2, 3, 4, 5), (3,)), ("nctkv,kvw->nctw", (2, 3, 4, 2, 5), (2, 5, 3)), ("...ij,jk->...ik", (2, 3, 4), (4, 5)), ("bqhd,bkhd->bhqk", (2, 3, 2, 4), (2, 5, 2, 4)),
                           ("abc,cd->abd", (2, 3, 4), (4, 5)), ("ijk,ilk->ijl", (2, 3, 4), (2, 5, 4)), ("ab,cd->", (2, 3), (3, 2))):
        yield f"einsum {equation}", (lambda e: lambda x, y: torch.einsum(e, x, y))(equation), (lambda p, q: lambda: [f(*p), f(*q)])(a, c)
    for equation, a in (("ij->ji", (2, 3)), ("ij->", (2, 3)), ("ii->i", (3, 3)), ("bhwc->bchw", (2, 3, 4, 5)), ("ijk->k", (2, 3, 4))):
        yield f"einsum {equation}", (lambda e: lambda x: torch.einsum(e, x))(equation), (lambda p: lambda: [f(*p)])(a)
    yield "einsum three", lambda x, y, z: torch.einsum("ij,jk,kl->il", x, y, z), lambda: [f(2, 3), f(3, 4), f(4, 2)]
    if hasattr(F, "scaled_dot_product_attention"):
        qkv = lambda: [f(2, 2, 3, 4), f(2, 2, 5, 4), f(2, 2, 5, 4)]  # noqa: E731
        sdpa = F.scaled_dot_product_attention
        yield "F.sdpa", sdpa, qkv
        yield "F.sdpa causal", lambda q, k, v: sdpa(q, k, v, is_causal=True), lambda: [f(2, 2, 4, 4), f(2, 2, 4, 4), f(2, 2, 4, 4)]
        yield "F.sdpa mask", sdpa, lambda: [*qkv(), f(3, 5)]
        yield "F.sdpa bool mask", lambda q, k, v, m: sdpa(q, k, v, m), lambda: [*qkv(), torch.tensor([[True, False, True, True, False]] * 3)]
        yield "F.sdpa constant mask", lambda q, k, v: sdpa(q, k, v, torch.tensor([[True, False, True, True, False]] * 3)), qkv
        yield "F.sdpa rank 3", sdpa, lambda: [f(2, 3, 4), f(2, 5, 4), f(2, 5, 6)]
        yield "F.sdpa grouped", lambda q, k, v: sdpa(q, k, v, enable_gqa=True), lambda: [f(2, 4, 3, 4), f(2, 2, 5, 4), f(2, 2, 5, 4)]


def windows():
    p1, p2, p3 = (lambda: [f(2, 4, 9)]), (lambda: [f(2, 4, 8, 9)]), (lambda: [f(1, 4, 5, 6, 7)])
    for axes, x in ((1, p1), (2, p2), (3, p3)):
        name = f"{axes}d"
        conv, up = getattr(F, "conv" + name), getattr(F, "conv_transpose" + name)
        k = (3,) * axes
        for settings in (dict(), dict(stride=2, padding=1), dict(dilation=2), dict(groups=2)):
            ic = 4 // settings.get("groups", 1)
            yield f"F.conv{name} {settings}", (lambda c, s, ww: lambda t, w, bias: c(t, w, bias, **s))(conv, settings, None), (lambda g, n, kk: lambda: [*g(), f(6, n, *kk), f(6)])(x, ic, k)
            yield (f"F.conv{name} {settings} constant", (lambda c, s, w: lambda t: c(t, w, **s))(conv, settings, torch.linspace(-1, 1, 6 * ic * 3**axes).reshape(6, ic, *k)), x)
        for settings in (dict(), dict(stride=2, padding=1, output_padding=1), dict(dilation=2), dict(groups=2, stride=2)):
            oc = 6 // settings.get("groups", 1)
            yield (f"F.conv_transpose{name} {settings}", (lambda c, s, w: lambda t: c(t, w, torch.linspace(-1, 1, 6), **s))(up, settings, torch.linspace(-1, 1, 4 * oc * 3**axes).reshape(4, oc, *k)), x)
        yield (f"F.conv_transpose{name} computed", (lambda c: lambda t, w: c(t, w, stride=2))(up), (lambda g, kk: lambda: [*g(), f(4, 6, *kk)])(x, k))
        for kind in ("max", "avg"):
            pool = getattr(F, f"{kind}_pool{name}")
            for settings in (dict(kernel_size=2), dict(kernel_size=3, stride=2, padding=1), dict(kernel_size=3, stride=2, ceil_mode=True)):
                yield f"F.{kind}_pool{name} {settings}", (lambda p, s: lambda t: p(t, **s))(pool, settings), x
            adaptive = getattr(F, f"adaptive_{kind}_pool{name}")
            for size in (1, 2, 3, 7):
                yield f"F.adaptive_{kind}_pool{name} {size}", (lambda p, s: lambda t: p(t, s))(adaptive, size), x
            yield f"F.adaptive_{kind}_pool{name} tuple", (lambda p, s: lambda t: p(t, s))(adaptive, (5, 2, 3)[:axes]), x
        yield f"F.max_pool{name} dilation", (lambda p: lambda t: p(t, 2, 1, 0, 2))(getattr(F, "max_pool" + name)), x
        yield f"F.max_pool{name} indices", (lambda p: lambda t: p(t, 2, return_indices=True))(getattr(F, "max_pool" + name)), x
        yield f"F.adaptive_max_pool{name} indices", (lambda p: lambda t: p(t, 3, return_indices=True))(getattr(F, "adaptive_max_pool" + name)), x
        yield f"F.avg_pool{name} count_include_pad", (lambda p: lambda t: p(t, 3, 2, 1, count_include_pad=False))(getattr(F, "avg_pool" + name)), x
        yield f"F.max_unpool{name}", (lambda p, u: lambda t: u(*p(t, 2, return_indices=True), 2))(getattr(F, "max_pool" + name), getattr(F, "max_unpool" + name)), (lambda n: lambda: [f(2, 4, *(6, 4, 8)[:n])])(axes)
        yield f"F.batch_norm computed {name}", lambda t, m, v, w: F.batch_norm(t, m, v, w, m), (lambda g: lambda: [g()[0], f(4), f(4, above=0.1), f(4)])(x)
        yield f"F.batch_norm {name}", lambda t: F.batch_norm(t, torch.linspace(-1, 1, 4), torch.linspace(0.5, 2, 4), torch.linspace(1, 2, 4), torch.linspace(-1, 0, 4)), x
        yield f"F.instance_norm {name}", lambda t: F.instance_norm(t, weight=torch.linspace(1, 2, 4), bias=torch.linspace(-1, 1, 4)), x
        yield f"F.group_norm {name}", lambda t: F.group_norm(t, 2, torch.linspace(1, 2, 4), torch.linspace(-1, 1, 4)), x
        yield f"F.local_response_norm {name}", lambda t: F.local_response_norm(t, 3, 0.1, 0.7, 2.0), x
        for mode in ("nearest", "nearest-exact", ("linear", "bilinear", "trilinear")[axes - 1], "area") + (("bicubic",) if axes == 2 else ()):
            for settings in (dict(scale_factor=2), dict(scale_factor=1.6), dict(size=(7, 5, 9)[:axes]), dict(scale_factor=0.5), dict(scale_factor=1.6, recompute_scale_factor=True)):
                yield f"F.interpolate {mode} {name} {settings}", (lambda m, s: lambda t: F.interpolate(t, mode=m, **s))(mode, settings), x
            if mode not in ("nearest", "nearest-exact", "area"):
                yield f"F.interpolate {mode} {name} corners", (lambda m, n: lambda t: F.interpolate(t, size=(7, 5, 9)[:n], mode=m, align_corners=True))(mode, axes), x
                if axes == 2:
                    yield f"F.interpolate {mode} {name} antialias", (lambda m: lambda t: F.interpolate(t, size=(5, 4), mode=m, antialias=True))(mode), x
    for kind, args in (("lp_pool1d", (2.0, 3, 2)), ("lp_pool2d", (2.0, 3, 2)), ("lp_pool2d", (3.0, 2))):
        yield f"F.{kind} {args}", (lambda k, a: lambda t: getattr(F, k)(t, *a))(kind, args), (lambda: [f(2, 4, 9, above=0.1)]) if kind[-2] == "1" else (lambda: [f(2, 4, 8, 9, above=0.1)])
    yield "F.avg_pool2d divisor", lambda t: F.avg_pool2d(t, 3, 2, divisor_override=5), p2
    yield "F.avg_pool3d divisor", lambda t: F.avg_pool3d(t, 3, 2, divisor_override=5), p3
    yield "F.avg_pool2d pads", lambda t: F.avg_pool2d(t, (3, 2), (2, 1), (1, 0)), p2
    yield "F.avg_pool2d ceil pad", lambda t: F.avg_pool2d(t, 3, 2, 1, ceil_mode=True), p2
    yield "F.avg_pool2d ceil uncounted", lambda t: F.avg_pool2d(t, 3, 2, 1, ceil_mode=True, count_include_pad=False), p2
    for name, fn in (("avg_pool2d", F.avg_pool2d), ("max_pool2d", F.max_pool2d)):
        yield f"F.{name} ceil, window beyond the picture", (lambda g: lambda t: g(t, (20, 3), (20, 2), (1, 0), ceil_mode=True))(fn), p2
    yield "F.avg_pool2d ceil, window beyond the picture, uncounted", lambda t: F.avg_pool2d(t, 20, 20, 3, ceil_mode=True, count_include_pad=False), p2
    yield "F.conv2d same", lambda t: F.conv2d(t, torch.linspace(-1, 1, 4 * 4 * 6).view(4, 4, 2, 3), padding="same"), p2
    yield "F.conv1d same", lambda t: F.conv1d(t, torch.linspace(-1, 1, 4 * 4 * 4).view(4, 4, 4), padding="same"), p1
    yield "F.conv3d same", lambda t: F.conv3d(t, torch.linspace(-1, 1, 4 * 4 * 12).view(4, 4, 2, 3, 2), padding="same"), p3
    yield "F.conv2d depthwise", lambda t: F.conv2d(t, torch.linspace(-1, 1, 8 * 9).view(8, 1, 3, 3), groups=4), p2
    yield "F.conv3d depthwise", lambda t: F.conv3d(t, torch.linspace(-1, 1, 8 * 27).view(8, 1, 3, 3, 3), groups=4), p3
    yield "F.conv2d no batch", lambda t: F.conv2d(t[0], torch.linspace(-1, 1, 4 * 4 * 9).view(4, 4, 3, 3)), p2
    yield "F.conv3d no batch", lambda t: F.conv3d(t[0], torch.linspace(-1, 1, 4 * 4 * 27).view(4, 4, 3, 3, 3)), p3
    yield "F.layer_norm", lambda t: F.layer_norm(t, (9,), torch.linspace(1, 2, 9), torch.linspace(-1, 1, 9)), p2
    yield "F.layer_norm two axes", lambda t: F.layer_norm(t, (8, 9)), p2
    if hasattr(F, "rms_norm"):
        yield "F.rms_norm", lambda t: F.rms_norm(t, (9,), torch.linspace(1, 2, 9)), p2
        yield "F.rms_norm eps", lambda t: F.rms_norm(t, (8, 9), eps=1e-3), p2
    yield "F.unfold", lambda t: F.unfold(t, (3, 2), dilation=(1, 2), padding=1, stride=(2, 1)), p2
    yield "F.unfold plain", lambda t: F.unfold(t, 3), p2
    yield "F.fold", lambda t: F.fold(t, (4, 5), (2, 2)), lambda: [f(2, 12, 12)]
    yield "F.fold settings", lambda t: F.fold(t, (6, 5), (3, 2), padding=1, stride=(2, 1)), lambda: [f(2, 12, 18)]
    for mode in ("bilinear", "nearest", "bicubic"):
        for padding in ("zeros", "border", "reflection"):
            for corners in (False, True):
                yield f"F.grid_sample {mode} {padding} {corners}", (lambda m, p, c: lambda t, g: F.grid_sample(t, g, m, p, c))(mode, padding, corners), lambda: [f(2, 3, 5, 6), f(2, 4, 3, 2, spread=1.3)]
    yield "F.grid_sample constant grid", lambda t: F.grid_sample(t, torch.linspace(-1.2, 1.2, 24).view(1, 4, 3, 2), align_corners=False), lambda: [f(1, 3, 5, 6)]
    yield "F.grid_sample 3d", lambda t, g: F.grid_sample(t, g, align_corners=False), lambda: [f(1, 2, 3, 4, 5), f(1, 2, 3, 2, 3, spread=1.2)]
    yield "F.affine_grid", lambda t: F.affine_grid(t, (2, 3, 4, 5), align_corners=False), lambda: [f(2, 2, 3)]
    yield "F.affine_grid corners", lambda t: F.affine_grid(t, (2, 3, 4, 5), align_corners=True), lambda: [f(2, 2, 3)]
    yield "F.affine_grid 3d", lambda t: F.affine_grid(t, (2, 3, 4, 5, 2), align_corners=False), lambda: [f(2, 3, 4)]
    yield "spatial transformer", lambda t, a: F.grid_sample(t, F.affine_grid(a, t.shape, align_corners=False), align_corners=False), lambda: [f(2, 3, 5, 6), f(2, 2, 3, spread=0.7)]


def vision():
    import torchvision.ops as O

    boxes = torch.tensor([[0, 1.0, 1, 5, 6], [1, 0, 0.5, 3.2, 7], [0, -1, 2, 9.5, 8]])
    yield "roi_align", lambda x, r: O.roi_align(x, r, (3, 2), 0.5, 2), lambda: [f(2, 3, 8, 9), boxes.clone()]
    yield "roi_align aligned", lambda x, r: O.roi_align(x, r, (3, 2), 0.5, 2, aligned=True), lambda: [f(2, 3, 8, 9), boxes.clone()]
    yield "roi_align adaptive", lambda x: O.roi_align(x, boxes, (3, 2), 0.5), lambda: [f(2, 3, 8, 9)]
    yield "roi_align constant", lambda x: O.roi_align(x, boxes, 2, 1.0, 2), lambda: [f(2, 3, 8, 9)]
    yield "roi_pool", lambda x: O.roi_pool(x, boxes, 2, 1.0), lambda: [f(2, 3, 8, 9)]
    yield "ps_roi_align", lambda x: O.ps_roi_align(x, boxes, 2, 1.0, 2), lambda: [f(2, 8, 8, 9)]
    yield "nms", lambda r, s: O.nms(r, s, 0.5), lambda: [torch.tensor([[0, 0, 4, 4.0], [0, 0, 4, 3.5], [5, 5, 8, 8]]), torch.tensor([0.5, 0.9, 0.7])]
    yield "batched_nms", lambda r, s, k: O.batched_nms(r, s, k, 0.5), lambda: [torch.tensor([[0, 0, 4, 4.0], [0, 0, 4, 3.5], [5, 5, 8, 8]]), torch.tensor([0.5, 0.9, 0.7]), torch.tensor([0, 1, 0])]
    yield "box_iou", O.box_iou, lambda: [torch.tensor([[0, 0, 4, 4.0], [0, 0, 4, 3.5]]), torch.tensor([[1, 1, 5, 4.0], [0, 0, 2, 3.5]])]
    yield "box_convert", lambda r: O.box_convert(r, "xywh", "xyxy"), lambda: [f(3, 4, above=0.1)]
    yield "deform_conv2d", lambda x, o: O.deform_conv2d(x, o, torch.linspace(-1, 1, 4 * 3 * 9).view(4, 3, 3, 3), torch.linspace(-1, 1, 4), padding=1), lambda: [f(2, 3, 5, 6), f(2, 18, 5, 6)]
    yield "deform_conv2d mask", lambda x, o, m: O.deform_conv2d(x, o, torch.linspace(-1, 1, 4 * 3 * 9).view(4, 3, 3, 3), None, stride=2, mask=m), lambda: [f(1, 3, 7, 7), f(1, 18, 3, 3), f(1, 9, 3, 3)]
    yield ("deform_conv2d groups", lambda x, o: O.deform_conv2d(x, o, torch.linspace(-1, 1, 4 * 2 * 9).view(4, 2, 3, 3), None, padding=2, dilation=2),
           lambda: [f(1, 4, 5, 6), f(1, 36, 5, 6)])
    yield "stochastic_depth", lambda x: O.stochastic_depth(x, 0.5, "row", False), lambda: [f(2, 3)]


def all_operators():
    for family in (unary, binary, reductions, shapes, products, windows, vision):
        seen = set()
        for name, fn, inputs in family():
            if name not in seen:
                seen.add(name)
                yield f"{family.__name__}: {name}", fn, inputs
