/* SPDX-License-Identifier: Apache-2.0
 *
 * From a trained network's file to a model file: import, build (optimize and quantize), save (portable, or compiled for a target),
 * simulate. In libinchip only; boards need inchip/runtime.h alone.
 *
 * Thread safety: a network or simulator is used by one thread at a time; different ones in different threads. inchip_free, the
 * inchip_target_ and inchip_file_ calls may be made from any thread.
 */
#ifndef INCHIP_TOOLCHAIN_H
#define INCHIP_TOOLCHAIN_H

#include "inchip/media.h"
#include "inchip/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct inchip_network inchip_network;     /* an imported network, later built */
typedef struct inchip_simulator inchip_simulator; /* runs a model file as the board will, in plain loops */

typedef struct inchip_input_shape {
    const char *name; /* NULL or "": by position */
    int32_t rank;     /* 0 .. INCHIP_MAX_RANK */
    int32_t dims[INCHIP_MAX_RANK];
    int32_t
        dtype; /* enum inchip_dtype; 0: float32. INCHIP_C64: dims are those of the complex tensor, the network's input is float32 with a last axis of 2
                    * more: real and imaginary part */
} inchip_input_shape;

typedef struct inchip_input_constant {
    const char *name;
    double value; /* of every element */
} inchip_input_constant;

typedef struct inchip_import_options {
    uint32_t struct_size; /* sizeof(inchip_import_options) */
    const inchip_input_shape *inputs;
    int32_t n_inputs;
    int32_t rank1_is_batch1; /* 1: an input given as [K] becomes [1, K] (the RKNN drop-in's rule) */
    /* ONNX: tensors or nodes that the results are taken from, in this order; other formats: some of the network's own outputs. An input named after a
     * tensor or node of an ONNX network starts the network there. 0: the network as it is. */
    const char *const *outputs;
    int32_t n_outputs;
    /* A file of weights by name (a state dict of torch.save, also within a checkpoint, or safetensors) that takes the place of the network's own: the
     * same names and shapes, none missing and none left over. NULL: its own. */
    const char *weights;
    int32_t
        n_constants; /* ONNX: inputs that are constants of the network from here on, such as a sample rate that a branch asks for */
    const inchip_input_constant *constants;
    const char *method; /* TorchScript: the method that is the network; NULL: forward */
} inchip_import_options;

/* The file's kind is recognized by content. options may be NULL. The log gets 'W' and 'I' lines. */
INCHIP_API int inchip_network_import(inchip_context *context, const char *path, const inchip_import_options *options,
                                     inchip_network **out_network);
/* As above, of a model in memory, which stays there as long as the network; name is for messages. Weights kept in files beside a model are refused. */
INCHIP_API int inchip_network_import_bytes(inchip_context *context, const void *bytes, size_t size_bytes, const char *name,
                                           const inchip_import_options *options, inchip_network **out_network);
INCHIP_API void inchip_network_destroy(inchip_network *network); /* NULL is fine */

/* What the network takes and gives; names are lent by it. Before a build as the source has it, after it as the model file will. */
INCHIP_API int32_t inchip_network_inputs(const inchip_network *network);
INCHIP_API int32_t inchip_network_outputs(const inchip_network *network);
INCHIP_API int inchip_network_input_info(const inchip_network *network, int32_t i, inchip_tensor_info *out_info);
INCHIP_API int inchip_network_output_info(const inchip_network *network, int32_t i, inchip_tensor_info *out_info);

/* The name of input i by the RKNN drop-in's rule ("x.1_0"); "" when there is none or i is out of range. Lent by the network. */
INCHIP_API const char *inchip_network_input_face_name(const inchip_network *network, int32_t i);

/* What a file says of its inputs without being imported: a JSON array [{"name","shape"}], shape null where the file does not fix it. */
INCHIP_API int inchip_file_inputs(inchip_context *context, const char *path, char *out_json, size_t capacity_bytes);
/* One-sentence recognition of any file ("TorchScript archive", "weights only ..."): format name to out_format. */
INCHIP_API int inchip_file_recognize(inchip_context *context, const char *path, char *out_format, size_t format_bytes,
                                     char *out_version, size_t version_bytes);

/* U8, S8: integers inside; inputs and outputs are uint8 codes, or the same codes less 128 as int8. */
enum inchip_build_type { INCHIP_BUILD_F32 = 0, INCHIP_BUILD_F16 = 1, INCHIP_BUILD_U8 = 2, INCHIP_BUILD_S8 = 3 };

/* Of one network input; n_channels 0: mean 0 and std 1. */
typedef struct inchip_preprocessing {
    const float *mean, *std; /* [n_channels] */
    int32_t n_channels;
    int32_t reorder; /* 1: swap first and third of three channels before mean and std */
} inchip_preprocessing;

typedef struct inchip_build_options {
    uint32_t struct_size;
    int32_t type;               /* enum inchip_build_type */
    const char *dataset;        /* calibration list: only opened for integers */
    int32_t optimization_level; /* 1 .. 3; 0: the default, 3; -1: none */
    /* Per network input, mean and std of the picture preprocessing: arrays [n_channels]; NULL: 0 and 1. */
    const float *mean;
    const float *std;
    int32_t n_channels;
    int32_t reorder;                                             /* 1: swap first and third of three channels before mean and std */
    void (*progress)(void *user, uint64_t done, uint64_t total); /* calibration samples; NULL: none */
    void *user;
    /* When not NULL it stands for mean, std, n_channels and reorder: one entry per network input. */
    const inchip_preprocessing *preprocessing;
    int32_t n_preprocessing;
    /* 0 or 1: as the network is. N: its inputs were imported with leading extent N, and a calibration sample is one of them, repeated. */
    int32_t batch;
    /* Of float builds, INCHIP_U8 or INCHIP_S8; 0: as they are. Inputs enter as codes: those that the network's own first Quantize nodes make, or a
     * picture's bytes. Outputs that the network dequantizes last leave as the codes. */
    int32_t input_codes;
    int32_t output_codes;
    /* What "inspect --command" calls the dataset; NULL: its file name. "<samples from memory>" of a list that is removed after the build. */
    const char *dataset_name;
} inchip_build_options;

/* Once per network. */
INCHIP_API int inchip_network_build(inchip_context *context, inchip_network *network, const inchip_build_options *options);

typedef struct inchip_save_options {
    uint32_t struct_size;
    const char *target;       /* NULL: a portable file; else compiled for that chip */
    int32_t keep_portable;    /* 1: both */
    const char *options_text; /* stored for people beside the command that "inspect --command" prints; NULL: that command alone */
} inchip_save_options;

/* Writes to a temporary name, then renames. */
INCHIP_API int inchip_network_save(inchip_context *context, inchip_network *network, const char *path,
                                   const inchip_save_options *options);
/* The same bytes in memory; free with inchip_free. */
INCHIP_API int inchip_network_save_memory(inchip_context *context, inchip_network *network, const inchip_save_options *options,
                                          void **out_bytes, size_t *out_size_bytes);
INCHIP_API void inchip_free(void *bytes);

/* Writes the network as an ONNX model of opset 17: as imported before a build, as built after it (codes as QuantizeLinear and DequantizeLinear,
 * float16 as casts). Inputs and outputs stay float32; mean, std and channel swap of the build are nodes. Temporary name, then renamed. */
INCHIP_API int inchip_network_export_onnx(inchip_context *context, const inchip_network *network, const char *path);

/* The JSON head of a model file, of ours; NUL-terminated, free with inchip_free. */
INCHIP_API int inchip_file_json(inchip_context *context, const char *path, char **out_json);

/* A picture as calibration reads it: what inchip_image_load reads, and JPEG. Free with inchip_image_free. */
INCHIP_API int inchip_picture_load(inchip_context *context, const char *path, int32_t channels, inchip_image *out_image);

/* Names of the targets, i from 0; NULL past the end. */
INCHIP_API const char *inchip_target_name(size_t i);
INCHIP_API const char *inchip_target_cpu(size_t i);  /* "Cortex-A7" */
INCHIP_API const char *inchip_target_note(size_t i); /* what of the chip is not used yet; "" */

/* The simulator runs a compiled section as it is; a portable file after compiling it in memory for "generic". */
INCHIP_API int inchip_simulator_open(inchip_context *context, const void *bytes, size_t size_bytes,
                                     inchip_simulator **out_simulator);
INCHIP_API void inchip_simulator_close(inchip_simulator *simulator);
INCHIP_API int32_t inchip_simulator_inputs(const inchip_simulator *simulator);
INCHIP_API int32_t inchip_simulator_outputs(const inchip_simulator *simulator);
INCHIP_API int inchip_simulator_input_info(const inchip_simulator *simulator, int32_t i, inchip_tensor_info *out_info);
INCHIP_API int inchip_simulator_output_info(const inchip_simulator *simulator, int32_t i, inchip_tensor_info *out_info);
INCHIP_API int inchip_simulator_set_input(inchip_context *context, inchip_simulator *simulator, int32_t i, const void *data,
                                          int32_t dtype, size_t count);
INCHIP_API int inchip_simulator_get_output(inchip_context *context, inchip_simulator *simulator, int32_t i, float *out_values,
                                           size_t count);
/* The buffer of input i: size_bytes in the stored form, for data that needs no conversion (pass-through). */
INCHIP_API void *inchip_simulator_input(inchip_simulator *simulator, int32_t i);
/* The stored bytes of output i (its dtype), for comparing with a board to the bit. */
INCHIP_API const void *inchip_simulator_output(const inchip_simulator *simulator, int32_t i);
/* Where NaN or an infinity arises first, a 'W' line names the input or layer. */
INCHIP_API int inchip_simulator_run(inchip_context *context, inchip_simulator *simulator);

#ifdef __cplusplus
}
#endif

#endif
