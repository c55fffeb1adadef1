/* SPDX-License-Identifier: Apache-2.0
 *
 * A program: what a compiler emits, what simulator and runtimes run. Specified in docs/program.md. Tensors are a table;
 * steps name them by index. A step's arguments are a struct of 32-bit words only, listed field by field in
 * program/steps.def, from which the struct, its encoding, its printing and its field names are all made.
 */
#ifndef IC_PROGRAM_PROGRAM_H
#define IC_PROGRAM_PROGRAM_H

#include "arith/arith.h"
#include "arith/integers.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/status.h"

#define IC_PROGRAM_ABI 1 /* of the encoding and of the meaning of every step */
#define IC_MAX_RANK 8
#define IC_PROFILE_CPU 1 /* numeric profile: docs/arithmetic.md */

enum ic_space {
    IC_SPACE_NONE = 0,   /* no memory (an absent optional operand points at tensor 0, which is this) */
    IC_SPACE_CONST = 1,  /* in the constants section, used from the mapping */
    IC_SPACE_ARENA = 2,  /* in the activation arena */
    IC_SPACE_INPUT = 3,  /* the i_io-th input's buffer, offset 0 or a view inside it */
    IC_SPACE_OUTPUT = 4, /* the i_io-th output's buffer */
    IC_SPACE_COUNT
};

/* Tensor 0 is always {IC_SPACE_NONE}: "no operand". dims are in memory order, row-major, dims[0] slowest. Two tensors may
 * overlap in memory (views, in-place results). A constant that is packed has rank 1 and its size in bytes as given;
 * the step that uses it says how. */
struct ic_tensor {
    uint32_t dtype; /* enum ic_dtype */
    uint32_t space; /* enum ic_space */
    uint32_t i_io;
    uint32_t rank;
    int32_t dims[IC_MAX_RANK];
    uint64_t offset_bytes; /* multiple of 64 for const and arena tensors that are not views */
    uint64_t size_bytes;
    float scale; /* 0: not quantized. real = (q - zero) * scale */
    int32_t zero;
    uint32_t name;   /* offset into the program's text block; the user's name through fusion, "" when none */
    uint32_t layout; /* enum ic_layout: how dims map to the user's axes (for compare and for people) */
};

enum ic_layout { IC_LAYOUT_PLAIN = 0, IC_LAYOUT_NHWC = 1 /* dims are n h w c; the user's order is n c h w */ };

/* One network input or output. The tensor it names has the user's own rank, dims and order (edge conversions are steps). */
struct ic_io {
    uint32_t tensor;
    uint32_t name;       /* text offset: the user's name ("x") */
    uint32_t user_dtype; /* dtype that the user's network had (f32 for a net built as f16 or u8) */
    uint32_t format;     /* 0 undefined, 1 NCHW, 2 NHWC: the user's 4-D order */
    uint32_t mean;       /* const f32 tensor [channels] or 0: subtracted from a picture-like input by the face */
    uint32_t std;        /* const f32 tensor [channels] or 0: then divided by */
    uint32_t reorder;    /* 0: keep; 1: reverse 3 channels first */
    uint32_t face_name;  /* text offset: name by the drop-in's rule ("x.1_0"); "" when none */
};

/* ---- step kinds ---- */
enum ic_step_kind {
    IC_STEP_NONE = 0,
#define STEP(NUMBER, NAME, name) IC_STEP_##NAME = NUMBER,
#include "program/each_kind.inc"
    IC_STEP_KIND_COUNT
};

#define STEP(NUMBER, NAME, name) struct ic_step_##name {
#define TENSOR(field) uint32_t field;
#define I32(field) int32_t field;
#define U32(field) uint32_t field;
#define F32(field) float field;
#define I32_ARRAY(field, n) int32_t field[n];
#define STEP_END(name)                                                                                                             \
    }                                                                                                                              \
    ;
#include "program/steps.def"

/* values of U32 fields */
enum ic_arith_mode { IC_ARITH_F32 = 0, IC_ARITH_S32 = 1 /* integers, s32 sums proved exact */, IC_ARITH_S64 = 2 };
enum ic_round { IC_ROUND_NONE = 0, IC_ROUND_F16 = 1 };
enum ic_reduce_op {
    IC_REDUCE_SUM = 0,
    IC_REDUCE_MEAN = 1,
    IC_REDUCE_MAX = 2,
    IC_REDUCE_MIN = 3,
    IC_REDUCE_PROD = 4,
    IC_REDUCE_COUNT
};
enum ic_scatter_fn { IC_SCATTER_SET, IC_SCATTER_ADD, IC_SCATTER_MUL, IC_SCATTER_MAX, IC_SCATTER_MIN, IC_SCATTER_COUNT };
enum ic_pool_op { IC_POOL_MAX = 0, IC_POOL_AVG = 1, IC_POOL_COUNT };
/* contract.flags */
enum {
    IC_CONTRACT_HAS_M128 = 1u << 0,    /* w holds -128: kernels that need -127..127 must not take it */
    IC_CONTRACT_RESERVED = 1u << 1,    /* files of 0.1.0 carry it, nothing reads it: never give it a meaning */
    IC_CONTRACT_NO_UNDERFLOW = 1u << 2 /* float: proved that no product or sum can be denormal (RISC-V skips its flush) */
};

struct ic_step {
    uint32_t kind;    /* enum ic_step_kind */
    uint32_t name;    /* text offset: the user's name of what this step computes, fused parts joined by " + " */
    const void *args; /* struct ic_step_<name>, in the program's arena */
};

struct ic_program {
    uint32_t profile;     /* IC_PROFILE_... */
    uint32_t needs;       /* IC_CPU_... flags without which the named target's packing makes no sense; 0 for generic */
    char target[24];      /* "generic", "rv1109" ...: NUL padded */
    uint64_t arena_bytes; /* activation arena, 64-byte aligned */
    uint64_t const_bytes;
    const uint8_t *consts; /* lent: the constants section, 64-byte aligned when mapped from a container */
    uint32_t n_tensors, n_inputs, n_outputs, n_steps, text_bytes;
    struct ic_tensor *tensors;
    struct ic_io *inputs, *outputs;
    struct ic_step *steps;
    const char *text;      /* NUL-terminated strings; offset 0 is "" */
    struct ic_arena arena; /* owns the tables above (not consts) */
};

static inline const char *ic_program_text(const struct ic_program *p, uint32_t offset)
{
    return p->text + offset;
}

size_t ic_step_args_bytes(uint32_t kind); /* sizeof the struct; 0 for an unknown kind */
const char *ic_step_kind_name(uint32_t kind);

/* Canonical little-endian bytes of everything but the constants; deterministic. */
enum ic_status ic_program_encode(const struct ic_program *p, struct ic_writer *w, struct ic_diag *d) IC_MUST_USE;

/* Decodes untrusted bytes, then runs ic_program_check. consts stay lent. On failure nothing is owned. An unknown step kind is
 * IC_ERR_ABI naming the number and the program ABI needed. */
enum ic_status ic_program_decode(const void *bytes, size_t size_bytes, const uint8_t *consts, size_t const_bytes,
                                 struct ic_program *out_p, struct ic_diag *d) IC_MUST_USE;

/* Everything a kernel relies on: every index, dtype, dim, range, stride, packing size, that each access of each step stays in its
 * tensor and each tensor in its space. After it, running checks nothing. */
enum ic_status ic_program_check(const struct ic_program *p, struct ic_diag *d) IC_MUST_USE;

/* IC_ERR_MEMORY when activations, inputs, outputs and the caller's scratch are more than the machine has, naming all; before anything is
 * allocated. */
enum ic_status ic_program_check_memory(const struct ic_program *p, uint64_t scratch_bytes, struct ic_diag *d) IC_MUST_USE;

/* The listing that people read (inspect --steps), golden tests compare. */
void ic_program_print(const struct ic_program *p, struct ic_writer *w);

void ic_program_destroy(struct ic_program *p); /* zeroed is fine */

/* Elements of a packed weight matrix: see docs/program.md, "packing". n_oc rows of n_k, per group; blocks oc_block x k_block. */
static inline size_t ic_packed_elements(int32_t n_oc, int32_t n_k, uint32_t oc_block, uint32_t k_block)
{
    const size_t oc = ((size_t)n_oc + oc_block - 1) / oc_block * oc_block;
    const size_t k = ((size_t)n_k + k_block - 1) / k_block * k_block;
    return oc * k;
}
/* Where row o, column k of one group's matrix stands: [oc / oc_block][k / k_block][oc_block][k_block]. */
static inline size_t ic_packed_index(int32_t o, int32_t k, int32_t n_k, uint32_t oc_block, uint32_t k_block)
{
    const size_t k_blocks = ((size_t)n_k + k_block - 1) / k_block;
    const size_t bo = (size_t)o / oc_block, io = (size_t)o % oc_block;
    const size_t bk = (size_t)k / k_block, ik = (size_t)k % k_block;
    return ((bo * k_blocks + bk) * oc_block + io) * k_block + ik;
}

#endif
