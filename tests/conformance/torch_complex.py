# SPDX-License-Identifier: Apache-2.0
"""Complex numbers and Fourier transforms for the PyTorch sweep: name, function, inputs. Each is traced as a module of its own."""

import torch
from torch import fft

from torch_operators import f, i


def c(*shape):
    """Complex numbers whose parts are in (-2, 2)."""
    return torch.complex(f(*shape), f(*shape))


def one_axis():
    for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
        fn = getattr(fft, name)
        real_only = name in ("rfft", "ihfft")
        x = (lambda *shape: lambda: [f(*shape)]) if real_only else (lambda *shape: lambda: [c(*shape)])
        yield name, fn, x(2, 3, 12)
        for norm in ("forward", "backward", "ortho"):
            yield f"{name} {norm}", (lambda g, m: lambda t: g(t, norm=m))(fn, norm), x(2, 9)
        yield f"{name} axis", (lambda g: lambda t: g(t, dim=0))(fn), x(5, 3, 2)
        yield f"{name} axis from the end", (lambda g: lambda t: g(t, dim=-2))(fn), x(2, 5, 3)
        yield f"{name} longer", (lambda g: lambda t: g(t, 13))(fn), x(2, 6)
        yield f"{name} shorter", (lambda g: lambda t: g(t, n=4))(fn), x(2, 9)
        yield f"{name} of one", (lambda g: lambda t: g(t, n=1))(fn), x(2, 9)
        yield f"{name} rank 1", fn, x(7)
        yield f"{name} in two steps", fn, x(2, 360)
        yield f"{name} odd in two steps", (lambda g: lambda t: g(t, 315))(fn), x(1, 200)
        if not real_only:
            yield f"{name} of real", fn, lambda: [f(2, 8)]
    yield "rfft of whole numbers", fft.rfft, lambda: [i(2, 8)]
    yield "angles of long transforms", lambda t: (fft.rfft(t, dim=0).angle()[::180], fft.fft(t, dim=0).imag[::180]), lambda: [f(360, 20).round()]
    yield "rfft of a prime length", lambda t: fft.rfft(t, 263), lambda: [f(1, 263)]
    yield "fft of a long prime twice", lambda t: fft.fft(t, 526), lambda: [c(1, 526)]
    yield "rfft in three steps", lambda t: fft.rfft(t).abs(), lambda: [f(1, 17**3)]


def more_axes():
    for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
        two, all_ = getattr(fft, name + "2"), getattr(fft, name + "n")
        x = (lambda *shape: lambda: [f(*shape)]) if name in ("rfft", "ihfft") else (lambda *shape: lambda: [c(*shape)])
        yield f"{name}2", two, x(2, 4, 6)
        yield f"{name}2 ortho of axes", (lambda g: lambda t: g(t, dim=(0, 2), norm="ortho"))(two), x(5, 3, 4)
        yield f"{name}2 sizes", (lambda g: lambda t: g(t, s=(3, 8)))(two), x(2, 4, 6)
        yield f"{name}n", all_, x(3, 4, 5)
        yield f"{name}n axes in another order", (lambda g: lambda t: g(t, dim=(2, 0), norm="forward"))(all_), x(3, 4, 5)
        yield f"{name}n sizes", (lambda g: lambda t: g(t, s=(6, 4)))(all_), x(2, 5, 6)
        yield f"{name}n size of one", (lambda g: lambda t: g(t, s=(1, 1)))(all_), x(3, 4)
    yield "fftn of real", fft.fftn, lambda: [f(3, 4)]
    yield "fftn of no axis", lambda t: fft.fftn(t, dim=()), lambda: [f(3, 4)]
    yield "irfftn of an odd size", lambda t: fft.irfftn(t, s=(3, 7)), lambda: [c(3, 4)]
    yield "fftshift", lambda t: (fft.fftshift(t), fft.ifftshift(t, dim=1), fft.fftshift(t, dim=(0,))), lambda: [c(4, 5)]
    yield "fftfreq", lambda t: (t * fft.fftfreq(7, 0.5), fft.rfftfreq(12) + t), lambda: [f(7)]
    yield "a filter", lambda t: fft.irfft2(fft.rfft2(t) * torch.linspace(1, 0, 4), s=t.shape[-2:]), lambda: [f(1, 2, 6, 6)]


def signals():
    hann = torch.hann_window
    s = lambda t, *a, **k: torch.stft(t, *a, return_complex=True, **k)  # noqa: E731
    x = lambda: [f(2, 72)]  # noqa: E731
    yield "stft", lambda t: s(t, 16), x
    yield "stft of one signal", lambda t: s(t, 16, 5, window=hann(16)), lambda: [f(60)]
    yield "stft with a short window", lambda t: s(t, 16, 4, 10, hann(10)), x
    yield "stft not centered", lambda t: s(t, 15, 7, center=False, normalized=True), x
    yield "stft with both sides", lambda t: s(t, 16, 4, onesided=False), x
    yield "stft with constant pad", lambda t: s(t, 16, 4, pad_mode="constant"), x
    yield "stft as two numbers", lambda t: torch.view_as_real(s(t, 12, 3)), x
    yield "stft of complex", lambda t: s(t, 16, 4, onesided=False, window=hann(16)), lambda: [c(2, 40)]
    yield "stft with a computed window", lambda t, w: s(t, 16, 4, window=w), lambda: [f(2, 40), f(16)]
    yield "stft in steps of one", lambda t: s(t, 70, 1, center=False), x
    yield "stft of long frames", lambda t: s(t, 400, 160, window=hann(400)).abs().pow(2), lambda: [f(1, 1000)]
    spectrum = lambda *shape: lambda: [c(*shape)]  # noqa: E731
    yield "istft", lambda t: torch.istft(t, 16, window=hann(16)), spectrum(2, 9, 12)
    yield "istft of one signal", lambda t: torch.istft(t, 16, 5, window=torch.ones(16), length=50), spectrum(9, 12)
    yield "istft longer", lambda t: torch.istft(t, 16, 4, window=hann(16), length=90), spectrum(2, 9, 12)
    yield "istft not centered", lambda t: torch.istft(t, 15, 6, center=False, window=torch.ones(15), normalized=True), spectrum(2, 8, 6)
    yield "istft with a short window", lambda t: torch.istft(t, 16, 3, 12, torch.hamming_window(12)), spectrum(2, 9, 12)
    yield "istft to complex", lambda t: torch.istft(t, 16, 4, window=hann(16), onesided=False, return_complex=True), spectrum(2, 16, 9)
    yield "istft in steps of one", lambda t: torch.istft(t, 70, 1, window=hann(70)), spectrum(1, 36, 80)
    yield "there and back", lambda t: torch.istft(s(t, 32, 8, window=hann(32)), 32, 8, window=hann(32), length=t.shape[-1]), x
    yield "log spectrogram", lambda t: (s(t, 32, 8, window=hann(32)).abs() ** 2 + 1e-6).log10(), x
    yield "windows", lambda t: (t * hann(9), t * hann(9, False), t * torch.hamming_window(9), t * torch.hamming_window(9, False, 0.6, 0.4), t * torch.blackman_window(9)), lambda: [f(9)]
    yield "more windows", lambda t: (t * torch.blackman_window(9, False), t * torch.bartlett_window(9), t * torch.bartlett_window(9, False), t * torch.kaiser_window(9), t * torch.kaiser_window(9, False, 6.0)), lambda: [f(9)]


def arithmetic():
    z, zw, zr = (lambda: [c(2, 3, 4)]), (lambda: [c(2, 3, 4), c(3, 4)]), (lambda: [c(2, 3, 4), f(3, 1)])
    yield "complex", torch.complex, lambda: [f(2, 3), f(2, 3)]
    yield "polar", torch.polar, lambda: [f(2, 3, above=0.1), f(2, 3, spread=6)]
    yield "view_as_complex", lambda t: torch.view_as_complex(t) * 2, lambda: [f(2, 3, 2)]
    yield "view_as_real", torch.view_as_real, z
    yield "parts", lambda t: (t.real, t.imag, t.abs(), t.angle(), t.conj().imag, t.real + t.imag), z
    yield "angle of real", torch.angle, lambda: [f(2, 5)]
    yield "add", lambda t, u: (t + u, torch.add(t, u, alpha=3), t + 2, 2 + t, t + (1 - 2j)), zw
    yield "add real", lambda t, u: (t + u, u + t, t - u, u - t), zr
    yield "sub", lambda t, u: (t - u, u - t, t - 2, 2 - t, 1j - t, torch.sub(t, u, alpha=2)), zw
    yield "mul", lambda t, u: (t * u, t * 2.5, 1j * t, t * (1 - 2j)), zw
    yield "mul real", lambda t, u: (t * u, u * t), zr
    yield "mul whole numbers", lambda t, u: (t * u, t + u, t / u), lambda: [c(2, 3), i(2, 3, low=1)]
    yield "div", lambda t, u: (t / u, u / t, t / 2, 2 / t, t / (1 - 2j), t.reciprocal()), zw
    yield "div real", lambda t, u: (t / u, u / t), zr
    yield "div of very large numbers", lambda t, u: (t * 1e30) / (u * 1e30), zw
    yield "div of very small numbers", lambda t, u: (t * 1e-30) / (u * 1e-30), zw
    yield "a real number becomes complex", lambda t: (t * 1j, t + 1j, t.to(torch.complex64) * 2), lambda: [f(2, 3)]
    yield "neg, square, sgn", lambda t: (-t, t.square(), t.sgn()), z
    yield "functions", lambda t: (t.exp(), t.log(), t.sqrt()), z
    yield "pow", lambda t: (t**2, t**3, t**-1, t**0.5, t**1.5, t**0), z
    yield "conj", lambda t: (t.conj(), t.conj() * t, torch.conj_physical(t), t.mH), z
    far = lambda: [torch.tensor([[1e20, 1e20], [3e-25, 4e-25], [3e25, -4e25], [0.0, 0.0]])]  # noqa: E731
    yield "magnitudes whose squares leave float32", lambda t: (torch.view_as_complex(t).abs() / t[:, 0].clamp(min=1e-30), torch.view_as_complex(t).sgn()), far
    yield "logarithms whose squares leave float32", lambda t: torch.view_as_complex(t[:3]).log(), far
    yield "roots near the axis", lambda t: [p[i] for p in (torch.view_as_complex(t).sqrt().real, torch.view_as_complex(t).sqrt().imag) for i in range(4)], lambda: [torch.tensor([[1e6, 100.0], [-1e6, 50.0], [1000.0, -0.1], [-4.0, -0.0]])]
    yield "magnitude by hand", lambda t: (t.real**2 + t.imag**2).sqrt(), z
    yield "power of a spectrum", lambda t: fft.rfft(t).abs().pow(2).sum(-1), lambda: [f(2, 16)]
    yield "equal", lambda t, u: (t == u, t != u, (t * 0) == 0, torch.isfinite(t), torch.isnan(t), torch.isinf(t)), zw
    yield "where", lambda t, u: (torch.where(t.real > 0, t, u), torch.where(t.imag > 0, t, t.conj()), t.masked_fill(t.real > 0, 2.0)), zw
    yield "sums", lambda t: (t.sum(), t.sum(1), t.mean((0, -1), keepdim=True), t.mean(), t.cumsum(-1), t.norm(), t.sum(dim=(0, 1, 2))), z
    yield "products", lambda t, u: (t @ u, torch.matmul(t[0], u), torch.bmm(t, t.mT)), lambda: [c(2, 3, 4), c(4, 5)]
    yield "mv and dot", lambda t, u: (t.mv(u), torch.dot(t[0], u), torch.vdot(t[0], u), torch.outer(t[0], u)), lambda: [c(3, 4), c(4)]
    yield "addmm", lambda t, u, v: (torch.addmm(t, u, v), torch.addmm(t, u, v, beta=2, alpha=3)), lambda: [c(2, 4), c(2, 3), c(3, 4)]
    yield "einsum", lambda t, u: (torch.einsum("bix,iox->box", t, u), torch.einsum("bix->bx", t)), lambda: [c(2, 3, 4), c(3, 5, 4)]
    yield "linear", torch.nn.functional.linear, lambda: [c(2, 3), c(4, 3), c(4)]
    yield "without axes", lambda t: (t.sum() * 2, t.sum().abs(), t.sum().reshape(1), t.sum().flatten(), t.sum() / t.mean()), z
    yield "types", lambda t: (t * 2 if t.is_complex() else t, t if t.is_floating_point() else -t, t.to(torch.complex128), t.real.to(t.dtype), t.type_as(t)), z


def shapes():
    z, zw = (lambda: [c(2, 3, 4)]), (lambda: [c(2, 3, 4), c(2, 3, 4)])
    yield "reshape", lambda t: (t.reshape(6, -1), t.view(-1), t.flatten(1), t.flatten(), t.unflatten(-1, (2, 2)), t.view(t.size(0), -1)), z
    yield "permute", lambda t: (t.permute(2, 0, 1), t.permute(-1, 0, -2), t.transpose(-1, 0), t.mT, t[0].t(), t.movedim(-1, 0), t.swapaxes(0, -1)), z
    yield "squeeze", lambda t: (t.unsqueeze(-1), t.unsqueeze(0).squeeze(0), t[:1].squeeze(), t.unsqueeze(-2).squeeze(-2)), z
    yield "slice", lambda t: (t[..., 1:], t[:, ::2], t[0], t[:, -1], t.narrow(-1, 1, 2), t.select(-1, 0), t[..., None, :]), z
    yield "index", lambda t, k: (t[:, k], t.index_select(-1, k), t[k[:1]], t[..., k], t.gather(-1, k.expand(2, 3, 2))), lambda: [c(2, 3, 4), torch.tensor([2, 0])[:2] * 0 + torch.tensor([1, 0])]
    yield "cat", lambda t, u: (torch.cat([t, u], -1), torch.cat([t, u]), torch.stack([t, u], -1), torch.stack([t, u]), torch.cat([t, u.real], 1)), zw
    yield "split", lambda t: (*t.chunk(2, -1), *t.split([1, 3], 2), *t.unbind(-1), *t.tensor_split(2, 1)), z
    yield "expand", lambda t: (t[:1].expand(4, -1, -1), t.repeat(2, 1, 1), t.tile((2,)), t.repeat_interleave(2, -1), t[0].expand_as(t)), z
    yield "roll and flip", lambda t: (t.roll(1, -1), t.roll((1, 2), (0, -1)), t.roll(3), t.flip(-1), t.flip(0, 2)), z
    yield "pad", lambda t: (torch.nn.functional.pad(t, (1, 2)), torch.nn.functional.pad(t, (1, 0, 0, 2))), z
    yield "diagonal and unfold", lambda t: (t.diagonal(0, 1, 2), t.diagonal(1, -2, -1), t.unfold(-1, 2, 1), t.unfold(0, 2, 1)), z
    yield "triangles and corners", lambda t, k: (t[0].tril(), t[0].triu(1), t[0].trace(), torch.diag(t[0]), torch.diag(t[0, 0]), torch.rot90(t, 1, (-1, 0))), lambda: [c(2, 3, 4), f(1)]
    yield "add at places", lambda t, k: (t.index_add(-1, k, t[..., :2]), t.scatter_add(1, k.expand(2, 4, 2).mT, t[:, :2]), torch.take_along_dim(t, t.abs().argsort(1), 1)), lambda: [c(2, 3, 4), i(2, low=0, high=3)]
    yield "prod and lerp", lambda t, u: (t.prod(1), t.prod(-1, keepdim=True), torch.lerp(t, u, 0.3)), zw
    yield "like", lambda t: (torch.zeros_like(t) + t, torch.ones_like(t) * t, t.new_zeros(2) + t[0, 0, :2], torch.full_like(t, 2) + t, torch.zeros(4, dtype=torch.cfloat) + t), z
    yield "write into parts", lambda t: _write(t, lambda u: u.real.mul_(2)), z
    yield "write into view_as_real", lambda t: _write(t, lambda u: torch.view_as_real(u)[..., 1].zero_()), z
    yield "write into a slice", lambda t: _write(t, lambda u: u[:, 1:].mul_(1j)), z
    yield "write an element", lambda t: _write(t, lambda u: u[..., 0].copy_(u[..., 1] * 2)), z
    yield "write at places", lambda t: _write(t, lambda u: u[:, torch.tensor([0, 2])].mul(3), torch.tensor([2, 0])), z
    yield "fill", lambda t: (_write(t, lambda u: u.zero_()), _write(t, lambda u: u[0].fill_(2.0)), t * 1), z
    yield "in place", lambda t, u: (t * 1).add_(u).mul_(2).div_(u).sub_(1j), zw
    yield "real into complex", lambda t: _write(t, lambda u: u[0].copy_(u[1].real)), z


def _write(t, write, places=None):
    t = t.clone()
    value = write(t)
    if places is not None:
        t[:, places] = value
    return t


class Weights(torch.nn.Module):
    """Complex parameters, as layers in the frequency domain have them."""

    def __init__(self, split=False):
        super().__init__()
        self.split = split
        w = torch.randn(3, 5, 4, dtype=torch.cfloat) * 0.3
        self.w = torch.nn.Parameter(torch.view_as_real(w) if split else w)

    def forward(self, x):
        w = torch.view_as_complex(self.w) if self.split else self.w
        y = torch.einsum("bix,iox->box", fft.rfft(x)[..., :4], w)
        out = torch.zeros(x.shape[0], 5, x.shape[-1] // 2 + 1, dtype=torch.cfloat)
        out[:, :, :4] = y
        return fft.irfft(out, n=x.shape[-1])


class Filter(torch.nn.Module):
    """A global filter: the picture's spectrum times a weight."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.randn(6, 4, 3, 2) * 0.3)

    def forward(self, x):
        y = fft.rfft2(x, dim=(1, 2), norm="ortho") * torch.view_as_complex(self.weight)
        return fft.irfft2(y, s=(6, 6), dim=(1, 2), norm="ortho")


class Loop(torch.nn.Module):
    """Scripted: numbers with an imaginary part are literals, the branch is on a type."""

    def forward(self, x):
        y = torch.fft.rfft(x)
        if y.is_complex():
            y = y * 1j + (2 - 3j)
        for k in range(2):
            y[..., k] = y[..., k] * complex(0.5, -1.5)
        return torch.abs(y), torch.view_as_real(y)


def networks():
    yield "complex parameters", Weights, lambda: [f(2, 3, 8)]
    yield "parameters as two numbers", lambda: Weights(True), lambda: [f(2, 3, 8)]
    yield "global filter", Filter, lambda: [f(2, 6, 6, 3)]
    yield "scripted literals", Loop, lambda: [f(2, 8)]


def all_complex():
    for group in (one_axis, more_axes, signals, arithmetic, shapes):
        for name, fn, inputs in group():
            yield f"{group.__name__.replace('_', ' ')}: {name}", fn, inputs
