class M(Module):
  __parameters__ = []
  training : bool
  def forward(self: __torch__.M,
    x: Tensor) -> Tensor:
    a = torch.arange(6, dtype=4, layout=0, device=torch.device("cpu"), pin_memory=False)
    b = torch.mul(a, 2)
    c = torch.floor_divide(b, 3)
    d = int(torch.sum(c))
    e = torch.index_select(torch.flatten(x), 0, c)
    return torch.div(torch.pow(e, 2), float(d))
