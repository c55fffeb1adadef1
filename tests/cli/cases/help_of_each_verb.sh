# SPDX-License-Identifier: Apache-2.0
for verb in inspect convert run check bench compare strip ops doctor; do inchip $verb --help || exit; done
