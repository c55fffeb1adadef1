class M(Module):
  __parameters__ = []
  training : bool
  def forward(self: __torch__.M,
    x: Tensor) -> Tensor:
    a = torch.flatten(x)
    b = torch.unsqueeze(torch.squeeze(torch.reshape(a, [1, -1]), 0), 0)
    c = torch.permute(torch.expand(b, [3, -1]), [1, 0])
    return torch.transpose(torch.pad(c, [1, 2, 0, 1]), 0, -1)
