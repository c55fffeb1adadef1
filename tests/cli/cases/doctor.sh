# SPDX-License-Identifier: Apache-2.0
inchip doctor | sed -E "s/: .*/: .../; s/compiled by .*/compiled by .../; s/inchip [0-9.]+/inchip V/"
