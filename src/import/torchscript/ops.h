/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions behind the rows of aten_table.c. Each is called with arguments bound to its row's schema.
 */
#ifndef IC_IMPORT_TORCHSCRIPT_OPS_H
#define IC_IMPORT_TORCHSCRIPT_OPS_H

#include "import/torchscript/aten.h"
#include "import/torchscript/report.h"

enum { IC_TS_ROW_ALPHA = 8 /* arg 2 is alpha */ };

ic_ts_op_fn
    /* ops_math.c */
    ic_ts_op_binary,
    ic_ts_op_rsub, ic_ts_op_div_mode, ic_ts_op_addcmul, ic_ts_op_map, ic_ts_op_map_with, ic_ts_op_clamp, ic_ts_op_gelu,
    ic_ts_op_softplus, ic_ts_op_elu, ic_ts_op_prelu, ic_ts_op_square, ic_ts_op_log_sigmoid, ic_ts_op_reduce, ic_ts_op_reduce_pair,
    ic_ts_op_var, ic_ts_op_softmax,
    /* ops_product.c */
    ic_ts_op_linear, ic_ts_op_matmul, ic_ts_op_addmm, ic_ts_op_attention,
    /* ops_nn.c */
    ic_ts_op_conv, ic_ts_op_conv_same, ic_ts_op_convolution, ic_ts_op_max_pool, ic_ts_op_avg_pool, ic_ts_op_adaptive_avg,
    ic_ts_op_batch_norm,
    /* ops_norm.c */
    ic_ts_op_layer_norm, ic_ts_op_group_norm, ic_ts_op_instance_norm, ic_ts_op_dropout,
    /* ops_shape.c */
    ic_ts_op_view, ic_ts_op_view_as, ic_ts_op_reshape, ic_ts_op_flatten, ic_ts_op_unflatten, ic_ts_op_permute, ic_ts_op_transpose,
    ic_ts_op_t, ic_ts_op_reversed_axes, ic_ts_op_unsqueeze, ic_ts_op_squeeze, ic_ts_op_squeeze_all, ic_ts_op_select, ic_ts_op_slice,
    ic_ts_op_narrow, ic_ts_op_expand, ic_ts_op_expand_as, ic_ts_op_alias, ic_ts_op_contiguous, ic_ts_op_clone,
    /* ops_join.c */
    ic_ts_op_cat, ic_ts_op_stack, ic_ts_op_chunk, ic_ts_op_split, ic_ts_op_split_sizes, ic_ts_op_unbind, ic_ts_op_pad,
    ic_ts_op_pad_mode, ic_ts_op_repeat, ic_ts_op_roll, ic_ts_op_flip, ic_ts_op_pixel_shuffle, ic_ts_op_index_select, ic_ts_op_index,
    ic_ts_op_copy, ic_ts_op_fill, ic_ts_op_masked_fill, ic_ts_op_where, ic_ts_op_channel_shuffle,
    /* ops_create.c */
    ic_ts_op_full, ic_ts_op_filled, ic_ts_op_filled_like, ic_ts_op_new_filled, ic_ts_op_new_full, ic_ts_op_full_like,
    ic_ts_op_arange, ic_ts_op_tensor, ic_ts_op_num_to_tensor, ic_ts_op_to_dtype, ic_ts_op_to_device, ic_ts_op_to_options,
    ic_ts_op_to_other, ic_ts_op_to_copy, ic_ts_op_type_as, ic_ts_op_cast,
    /* ops_select.c */
    ic_ts_op_is_number, ic_ts_op_any, ic_ts_op_arg, ic_ts_op_top, ic_ts_op_cumulative, ic_ts_op_gather, ic_ts_op_scatter,
    ic_ts_op_triangle, ic_ts_op_scaled_map, ic_ts_op_atan2,
    /* ops_resample.c */
    ic_ts_op_upsample,
    /* ops_index.c */
    ic_ts_op_gather_batch, ic_ts_op_scatter_rows, ic_ts_op_nonzero, ic_ts_op_bits, ic_ts_op_is_known, ic_ts_op_refuse,
    ic_ts_op_not_empty, ic_ts_op_depth_weight,
    /* ops_einsum.c */
    ic_ts_op_einsum,
    /* ops_composed.c */
    ic_ts_op_conv_transpose, ic_ts_op_embedding, ic_ts_op_glu, ic_ts_op_softsign, ic_ts_op_repeat_interleave,
    /* ops_fused.c */
    ic_ts_op_weight_norm, ic_ts_op_meshgrid, ic_ts_op_hstack,
    /* ops_recurrent.c */
    ic_ts_op_lstm, ic_ts_op_gru, ic_ts_op_packed, ic_ts_op_gru_cell, ic_ts_op_lstm_cell,
    /* ops_python.c */
    ic_ts_op_scalar_binary, ic_ts_op_scalar_unary, ic_ts_op_is, ic_ts_op_not, ic_ts_op_contains, ic_ts_op_getitem, ic_ts_op_len,
    ic_ts_op_dim, ic_ts_op_size, ic_ts_op_numel, ic_ts_op_format, ic_ts_op_append, ic_ts_op_list, ic_ts_op_keys, ic_ts_op_extend,
    ic_ts_op_insert, ic_ts_op_pop, ic_ts_op_set_item, ic_ts_op_reverse, ic_ts_op_get, ic_ts_op_constant, ic_ts_op_nothing,
    ic_ts_op_raise, ic_ts_op_dtype, ic_ts_op_device, ic_ts_op_make_device, ic_ts_op_tensor_property, ic_ts_op_unwrap,
    ic_ts_op_min_max_list, ic_ts_op_number_of, ic_ts_op_find, ic_ts_op_celu,
    /* ops_core.c */
    ic_ts_op_core_batch_norm, ic_ts_op_core_layer_norm, ic_ts_op_core_group_norm, ic_ts_op_core_attention, ic_ts_op_core_dropout,
    ic_ts_op_write_copy, ic_ts_op_as_strided, ic_ts_op_may_share, ic_ts_op_taken_as_real,
    /* also ops_python.c */
    ic_ts_op_slice_list, ic_ts_op_device_type, ic_ts_op_make_dict,
    /* ops_quantized.c */
    ic_ts_op_quantize_per_tensor, ic_ts_op_dequantize, ic_ts_op_prepack, ic_ts_op_quantized_layer, ic_ts_op_dynamic_layer,
    ic_ts_op_quantized_binary, ic_ts_op_quantized_cat, ic_ts_op_quantized_map,
    /* complex.c */
    ic_ts_op_view_as_real, ic_ts_op_view_as_complex, ic_ts_op_conj, ic_ts_op_fresh,
    /* ops_fourier.c */
    ic_ts_op_dft_factor, ic_ts_op_dft_dense, ic_ts_op_twiddles, ic_ts_op_window,
    /* ops_codes.c */
    ic_ts_op_to_codes, ic_ts_op_from_codes, ic_ts_op_noted_scales;

enum ic_status ic_ts_adaptive_average(struct ic_ts *ts, struct ic_ts_tensor *x, int32_t n_sizes, const int64_t *sizes,
                                      struct ic_ts_value *out) IC_MUST_USE;
enum ic_status ic_ts_batch_statistics(struct ic_ts *ts, struct ic_ts_value *arg, struct ic_ts_value *out) IC_MUST_USE;
/* An operator by name, from C: its table row is found as for a call in a model. */
enum ic_status ic_ts_call_op(struct ic_ts *ts, const char *ns, const char *name, struct ic_ts_value *values, int32_t n,
                             struct ic_ts_value *out) IC_MUST_USE;

#endif
