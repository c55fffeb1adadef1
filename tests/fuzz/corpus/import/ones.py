class M(Module):
  __parameters__ = []
  training : bool
  def forward(self: __torch__.M,
    x: Tensor) -> Tensor:
    return torch.masked_fill(x, torch.eq(torch.ones([6], dtype=6), 1), -inf)
