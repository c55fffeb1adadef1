class Block(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  _is_full_backward_hook : Optional[bool]
  residual : bool
  body : __torch__.torch.nn.modules.container.___torch_mangle_226.Sequential
  def forward(self: __torch__.digit_models.___torch_mangle_227.Block,
    x: Tensor) -> Tensor:
    body = self.body
    y = (body).forward(x, )
    residual = self.residual
    if residual:
      y0 = torch.add(y, x)
    else:
      y0 = y
    return y0
