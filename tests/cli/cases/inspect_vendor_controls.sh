# SPDX-License-Identifier: Apache-2.0
# What a vendor's file calls its members goes to a terminal, which must not obey it: ESC, DEL, and U+009B, which begins commands like ESC [.
zeros='\0\0\0\0\0\0\0\0'
printf "RKNN\\0\\0\\0\\0\\001\\0\\0\\0\\0\\0\\0\\0\\020\\0\\0\\0\\0\\0\\0\\0$zeros$zeros$zeros" >evil.rknn
printf '{"na\\u001b[31mme\302\233": "\\u001b]0;\177title\302\233"}' >>evil.rknn
inchip inspect evil.rknn
