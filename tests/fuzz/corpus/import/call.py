class M(Module):
  __parameters__ = []
  training : bool
  def forward(self: __torch__.M,
    x: Tensor) -> Tensor:
    return __torch__.f(x, 2)
def f(x: Tensor,
    k: int) -> Tensor:
  return torch.mul(x, k)
