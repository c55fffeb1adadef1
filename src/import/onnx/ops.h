/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions behind the rows of table.c.
 */
#ifndef IC_IMPORT_ONNX_OPS_H
#define IC_IMPORT_ONNX_OPS_H

#include "import/onnx/onnx.h"

ic_onnx_op_fn
    /* ops_math.c */
    ic_onnx_op_map,
    ic_onnx_op_map_alpha, ic_onnx_op_hard_sigmoid, ic_onnx_op_selu, ic_onnx_op_celu, ic_onnx_op_gelu, ic_onnx_op_swish,
    ic_onnx_op_softsign, ic_onnx_op_thresholded_relu, ic_onnx_op_shrink, ic_onnx_op_not, ic_onnx_op_bitwise_not, ic_onnx_op_is_nan,
    ic_onnx_op_is_inf, ic_onnx_op_binary, ic_onnx_op_compare, ic_onnx_op_pow, ic_onnx_op_mod, ic_onnx_op_bit_shift,
    ic_onnx_op_variadic, ic_onnx_op_where, ic_onnx_op_prelu, ic_onnx_op_clip, ic_onnx_op_cast, ic_onnx_op_swiglu,
    ic_onnx_op_bit_cast,
    /* ops_shape.c */
    ic_onnx_op_identity, ic_onnx_op_dropout, ic_onnx_op_constant, ic_onnx_op_constant_of_shape, ic_onnx_op_shape, ic_onnx_op_size,
    ic_onnx_op_reshape, ic_onnx_op_flatten, ic_onnx_op_transpose, ic_onnx_op_squeeze, ic_onnx_op_unsqueeze, ic_onnx_op_concat,
    ic_onnx_op_split, ic_onnx_op_slice, ic_onnx_op_expand, ic_onnx_op_tile, ic_onnx_op_pad, ic_onnx_op_range, ic_onnx_op_eye_like,
    ic_onnx_op_depth_to_space, ic_onnx_op_space_to_depth, ic_onnx_op_center_crop_pad, ic_onnx_op_trilu,
    /* ops_index.c */
    ic_onnx_op_gather, ic_onnx_op_gather_elements, ic_onnx_op_gather_nd, ic_onnx_op_scatter_elements, ic_onnx_op_scatter_nd,
    ic_onnx_op_one_hot, ic_onnx_op_compress, ic_onnx_op_non_zero, ic_onnx_op_reverse_sequence, ic_onnx_op_arg, ic_onnx_op_top_k,
    ic_onnx_op_cumulative, ic_onnx_op_hardmax, ic_onnx_op_reduce, ic_onnx_op_softmax, ic_onnx_op_lp_normalization,
    ic_onnx_op_max_unpool, ic_onnx_op_tensor_scatter,
    /* ops_unique.c */
    ic_onnx_op_unique,
    /* ops_nn.c */
    ic_onnx_op_conv, ic_onnx_op_conv_transpose, ic_onnx_op_max_pool, ic_onnx_op_average_pool, ic_onnx_op_lp_pool,
    ic_onnx_op_global_pool, ic_onnx_op_batch_norm, ic_onnx_op_instance_norm, ic_onnx_op_layer_norm, ic_onnx_op_group_norm,
    ic_onnx_op_rms_norm, ic_onnx_op_lrn, ic_onnx_op_mean_variance, ic_onnx_op_gemm, ic_onnx_op_matmul, ic_onnx_op_einsum,
    ic_onnx_op_det, ic_onnx_op_attention, ic_onnx_op_rotary, ic_onnx_op_flex_attention,
    /* ops_state.c */
    ic_onnx_op_linear_attention, ic_onnx_op_causal_conv,
    /* ops_signal.c */
    ic_onnx_op_dft, ic_onnx_op_stft, ic_onnx_op_window, ic_onnx_op_mel_weights,
    /* ops_sampling.c */
    ic_onnx_op_roi_align, ic_onnx_op_deform_conv, ic_onnx_op_col2im,
    /* ops_nms.c */
    ic_onnx_op_nms,
    /* ops_trees.c */
    ic_onnx_op_binarizer, ic_onnx_op_array_features, ic_onnx_op_tf_idf, ic_onnx_op_tree_ensemble,
    /* ops_recurrent.c */
    ic_onnx_op_lstm, ic_onnx_op_gru, ic_onnx_op_rnn,
    /* ops_resize.c */
    ic_onnx_op_resize, ic_onnx_op_upsample, ic_onnx_op_affine_grid, ic_onnx_op_grid_sample,
    /* ops_quant.c */
    ic_onnx_op_quantize, ic_onnx_op_dequantize, ic_onnx_op_dynamic_quantize, ic_onnx_op_qlinear_conv, ic_onnx_op_qlinear_matmul,
    ic_onnx_op_matmul_integer, ic_onnx_op_conv_integer, ic_onnx_op_qlinear_binary, ic_onnx_op_qgemm, ic_onnx_op_qlinear_map,
    ic_onnx_op_qlinear_concat,
    /* ops_control.c */
    ic_onnx_op_if, ic_onnx_op_loop, ic_onnx_op_scan, ic_onnx_op_sequence_construct, ic_onnx_op_sequence_empty,
    ic_onnx_op_sequence_at, ic_onnx_op_sequence_length, ic_onnx_op_sequence_insert, ic_onnx_op_sequence_erase,
    ic_onnx_op_sequence_map, ic_onnx_op_split_to_sequence, ic_onnx_op_concat_from_sequence, ic_onnx_op_optional,
    ic_onnx_op_optional_has, ic_onnx_op_optional_get,
    /* ops_training.c */
    ic_onnx_op_training_step,
    /* ops_loss.c */
    ic_onnx_op_nll_loss, ic_onnx_op_cross_entropy;

/* ops_window.c: what Conv is, of floats, with the node's attributes */
struct ic_value *ic_onnx_convolution(struct ic_onnx *o, struct ic_value *x, struct ic_value *w, struct ic_value *bias);
/* Depthwise over one axis: x [batch channels length], w [channels 1 size] */
struct ic_value *ic_onnx_depthwise_1d(struct ic_onnx *o, struct ic_value *x, struct ic_value *w, struct ic_value *bias);
/* ops_index.c: over empty axes the neutral number */
struct ic_value *ic_onnx_reduce(struct ic_onnx *o, enum ic_op op, struct ic_value *x, uint32_t mask, bool keep);
/* ops_math.c */
struct ic_value *ic_onnx_hard_sigmoid(struct ic_build *b, struct ic_value *x, double alpha,
                                      double beta);                                         /* alpha x + beta in 0 .. 1 */
struct ic_value *ic_onnx_softsign(struct ic_build *b, struct ic_value *x);                  /* x / (1 + |x|) */
struct ic_value *ic_onnx_thresholded(struct ic_build *b, struct ic_value *x, double alpha); /* x > alpha ? x : 0 */
struct ic_value *ic_onnx_cast(struct ic_onnx *o, struct ic_value *x, int32_t to /* enum ic_onnx_type */, bool saturate);

#endif
