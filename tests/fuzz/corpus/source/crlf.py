class M(Module):
  x : int
  def forward(self, x):
    return x
