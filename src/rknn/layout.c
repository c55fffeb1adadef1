/* SPDX-License-Identifier: Apache-2.0
 *
 * The layouts that programs for the vendor's library were compiled with, on 64-bit machines and on ARM with 32 bits (where 64-bit numbers
 * are 8-byte aligned too).
 */
#include "rknn_api.h"

#include <stddef.h>

#define SIZE(type, bytes64, bytes32) _Static_assert(sizeof(type) == (sizeof(void *) == 8 ? (bytes64) : (bytes32)), "size of " #type)
#define AT(type, field, at64, at32)                                                                                                \
    _Static_assert(offsetof(type, field) == (sizeof(void *) == 8 ? (at64) : (at32)), "place of " #field " in " #type)

#if defined(__arm__) || defined(__LP64__)
SIZE(rknn_context, 8, 4);
SIZE(rknn_query_cmd, 4, 4);
SIZE(rknn_tensor_type, 4, 4);
SIZE(rknn_tensor_qnt_type, 4, 4);
SIZE(rknn_tensor_format, 4, 4);
SIZE(rknn_tensor_mem_flags, 4, 4);

SIZE(rknn_input_output_num, 8, 8);

SIZE(rknn_tensor_attr, 360, 360);
AT(rknn_tensor_attr, n_dims, 4, 4);
AT(rknn_tensor_attr, dims, 8, 8);
AT(rknn_tensor_attr, name, 72, 72);
AT(rknn_tensor_attr, n_elems, 328, 328);
AT(rknn_tensor_attr, size, 332, 332);
AT(rknn_tensor_attr, fmt, 336, 336);
AT(rknn_tensor_attr, type, 340, 340);
AT(rknn_tensor_attr, qnt_type, 344, 344);
AT(rknn_tensor_attr, fl, 348, 348);
AT(rknn_tensor_attr, zp, 352, 352);
AT(rknn_tensor_attr, scale, 356, 356);

SIZE(rknn_perf_detail, 16, 16);
AT(rknn_perf_detail, data_len, 8, 8);
SIZE(rknn_perf_run, 8, 8);
SIZE(rknn_sdk_version, 512, 512);
AT(rknn_sdk_version, drv_version, 256, 256);

SIZE(rknn_tensor_mem, 48, 40);
AT(rknn_tensor_mem, physical_addr, 8, 8);
AT(rknn_tensor_mem, fd, 16, 16);
AT(rknn_tensor_mem, size, 20, 20);
AT(rknn_tensor_mem, handle, 24, 24);
AT(rknn_tensor_mem, priv_data, 32, 28);
AT(rknn_tensor_mem, reserved_flag, 40, 32);

SIZE(rknn_input, 32, 24);
AT(rknn_input, buf, 8, 4);
AT(rknn_input, size, 16, 8);
AT(rknn_input, pass_through, 20, 12);
AT(rknn_input, type, 24, 16);
AT(rknn_input, fmt, 28, 20);

SIZE(rknn_output, 24, 16);
AT(rknn_output, is_prealloc, 1, 1);
AT(rknn_output, index, 4, 4);
AT(rknn_output, buf, 8, 8);
AT(rknn_output, size, 16, 12);

SIZE(rknn_run_extend, 8, 8);
SIZE(rknn_output_extend, 8, 8);
SIZE(rknn_precompile, 16, 8);
AT(rknn_precompile, data_len, 8, 4);
#endif
