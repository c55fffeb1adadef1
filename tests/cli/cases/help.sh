# SPDX-License-Identifier: Apache-2.0
inchip --help
