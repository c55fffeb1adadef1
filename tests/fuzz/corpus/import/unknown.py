class M(Module):
  __parameters__ = []
  training : bool
  def forward(self: __torch__.M,
    x: Tensor) -> Tensor:
    a = torch.frobnicate(x, 3)
    b, c, = torch.foo(a)
    return ops.my.bar([a, b], torch.linear(x, self.weight))
