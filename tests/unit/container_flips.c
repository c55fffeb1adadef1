/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole model files, compiled and portable, with each byte of each section changed and each section cut at every length, all checksums made right
 * again: refused with a sentence, or run with the same bytes in the simulator and here. Without the checksums made right: refused.
 */
#include "model_builder.h"

#include "fuzz/work.h"
#include "runtime/session.h"
#include "sim/sim.h"

enum { MOST_WORK = 1 << 20 };

static int n_refused, n_run;

/* Aligned copy with one section replaced; checksums right. */
static struct model_file with_section(const struct ic_container *c, uint32_t i, const uint8_t *bytes, size_t size_bytes)
{
    struct ic_section sections[IC_CONTAINER_MAX_SECTIONS];
    struct ic_writer w = {0};
    struct ic_diag d = {0};
    memcpy(sections, c->sections, sizeof sections);
    sections[i].bytes = bytes;
    sections[i].size_bytes = size_bytes;
    model_must(ic_container_write(sections, c->n_sections, &w, &d), &d);
    struct model_file out = {.bytes = ic_malloc_aligned(w.size_bytes, 64), .size_bytes = w.size_bytes};
    memcpy(out.bytes, w.bytes, w.size_bytes);
    ic_writer_destroy(&w);
    return out;
}

static void *numbers(const struct ic_program *p, uint32_t i)
{
    const struct ic_tensor *t = &p->tensors[p->inputs[i].tensor];
    float *x = ic_malloc_aligned((size_t)t->size_bytes + 64, 64);
    memset(x, 1, (size_t)t->size_bytes + 64);
    for (size_t k = 0; t->dtype == IC_F32 && k < t->size_bytes / 4; k++)
        x[k] = (float)(int)(k % 7) - 2.5f;
    return x;
}

static void *zeros(size_t size_bytes)
{
    void *z = ic_malloc_aligned(size_bytes + 64, 64);
    memset(z, 0, size_bytes + 64);
    return z;
}

/* p: the file's own program; a model may hold it with weights packed anew. */
static void compare(struct ic_model *m, const struct ic_program *p, const char *where)
{
    enum { MOST = 4 };
    struct ic_session *s = NULL;
    struct ic_sim *sim = NULL;
    struct ic_diag d = {0};
    void *inputs[MOST] = {0}, *outputs[MOST] = {0};
    if (p->n_inputs > MOST || p->n_outputs > MOST || !work_is_small(p, MOST_WORK) || ic_session_create(m, 1, &s, &d) != IC_OK)
        return;
    for (uint32_t i = 0; i < p->n_inputs; i++)
        inputs[i] = numbers(p, i);
    for (uint32_t i = 0; i < p->n_outputs; i++)
        outputs[i] = zeros(
            (size_t)p->tensors[p->outputs[i].tensor].size_bytes); /* as a session's: a damaged step may leave elements out */
    if (CHECK(ic_sim_create(p, &sim, &d) == IC_OK)) {
        const enum ic_status simulated = ic_sim_run(sim, (const void *const *)inputs, outputs, NULL, NULL, &d);
        for (uint32_t i = 0; i < p->n_inputs; i++)
            memcpy(ic_session_input(s, i), inputs[i], (size_t)p->tensors[p->inputs[i].tensor].size_bytes);
        if (!CHECK_EQ_INT(ic_session_run(s, &d), simulated))
            printf("  %s\n", where);
        for (uint32_t i = 0; simulated == IC_OK && i < p->n_outputs; i++)
            if (!CHECK_EQ_MEM(ic_session_output(s, i), outputs[i], (size_t)p->tensors[p->outputs[i].tensor].size_bytes))
                printf("  %s\n", where);
        n_run++;
    }
    for (int i = 0; i < MOST; i++) {
        ic_free_aligned(inputs[i]);
        ic_free_aligned(outputs[i]);
    }
    ic_sim_destroy(sim);
    ic_session_destroy(s);
}

static void try(const struct model_file *f, const char *where)
{
    struct ic_model *m = NULL;
    struct ic_diag d = {0};
    if (ic_model_open_memory(f->bytes, f->size_bytes, false, &m, &d) == IC_OK) {
        struct ic_container c;
        struct ic_program own = {0};
        CHECK_EQ_INT(ic_container_open(f->bytes, f->size_bytes, true, &c, &d), IC_OK);
        const struct ic_section *program = ic_container_find(&c, IC_SECTION_PROGRAM, 0),
                                *k = ic_container_find(&c, IC_SECTION_PROGRAM_CONSTS, 0);
        if (program && CHECK_EQ_INT(ic_program_decode(program->bytes, program->size_bytes, k ? k->bytes : NULL,
                                                      k ? k->size_bytes : 0, &own, &d),
                                    IC_OK))
            compare(m, &own, where);
        else if (!program)
            compare(m, ic_model_program(m), where);
        ic_program_destroy(&own);
    } else {
        n_refused++;
        if (!CHECK(d.text[0] != '\0'))
            printf("  %s\n", where);
    }
    ic_model_close(m);
}

static void every_byte(const struct ic_container *c, uint32_t i)
{
    static const uint8_t changes[] = {0x01, 0x80, 0xFF};
    const size_t n = c->sections[i].size_bytes;
    uint8_t *copy = malloc(n + 1);
    char where[80];
    for (size_t at = 0; at < n; at++)
        for (size_t k = 0; k < sizeof changes; k++) {
            memcpy(copy, c->sections[i].bytes, n);
            copy[at] ^= changes[k];
            struct model_file f = with_section(c, i, copy, n);
            snprintf(where, sizeof where, "section of kind %u, byte %zu ^ %02x", (unsigned)c->sections[i].kind, at, changes[k]);
            try(&f, where);
            model_free(&f);
        }
    for (size_t length = 0; length < n; length++) {
        struct model_file f = with_section(c, i, c->sections[i].bytes, length);
        snprintf(where, sizeof where, "section of kind %u cut to %zu bytes", (unsigned)c->sections[i].kind, length);
        try(&f, where);
        model_free(&f);
    }
    free(copy);
}

/* The bytes as they are damaged on a flash: nothing is put right. */
static void every_bit_as_it_is(struct model_file *f)
{
    for (size_t bit = 0; bit < f->size_bytes * 8; bit++) {
        struct ic_model *m = NULL;
        struct ic_diag d = {0};
        f->bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        CHECK(ic_model_open_memory(f->bytes, f->size_bytes, false, &m, &d) != IC_OK && d.text[0] != '\0');
        f->bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ic_model_close(m);
    }
    for (size_t length = 0; length < f->size_bytes; length++) {
        struct ic_model *m = NULL;
        struct ic_diag d = {0};
        CHECK(ic_model_open_memory(f->bytes, length, false, &m, &d) != IC_OK && d.text[0] != '\0');
    }
}

static void damage(struct ic_graph *g, const char *target)
{
    struct model_file f = model_pack(g, target);
    struct ic_container c;
    struct ic_diag d = {0};
    n_refused = n_run = 0;
    if (CHECK(ic_container_open(f.bytes, f.size_bytes, true, &c, &d) == IC_OK))
        for (uint32_t i = 0; i < c.n_sections; i++)
            every_byte(&c, i);
    printf("%s: %d refused, %d run\n", target ? target : "portable", n_refused, n_run);
    CHECK(n_refused > 500 && n_run > 50); /* both happen, else nothing was looked at */
    every_bit_as_it_is(&f);
    model_free(&f);
}

TEST(compiled_linear)
{
    damage(model_linear_graph(), ic_target_host()->name);
}
TEST(compiled_linear_f16)
{
    struct ic_graph *g = model_linear_graph();
    model_to_f16(g);
    damage(g, "generic");
}
TEST(portable_linear)
{
    damage(model_linear_graph(), NULL);
}
TEST(compiled_picture)
{
    damage(model_picture_graph(1, 3, 2, 2), ic_target_host()->name);
}

TEST_MAIN()
