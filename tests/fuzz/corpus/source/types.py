class P(NamedTuple):
  a : Tensor
  b : List[Tuple[int, Optional[str]]]
class E(Enum):
  RED = 1
class M(Module):
  __parameters__ = ["w", ]
  __annotations__["0"] = __torch__.a.b.C
  n : Final[int] = 784
  def forward(self: __torch__.M,
    x: Tensor,
    k: float=1.0000000000000001e-05,
    s: str="a\"\n\x41\101") -> Dict[str, Tensor]:
    a, b, = torch.max(x, -1)
    i = -9223372036854775808
    while torch.lt(i, -inf):
      for j in range(3):
        pass
    if torch.__is__(a, None):
      return {"a": a, "b": (b,), }
    else:
      d = annotate(List[int], [])
    return {"c": (getattr(self, "0")).forward(x, )}
def f(x: Tensor) -> Tensor:
  # a comment
  return x
