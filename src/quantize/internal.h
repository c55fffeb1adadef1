/* SPDX-License-Identifier: Apache-2.0
 *
 * Between the stages of one build type. Inside quantize/ only.
 */
#ifndef IC_QUANTIZE_INTERNAL_H
#define IC_QUANTIZE_INTERNAL_H

#include "ops/op.h"
#include "quantize/quantize.h"

/* Every float value becomes f16; biases stay f32, since sums are f32 (quantize/f16.c). */
enum ic_status ic_quantize_to_f16(struct ic_graph *g, struct ic_diag *d) IC_MUST_USE;

/* A quantized network's own codes: what stands between FakeQuantize nodes becomes integers. Nothing when there are none. */
enum ic_status ic_quantize_fake_quantize(struct ic_graph *g, struct ic_diag *d) IC_MUST_USE;

/* What one value was seen to hold. */
struct ic_quant_range {
    float lo, hi;
    bool seen;
};
/* Includes x; NaN and Inf are the caller's to refuse. */
void ic_quantize_widen(struct ic_quant_range *r, float x);

/* scale and zero point of the u8 codes that hold lo .. hi and 0: real = (q - zero) * scale. */
struct ic_quant_params {
    float scale;
    int32_t zero;
};
struct ic_quant_params ic_quantize_pick_params(const struct ic_quant_range *r);

/* Fused functions that integers cannot end in become Map nodes of their own: their input needs a range too. */
enum ic_status ic_quantize_split_ends(struct ic_graph *g, struct ic_diag *d) IC_MUST_USE;

/* Runs g on the data set; ranges[id] of each computed f32 value. Values that only move bits may stay unseen. */
enum ic_status ic_quantize_observe(const struct ic_graph *g, const struct ic_quantize_options *options,
                                   struct ic_executor *executor, struct ic_quant_range *ranges, struct ic_diag *d) IC_MUST_USE;

/* Rewrites g to integers; ranges[id] as observed. */
enum ic_status ic_quantize_to_codes(struct ic_graph *g, struct ic_quant_range *ranges, struct ic_diag *d) IC_MUST_USE;

/* Float inputs enter as u8 codes: of the network's own Quantize nodes behind them, or of a picture's bytes after mean and std. */
enum ic_status ic_quantize_code_inputs(struct ic_graph *g, enum ic_dtype codes, struct ic_diag *d) IC_MUST_USE;
/* Outputs that a Dequantize node makes leave as the codes it reads. */
enum ic_status ic_quantize_code_outputs(struct ic_graph *g, enum ic_dtype codes, struct ic_diag *d) IC_MUST_USE;

/* Inputs, and outputs, that are u8 codes become s8 codes, 128 less each; what is between stays. */
enum ic_status ic_quantize_signed_inputs(struct ic_graph *g, struct ic_diag *d) IC_MUST_USE;
enum ic_status ic_quantize_signed_outputs(struct ic_graph *g, struct ic_diag *d) IC_MUST_USE;

/* ---- constants (quantize/constants.c) ---- */
/* f32 constant v as u8 codes of params p. NULL: no memory. */
struct ic_value *ic_quantize_const_codes(struct ic_graph *g, const struct ic_value *v, struct ic_quant_params p);
/* Weights and bias of contraction n to s8 per output channel and s32; x and y are its quantized input and output. */
enum ic_status ic_quantize_weights(struct ic_graph *g, struct ic_node *n, struct ic_quant_params x, struct ic_quant_params y,
                                   struct ic_diag *d) IC_MUST_USE;

#endif
