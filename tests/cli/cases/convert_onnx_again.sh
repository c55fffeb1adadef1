# SPDX-License-Identifier: Apache-2.0
# What convert wrote may be written anew; a network of somebody else may not be replaced (inchip convert *.onnx).
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 -o ours.onnx && cp ours.onnx first.onnx
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 -o ours.onnx && cmp ours.onnx first.onnx && echo same
sed 's/inchip/python/' first.onnx >theirs.onnx
inchip convert ours.onnx theirs.onnx
