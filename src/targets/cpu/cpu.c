/* SPDX-License-Identifier: Apache-2.0
 *
 * The CPU family: every step runs everywhere (kernels/ref), so only the packing of weights is chosen. A row of the table says what an
 * instruction set's kernels like; kernels/kernel.h says why.
 */
#include "base/os.h"
#include "targets/target.h"

#include <string.h>

struct packing {
    uint32_t oc_block, k_block;
};

/* The table of kernels/kernel.h; tests/unit/targets_packing.c sees that the fastest kernels take these. */
static const struct {
    const char *isa;
    struct packing floats, codes, depthwise_codes;
} packings[] = {
    {"generic", {1, 1}, {1, 1}, {1, 1}}, {"x86", {16, 1}, {16, 4}, {16, 1}}, {"armv7", {8, 1}, {8, 1}, {8, 1}},
    {"aarch64", {8, 1}, {8, 1}, {8, 1}}, {"riscv", {1, 1}, {1, 1}, {1, 1}},
};

static bool query(const struct ic_target *t, const struct ic_step *s, const struct ic_tensor *tensors, const char **reason)
{
    (void)t;
    (void)s;
    (void)tensors;
    *reason = "";
    return true;
}

static uint32_t profile(const struct ic_target *t)
{
    (void)t;
    return IC_PROFILE_CPU;
}

static bool is_depthwise(const struct ic_step_contract *s)
{
    return s->groups == s->ic && s->groups == s->oc;
}

static void lower(const struct ic_target *t, struct ic_step *s, const struct ic_tensor *tensors)
{
    (void)tensors;
    if (s->kind != IC_STEP_CONTRACT)
        return;
    struct ic_step_contract c = *(const struct ic_step_contract *)s->args;
    for (size_t i = 0; i < sizeof packings / sizeof *packings; i++) {
        if (strcmp(packings[i].isa, t->isa) != 0)
            continue;
        const bool codes = c.mode != IC_ARITH_F32;
        const struct packing p = !codes ? packings[i].floats : is_depthwise(&c) ? packings[i].depthwise_codes : packings[i].codes;
        c.oc_block = p.oc_block;
        c.k_block = p.k_block;
    }
    memcpy((void *)s->args, &c, sizeof c); /* the program is being built: its steps are still ours to change */
}

/* Rows and columns of the matrices that a contract step's weights are, and how many. */
struct matrices {
    int32_t n, rows, columns;
};

static struct matrices matrices_of(const struct ic_step_contract *s)
{
    const int32_t icg = s->ic / s->groups, ocg = s->oc / s->groups;
    if (is_depthwise(s))
        return (struct matrices){1, s->oc, s->kh * s->kw};
    return (struct matrices){s->groups, ocg, s->kh * s->kw * icg};
}

/* Row o of one matrix between source order and its packing; bytes is 1, 2 or 4. packed and plain are the matrix's own. */
struct row {
    size_t bytes;
    int32_t o, columns;
    uint32_t oc_block, k_block;
};

static void move_row(const struct row *r, uint8_t *packed, uint8_t *plain, bool to_packed)
{
    for (int32_t k = 0; k < r->columns; k += (int32_t)r->k_block) {
        const int32_t n = r->columns - k < (int32_t)r->k_block ? r->columns - k : (int32_t)r->k_block;
        uint8_t *p = packed + ic_packed_index(r->o, k, r->columns, r->oc_block, r->k_block) * r->bytes;
        uint8_t *q = plain + ((size_t)r->o * (size_t)r->columns + (size_t)k) * r->bytes;
        if (to_packed)
            memcpy(p, q, (size_t)n * r->bytes);
        else
            memcpy(q, p, (size_t)n * r->bytes);
    }
}

static void move_all(const struct ic_step_contract *s, size_t bytes, uint8_t *packed, uint8_t *plain, bool to_packed)
{
    const struct matrices m = matrices_of(s);
    const size_t each = ic_packed_elements(m.rows, m.columns, s->oc_block, s->k_block);
    for (int32_t g = 0; g < m.n; g++)
        for (int32_t o = 0; o < m.rows; o++)
            move_row(&(struct row){bytes, o, m.columns, s->oc_block, s->k_block}, packed + (size_t)g * each * bytes,
                     plain + (size_t)g * (size_t)m.rows * (size_t)m.columns * bytes, to_packed);
}

static size_t packed_bytes_of(const struct ic_step_contract *s, size_t bytes)
{
    const struct matrices m = matrices_of(s);
    return ic_packed_elements(m.rows, m.columns, s->oc_block, s->k_block) * (size_t)m.n * bytes;
}

static enum ic_status pack(const struct ic_step *step, const struct ic_tensor *tensors, const void *plain, struct ic_writer *out,
                           struct ic_diag *d)
{
    const struct ic_step_contract *s = step->args;
    const size_t bytes = ic_dtype_bytes((enum ic_dtype)tensors[s->w].dtype), start = out->size_bytes;
    ic_write_zeros(out, packed_bytes_of(s, bytes));
    if (out->failed)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for packed weights");
    move_all(s, bytes, out->bytes + start, (uint8_t *)(uintptr_t)plain, true); /* plain is only read */
    return IC_OK;
}

static enum ic_status unpack(const struct ic_step *step, const struct ic_tensor *tensors, const void *packed, size_t packed_bytes,
                             void *plain, struct ic_diag *d)
{
    const struct ic_step_contract *s = step->args;
    const size_t bytes = ic_dtype_bytes((enum ic_dtype)tensors[s->w].dtype);
    if (packed_bytes != packed_bytes_of(s, bytes))
        return ic_fail(d, IC_ERR_INTERNAL, "packed weights of %zu byte%s; %zu are wanted", packed_bytes, IC_S(packed_bytes),
                       packed_bytes_of(s, bytes));
    move_all(s, bytes, (uint8_t *)(uintptr_t)packed, plain, false); /* packed is only read */
    return IC_OK;
}

/* A CPU's command words are the encoded program. */
static enum ic_status emit(const struct ic_target *t, const struct ic_program *p, struct ic_writer *out, struct ic_diag *d)
{
    (void)t;
    return ic_program_encode(p, out, d);
}

static void cost(const struct ic_target *t, const struct ic_step *step, const struct ic_tensor *tensors, uint64_t *out_macs,
                 uint64_t *out_bytes)
{
    (void)t;
    *out_macs = 0;
    *out_bytes = 0;
    if (step->kind != IC_STEP_CONTRACT)
        return;
    const struct ic_step_contract *s = step->args;
    *out_macs = (uint64_t)s->n * (uint64_t)s->oh * (uint64_t)s->ow * (uint64_t)s->oc * (uint64_t)(s->kh * s->kw) *
                (uint64_t)(s->ic / s->groups);
    *out_bytes = tensors[s->x].size_bytes + tensors[s->w].size_bytes + tensors[s->y].size_bytes;
}

static const char *simulator(const struct ic_target *t)
{
    (void)t;
    return "sim";
}

/* Packings are data that every runtime can read: a feature only makes a program fast, so none is demanded. */
static uint32_t needs(const struct ic_target *t, const struct ic_program *p)
{
    (void)t;
    (void)p;
    return 0;
}

const struct ic_backend ic_backend_cpu = {.query = query,
                                          .profile = profile,
                                          .lower = lower,
                                          .pack = pack,
                                          .unpack = unpack,
                                          .emit = emit,
                                          .cost = cost,
                                          .simulator = simulator,
                                          .needs = needs};
