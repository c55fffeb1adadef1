/* SPDX-License-Identifier: Apache-2.0
 *
 * The serialized form of a graph, as ir/encode.c writes and ir/decode.c reads it. Little-endian, no padding:
 *
 *   u32 version, n_values, n_nodes, n_inputs, n_outputs, text_bytes, name (text offset); text block (NUL-terminated strings, offset 0 is "")
 *   value: u32 name; u8 dtype, rank, layout, round; i32 dims[rank]; u32 n_scales, and when not 0: i32 axis, i32 zero, f32 scales[n_scales];
 *          u64 place of its data in the constants, or IC_GRAPH_COMPUTED
 *   node:  u32 op, name, n_inputs; u32 input values (IC_GRAPH_ABSENT: none); u32 n_outputs; u32 output values; u32 n_attrs, each: u8 kind,
 *          then i64 (INT, ENUM), f64 bits (FLOAT) or u32 n and i64[n] (INTS); u32 round_mid, fn; f32 a, b; origin: u32 module path, file,
 *          source op; i32 line
 *   input, output: u32 value, format, user dtype, face name, reorder, n_channels; f32 mean[n_channels], std[n_channels]
 *
 * A graph of a later version, or with operators or attributes that this one does not know, is refused by IC_ERR_ABI.
 */
#ifndef IC_IR_SERIALIZED_H
#define IC_IR_SERIALIZED_H

#define IC_GRAPH_VERSION 1u
#define IC_GRAPH_ABSENT 0xffffffffu
#define IC_GRAPH_COMPUTED UINT64_MAX
#define IC_GRAPH_CONST_ALIGN 64

/* The fewest bytes that one of them takes: counts are checked against the bytes that are left before memory is asked for. */
enum { IC_GRAPH_VALUE_BYTES = 20, IC_GRAPH_NODE_BYTES = 52, IC_GRAPH_IO_BYTES = 24 };

#endif
