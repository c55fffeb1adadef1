class DSNet(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  _is_full_backward_hook : Optional[bool]
  stem : __torch__.torch.nn.modules.container.___torch_mangle_220.Sequential
  blocks : __torch__.torch.nn.modules.container.___torch_mangle_256.ModuleList
  head : __torch__.torch.nn.modules.linear.___torch_mangle_257.Linear
  def forward(self: __torch__.digit_models.___torch_mangle_258.DSNet,
    x: Tensor) -> Tensor:
    stem = self.stem
    x0 = (stem).forward(x, )
    blocks = self.blocks
    _0 = getattr(blocks, "0")
    _1 = getattr(blocks, "1")
    _2 = getattr(blocks, "2")
    _3 = getattr(blocks, "3")
    _4 = getattr(blocks, "4")
    x1 = (_0).forward(x0, )
    x2 = (_1).forward(x1, )
    x3 = (_2).forward(x2, )
    x4 = (_3).forward(x3, )
    x5 = (_4).forward(x4, )
    x6 = torch.mean(x5, [2, 3])
    head = self.head
    return (head).forward(x6, )
