/* SPDX-License-Identifier: Apache-2.0
 *
 * Sizes of gathered rows in 8-bit contractions, needed by the inner loops before kernels/contract_u8.h.
 */
#ifndef IC_KERNELS_CONTRACT_U8_SIZES_H
#define IC_KERNELS_CONTRACT_U8_SIZES_H

enum { KB = 1024, ROW = KB + 32 /* keeps rows out of each other's cache sets */ };

#endif
