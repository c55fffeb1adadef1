# SPDX-License-Identifier: Apache-2.0
# What is missing for an emulated run is said before the model is looked at.
tool=$(command -v inchip)
PATH=/nonexistent "$tool" run a.ic --input "$EXAMPLE/9.png" --on qemu:cortex-a7
PATH=/nonexistent "$tool" run a.ic --input "$EXAMPLE/9.png" --on qemu:cortex-a78
PATH=/nonexistent "$tool" run a.ic --input "$EXAMPLE/9.png" --on moon
mkdir bin; printf '#!/bin/sh\n' >bin/qemu-arm; /bin/chmod +x bin/qemu-arm
PATH=$PWD/bin INCHIP_RUNNER=$EXAMPLE/9.png "$tool" run a.ic --input "$EXAMPLE/9.png" --on qemu:rv1126
PATH=$PWD/bin INCHIP_RUNNER=nowhere "$tool" run a.ic --input "$EXAMPLE/9.png" --on qemu:rv1126
