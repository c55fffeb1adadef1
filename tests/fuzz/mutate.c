/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/mutate.h"

#include "base/alloc.h"
#include "container/container.h"
#include "import/wire.h"
#include "import/zip.h"
#include "import_archive.h"
#include "program/program.h"

#include <stdlib.h>
#include <string.h>

static uint32_t pick(unsigned int *seed, uint32_t below)
{
    *seed = *seed * 1103515245u + 12345u;
    return below ? (*seed >> 8) % below : 0;
}

static size_t give(const struct ic_writer *w, uint8_t *data, size_t max_size)
{
    if (w->failed || w->size_bytes == 0 || w->size_bytes > max_size)
        return 0;
    memcpy(data, w->bytes, w->size_bytes);
    return w->size_bytes;
}

/* A changed copy of bytes, at most `more` longer. The caller frees it. */
static uint8_t *changed(const uint8_t *bytes, size_t size, size_t more, size_t *out_size)
{
    uint8_t *copy = malloc(size + more + 1);
    if (!copy)
        return NULL;
    if (size)
        memcpy(copy, bytes, size);
    *out_size = LLVMFuzzerMutate(copy, size, size + more + 1);
    return copy;
}

static void write_changed(struct ic_writer *w, const uint8_t *bytes, size_t size, size_t more)
{
    size_t n = 0;
    uint8_t *copy = changed(bytes, size, more, &n);
    if (copy)
        ic_write_bytes(w, copy, n);
    free(copy);
}

/* ---- zip ---- */
static void add_changed_name(struct archive *to, const char *name, const uint8_t *bytes, size_t size)
{
    char text[256];
    const size_t length = strlen(name) < sizeof text - 2 ? strlen(name) : sizeof text - 2;
    memcpy(text, name, length);
    const size_t n = LLVMFuzzerMutate((uint8_t *)text, length, sizeof text - 1);
    text[n] = '\0';
    archive_add(to, text, bytes, size);
}

static void add_changed_bytes(struct archive *to, const char *name, const uint8_t *bytes, size_t size)
{
    size_t n = 0;
    uint8_t *copy = changed(bytes, size, 64, &n);
    if (copy)
        archive_add(to, name, copy, n);
    free(copy);
}

size_t mutate_zip(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    struct ic_arena arena = {.limit_bytes = (size_t)64 << 20};
    struct ic_zipfile z;
    struct archive to = {.with_crc = 1};
    size_t n = 0;
    if (ic_zipfile_open(data, size, (uint64_t)4 << 20, &arena, &z, NULL) == IC_OK && z.n_members) {
        const uint32_t target = pick(&seed, (uint32_t)z.n_members), how = pick(&seed, 10);
        for (size_t i = 0; i < z.n_members; i++) {
            struct ic_zipfile_member *m = &z.members[i];
            const uint8_t *bytes = NULL;
            if (m->is_folder || ic_zipfile_read(&z, m, 0, &bytes, NULL) != IC_OK || (i == target && how == 0))
                continue;
            if (i == target && how == 1)
                add_changed_name(&to, m->name, bytes, m->size_bytes);
            else if (i == target && how > 2)
                add_changed_bytes(&to, m->name, bytes, m->size_bytes);
            else
                archive_add(&to, m->name, bytes, m->size_bytes);
            if (i == target && how == 2)
                archive_add(&to, m->name, bytes, m->size_bytes);
        }
        archive_end(&to);
        n = give(&to.file, data, max_size);
    }
    archive_free(&to);
    ic_arena_destroy(&arena);
    return n;
}

/* ---- programs ---- */
static uint32_t interesting(unsigned int *seed, uint32_t old)
{
    static const uint32_t values[] = {0,   1,        2,          3,          7,          8,          16,         64,
                                      255, 256,      0x7FFF,     0xFFFF,     0x10000,    0x7FFFFFFF, 1u << 31,   ~0u,
                                      ~1u, 1u << 24, 0x40000000, 0x3F800000, 0x7F800000, 0x7FC00000, 0x00000001, 0xFFFFFF80};
    switch (pick(seed, 4)) {
    case 0:
        return old + 1;
    case 1:
        return old - 1;
    case 2:
        return old ^ 1u << pick(seed, 32);
    default:
        return values[pick(seed, sizeof values / sizeof *values)];
    }
}

/* Steps are structs of 32-bit fields only, tensors nearly so. */
static void change_field(struct ic_program *p, unsigned int *seed)
{
    if (p->n_steps && pick(seed, 4)) {
        struct ic_step *s = &p->steps[pick(seed, p->n_steps)];
        uint32_t word, *args = ic_arena_copy(&p->arena, s->args, ic_step_args_bytes(s->kind));
        if (!args)
            return;
        const uint32_t at = pick(seed, (uint32_t)(ic_step_args_bytes(s->kind) / 4));
        memcpy(&word, args + at, 4);
        args[at] = interesting(seed, word);
        s->args = args;
    } else if (p->n_tensors > 1) {
        uint32_t *words = (uint32_t *)(void *)&p->tensors[1 + pick(seed, p->n_tensors - 1)];
        const uint32_t at = pick(seed, (uint32_t)(sizeof *p->tensors / 4));
        words[at] = interesting(seed, words[at]);
        for (uint32_t i = 1; i < p->n_tensors; i++) /* the encoder writes as many dims as there are */
            p->tensors[i].rank = p->tensors[i].rank > 8 ? 8 : p->tensors[i].rank;
    }
}

static bool write_changed_program(const uint8_t *bytes, size_t size, const uint8_t *consts, size_t const_bytes, unsigned int *seed,
                                  struct ic_writer *out)
{
    struct ic_program p;
    if (ic_program_decode(bytes, size, consts, const_bytes, &p, NULL) != IC_OK)
        return false;
    for (uint32_t n = pick(seed, 3) + 1; n; n--)
        change_field(&p, seed);
    const bool ok = ic_program_encode(&p, out, NULL) == IC_OK;
    ic_program_destroy(&p);
    return ok;
}

size_t mutate_program(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    static _Alignas(64) uint8_t consts[1 << 16];
    struct ic_writer w = {0};
    uint32_t n = 0;
    size_t done = 0;
    if (size < sizeof n)
        return 0;
    memcpy(&n, data, sizeof n);
    if (n > size - sizeof n || size - sizeof n - n > sizeof consts)
        return 0;
    memcpy(consts, data + sizeof n + n, size - sizeof n - n);
    ic_write_u32(&w, 0);
    if (write_changed_program(data + sizeof n, n, consts, size - sizeof n - n, &seed, &w)) {
        ic_patch_u32(&w, 0, (uint32_t)(w.size_bytes - sizeof n));
        ic_write_bytes(&w, consts, size - sizeof n - n);
        done = give(&w, data, max_size);
    }
    ic_writer_destroy(&w);
    return done;
}

/* ---- containers ---- */
size_t mutate_container(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    struct ic_container c;
    struct ic_writer section = {0}, file = {0};
    size_t n = 0;
    uint8_t *aligned = ic_malloc_aligned(size + 1, 64);
    if (aligned)
        memcpy(aligned, data, size);
    if (aligned && ic_container_open(aligned, size, false, &c, NULL) == IC_OK && c.n_sections) {
        struct ic_section *s = &c.sections[pick(&seed, c.n_sections)];
        const struct ic_section *k = ic_container_find(&c, IC_SECTION_PROGRAM_CONSTS, s->index);
        if (s->kind != IC_SECTION_PROGRAM || pick(&seed, 4) == 0 ||
            !write_changed_program(s->bytes, s->size_bytes, k ? k->bytes : NULL, k ? k->size_bytes : 0, &seed, &section)) {
            ic_writer_destroy(&section);
            section = (struct ic_writer){0};
            write_changed(&section, s->bytes, s->size_bytes, 32);
        }
        s->bytes = section.bytes;
        s->size_bytes = section.size_bytes;
        if (ic_container_write(c.sections, c.n_sections, &file, NULL) == IC_OK)
            n = give(&file, data, max_size);
    }
    ic_writer_destroy(&section);
    ic_writer_destroy(&file);
    ic_free_aligned(aligned);
    return n;
}

/* ---- protocol buffers ---- */
enum { MAX_FIELDS = 256, MAX_DEPTH = 8 };

static void write_varint(struct ic_writer *w, uint64_t v)
{
    while (v >= 0x80) {
        ic_write_u8(w, (uint8_t)(v | 0x80));
        v >>= 7;
    }
    ic_write_u8(w, (uint8_t)v);
}

static void write_field(struct ic_writer *w, const struct ic_wire_field *f)
{
    write_varint(w, (uint64_t)f->number << 3 | f->type);
    if (f->type == IC_WIRE_VARINT)
        write_varint(w, f->u);
    else if (f->type == IC_WIRE_FIXED32)
        ic_write_u32(w, (uint32_t)f->u);
    else if (f->type == IC_WIRE_FIXED64)
        ic_write_u64(w, f->u);
    else {
        write_varint(w, f->size_bytes);
        ic_write_bytes(w, f->bytes, f->size_bytes);
    }
}

static int read_fields(const uint8_t *bytes, size_t size, struct ic_wire_field *out)
{
    struct ic_wire w = ic_wire_of(bytes, size);
    int n = 0;
    while (n < MAX_FIELDS && ic_wire_next(&w, &out[n]))
        n++;
    return w.bad || w.at != w.end ? 0 : n;
}

static void change_number(struct ic_wire_field *f, unsigned int *seed)
{
    static const uint64_t values[] = {
        0, 1, 2, 7, 64, 1000, 0x7FFFFFFF, 0x80000000u, 0xFFFFFFFFu, INT64_MAX, (uint64_t)INT64_MIN, ~0ull, ~1ull};
    f->u = pick(seed, 3) ? values[pick(seed, sizeof values / sizeof *values)] : f->u + (pick(seed, 2) ? 1u : ~0ull);
}

static void change_message(const uint8_t *bytes, size_t size, unsigned int *seed, int depth, struct ic_writer *out);

/* A field of text, numbers, or a message of its own. */
static void change_bytes(struct ic_wire_field *f, unsigned int *seed, int depth, struct ic_writer *room)
{
    struct ic_wire_field inner[MAX_FIELDS];
    if (depth < MAX_DEPTH && f->size_bytes > 1 && read_fields(f->bytes, f->size_bytes, inner) > 0 && pick(seed, 8))
        change_message(f->bytes, f->size_bytes, seed, depth + 1, room);
    else
        write_changed(room, f->bytes, f->size_bytes, 16);
    f->bytes = room->bytes;
    f->size_bytes = room->size_bytes;
}

static void change_message(const uint8_t *bytes, size_t size, unsigned int *seed, int depth, struct ic_writer *out)
{
    struct ic_wire_field fields[MAX_FIELDS];
    struct ic_writer room = {0};
    const int n = read_fields(bytes, size, fields);
    const uint32_t target = pick(seed, (uint32_t)n), how = pick(seed, 12), other = pick(seed, (uint32_t)n);
    if (n == 0) {
        write_changed(out, bytes, size, 16);
        return;
    }
    if (how >= 4 && fields[target].type == IC_WIRE_BYTES)
        change_bytes(&fields[target], seed, depth, &room);
    else if (how >= 4)
        change_number(&fields[target], seed);
    else if (how == 3)
        fields[target].number = 1 + pick(seed, 20);
    for (int i = 0; i < n; i++) {
        const int at = how == 2 ? (i == (int)target ? (int)other : i == (int)other ? (int)target : i) : i; /* two fields swapped */
        if (how == 0 && i == (int)target)
            continue;
        write_field(out, &fields[at]);
        if (how == 1 && i == (int)target)
            write_field(out, &fields[at]);
    }
    ic_writer_destroy(&room);
}

size_t mutate_protobuf(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    struct ic_writer w = {0};
    change_message(data, size, &seed, 0, &w);
    const size_t n = give(&w, data, max_size);
    ic_writer_destroy(&w);
    return n;
}
