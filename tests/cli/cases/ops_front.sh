# SPDX-License-Identifier: Apache-2.0
inchip ops --front pytorch | grep -E "^aten::(arange|conv2d|linear|gru|where)$"
inchip ops --front onnx | grep -E "^(Conv|Einsum|com.microsoft.QGemm|LSTM)$"
inchip ops --front caffe
