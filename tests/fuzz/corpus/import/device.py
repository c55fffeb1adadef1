class M(Module):
  __parameters__ = []
  training : bool
  def forward(self: __torch__.M,
    x: Tensor) -> Tensor:
    return torch.to(torch.to(x, torch.device("cuda:0"), 6), 5, False, False, None)
