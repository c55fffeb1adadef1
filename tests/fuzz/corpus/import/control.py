class M(Module):
  __parameters__ = []
  training : bool
  def forward(self: __torch__.M,
    x: Tensor) -> Tensor:
    i = 0
    y = x
    while torch.lt(i, 3):
      y = torch.add(y, i)
      i = torch.add(i, 1)
    for j in range(2):
      y = torch.tanh(y)
    if torch.eq(torch.dim(x), 4):
      ops.prim.RaiseException("four")
    else:
      pass
    return y
