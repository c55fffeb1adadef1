/* SPDX-License-Identifier: Apache-2.0
 *
 * The journey of a model as calls, for the faces (cli, public API): import, build, pack into a container, simulate. Host only.
 */
#ifndef IC_TOOLCHAIN_H
#define IC_TOOLCHAIN_H

#include "base/file.h"
#include "compile/compile.h"
#include "container/container.h"
#include "host_executor.h"
#include "import/import.h"
#include "optimize/optimize.h"
#include "quantize/quantize.h"
#include "runtime/session.h"
#include "sim/sim.h"

/* An imported network on its way. Owns the mapping that the graph's constants are lent from. */
struct ic_network {
    struct ic_file_map map;
    struct ic_beside *beside; /* files that the model keeps its weights in */
    struct ic_recognized recognized;
    struct ic_graph *graph;
    const char *path;      /* as it was given, for messages */
    const char *file_name; /* without folders: what the model file remembers of its source */
    bool built;
    enum ic_build_type type;
    int optimization_level;
    struct ic_arena arena;
};

enum ic_status ic_network_import(const char *path, const struct ic_import_options *options, struct ic_network **out_n,
                                 struct ic_diag *d) IC_MUST_USE;
/* bytes stay valid as long as the network; weights beside the model are refused. name is for messages and what the model file remembers. */
enum ic_status ic_network_import_bytes(const void *bytes, size_t size_bytes, const char *name,
                                       const struct ic_import_options *options, struct ic_network **out_n,
                                       struct ic_diag *d) IC_MUST_USE;
/* The same with room for batch samples at once, 1 or more: every input, which must begin with extent 1, begins with batch instead. IC_E_SHAPE_WRONG
 * when the network does not let it through to its outputs. */
enum ic_status ic_network_import_batch(const char *path, const struct ic_import_options *options, int32_t batch,
                                       struct ic_network **out_n, struct ic_diag *d) IC_MUST_USE;
void ic_network_destroy(struct ic_network *n);

/* Of one input; n_channels 0: mean 0 and std 1. */
struct ic_preprocessing {
    const float *mean, *std; /* [n_channels] */
    int32_t n_channels;
    uint32_t reorder;
};

struct ic_build_request {
    int optimization_level;
    struct ic_quantize_options quantize;
    const float *mean, *std; /* [n_channels], for every picture-like input; NULL: none */
    int32_t n_channels;
    uint32_t reorder;
    const struct ic_preprocessing *each; /* [n_each], one per input, instead of the four above; NULL: not */
    int32_t n_each;
    void (*after_pass)(void *user, const char *pass, const struct ic_graph *g); /* for --trace; NULL: not */
};
/* Optimizes and applies the build type: from then on the graph is the portable graph. Once. */
enum ic_status ic_network_build(struct ic_network *n, const struct ic_build_request *request, struct ic_diag *d) IC_MUST_USE;

struct ic_pack_request {
    const struct ic_target *target; /* NULL: portable only */
    bool keep_portable;             /* with a target: both */
    const char *options_text;       /* what the caller says of the options, for people; NULL: the command */
    const char *command;            /* of inchip convert, that makes the same; NULL: options_text is it */
};
/* The bytes of the model file. */
enum ic_status ic_network_pack(const struct ic_network *n, const struct ic_pack_request *request, struct ic_writer *out,
                               struct ic_diag *d) IC_MUST_USE;

/* The graph as it stands, as imported or as built, as an ONNX model. */
enum ic_status ic_network_export_onnx(const struct ic_network *n, struct ic_writer *out, struct ic_diag *d) IC_MUST_USE;

/* A container's program for the simulator or the host: the compiled section as it is, else its graph compiled for "generic" in memory.
 * out_consts holds constants made here (empty when they are lent from the container). */
enum ic_status ic_container_program(const struct ic_container *c, struct ic_program *out_p, struct ic_writer *out_consts,
                                    bool *out_was_portable, struct ic_diag *d) IC_MUST_USE;

#endif
