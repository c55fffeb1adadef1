# SPDX-License-Identifier: Apache-2.0
"""Convert logistic.pt, run it on the simulator: the script that an RKNN-Toolkit 1.x user has.

Uncomment the lines marked "board" (and comment the ones above them) for the pre-compiled model of the board: it runs on the
simulator too, so the exit(0) is no longer needed. test_pre_compile.py is this file with them uncommented.

The export stands twice, as in the original: it writes the same bytes twice.
"""

import numpy as np
from rknn.api import RKNN

try:
    import cv2
except ImportError:  # no OpenCV is needed: inchip reads pictures as cv2.imread does
    import inchip as cv2

if __name__ == '__main__':
    rknn = RKNN()

    # pre-process config
    print('--> Config model')
    rknn.config(target_platform='rv1109')
    print('done')

    # Load model
    print('--> Loading model')
    ret = rknn.load_pytorch(model='./logistic.pt', input_size_list=[[784]])
    if ret != 0:
        print('Load model failed!')
        exit(ret)
    print('done')

    # Build model
    print('--> Building model')
    # ret = rknn.build(do_quantization=False, dataset='./dataset.txt', pre_compile=True)  # board
    ret = rknn.build(do_quantization=False, dataset='./dataset.txt')
    if ret != 0:
        print('Build model failed!')
        exit(ret)
    print('done')

    # Export RKNN model
    print('--> Export RKNN model')
    # ret = rknn.export_rknn('./logistic_pre_compile.rknn')  # board
    ret = rknn.export_rknn('./logistic.rknn')
    if ret != 0:
        print('Export logistic.rknn failed!')
        exit(ret)
    print('done')

    # Export RKNN model
    print('--> Export RKNN model')
    # ret = rknn.export_rknn('./logistic_pre_compile.rknn')  # board
    ret = rknn.export_rknn('./logistic.rknn')
    if ret != 0:
        print('Export logistic.rknn failed!')
        exit(ret)
    print('done')
    # exit(0)

    # Set inputs
    img = cv2.imread('./9.png')
    img = img[:, :, 0]
    img.reshape(-1)

    # init runtime environment
    print('--> Init runtime environment')
    ret = rknn.init_runtime()
    if ret != 0:
        print('Init runtime environment failed')
        exit(ret)
    print('done')

    # Inference
    print('--> Running model')
    outputs = rknn.inference(inputs=[img])
    print(outputs)
    re = np.where(outputs == np.max(outputs))
    print(re[2])
    print('done')

    rknn.release()
