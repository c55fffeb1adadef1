/* SPDX-License-Identifier: Apache-2.0
 *
 * TorchScript archives made in memory for tests: a zip writer (stored members, no checksums unless asked), a pickle of one module with
 * float32 weights, and the source a test gives. */
#ifndef IC_TESTS_IMPORT_ARCHIVE_H
#define IC_TESTS_IMPORT_ARCHIVE_H

#include "base/bytes.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct archive {
    struct ic_writer file, directory;
    int n;
    int with_crc;
};

static inline void archive_add(struct archive *a, const char *name, const void *bytes, size_t size)
{
    const size_t at = a->file.size_bytes;
    const uint32_t crc = a->with_crc ? ic_crc32(0, bytes, size) : 0;
    const uint16_t n = (uint16_t)strlen(name);
    for (int i = 0; i < 2; ++i) { /* the local header, then the directory entry: the same fields */
        struct ic_writer *w = i ? &a->directory : &a->file;
        ic_write_u32(w, i ? 0x02014b50u : 0x04034b50u);
        if (i)
            ic_write_u16(w, 0);
        ic_write_zeros(w, 10); /* version, flags, method, time, date */
        ic_write_u32(w, crc);
        ic_write_u32(w, (uint32_t)size);
        ic_write_u32(w, (uint32_t)size);
        ic_write_u16(w, n);
        ic_write_u16(w, 0);
        if (i) {
            ic_write_zeros(w, 10);
            ic_write_u32(w, (uint32_t)at);
        }
        ic_write_bytes(w, name, n);
        if (!i)
            ic_write_bytes(w, bytes, size);
    }
    a->n++;
}

/* The finished zip stands in a->file. */
static inline void archive_end(struct archive *a)
{
    const size_t at = a->file.size_bytes;
    ic_write_bytes(&a->file, a->directory.bytes, a->directory.size_bytes);
    ic_write_u32(&a->file, 0x06054b50u);
    ic_write_u32(&a->file, 0);
    ic_write_u16(&a->file, (uint16_t)a->n);
    ic_write_u16(&a->file, (uint16_t)a->n);
    ic_write_u32(&a->file, (uint32_t)a->directory.size_bytes);
    ic_write_u32(&a->file, (uint32_t)at);
    ic_write_u16(&a->file, 0);
}

static inline void archive_free(struct archive *a)
{
    ic_writer_destroy(&a->file);
    ic_writer_destroy(&a->directory);
}

/* ---- pickles ---- */
static inline void pickle_text(struct ic_writer *w, const char *text)
{
    ic_write_u8(w, 'X');
    ic_write_u32(w, (uint32_t)strlen(text));
    ic_write_bytes(w, text, strlen(text));
}

static inline void pickle_int(struct ic_writer *w, int32_t v)
{
    ic_write_u8(w, 'J');
    ic_write_u32(w, (uint32_t)v);
}

static inline void pickle_dims(struct ic_writer *w, int rank, const int32_t *dims)
{
    ic_write_u8(w, '(');
    for (int i = 0; i < rank; ++i)
        pickle_int(w, dims[i]);
    ic_write_u8(w, 't');
}

struct weight {
    const char *name;
    int32_t rank, dims[4];
    const float *data;
};

/* _rebuild_tensor_v2((storage, FloatStorage, "i", "cpu", n), 0, sizes, strides, False, OrderedDict()) */
static inline void pickle_tensor(struct ic_writer *w, const struct weight *t, int index)
{
    int32_t strides[4], n = 1;
    char key[16];
    for (int i = t->rank; i-- > 0;) {
        strides[i] = n;
        n *= t->dims[i];
    }
    snprintf(key, sizeof key, "%d", index);
    ic_write_text(w, "ctorch._utils\n_rebuild_tensor_v2\n((");
    pickle_text(w, "storage");
    ic_write_text(w, "ctorch\nFloatStorage\n");
    pickle_text(w, key);
    pickle_text(w, "cpu");
    pickle_int(w, n);
    ic_write_text(w, "tQ");
    pickle_int(w, 0);
    pickle_dims(w, t->rank, t->dims);
    pickle_dims(w, t->rank, strides);
    ic_write_u8(w, 0x89);
    ic_write_text(w, "ccollections\nOrderedDict\n)RtR");
}

/* An archive whose only class is __torch__.M with the given weights and source text (the whole file). */
static inline void archive_of_source(struct archive *a, const char *source, size_t source_bytes, const struct weight *weights,
                                     int n_weights)
{
    struct ic_writer p = {0};
    memset(a, 0, sizeof *a);
    ic_write_u8(&p, 0x80);
    ic_write_u8(&p, 2);
    ic_write_text(&p, "c__torch__\nM\n)");
    ic_write_u8(&p, 0x81);
    ic_write_text(&p, "}(");
    pickle_text(&p, "training");
    ic_write_u8(&p, 0x89);
    for (int i = 0; i < n_weights; ++i) {
        pickle_text(&p, weights[i].name);
        pickle_tensor(&p, &weights[i], i);
    }
    ic_write_text(&p, "ub.");
    archive_add(a, "m/data.pkl", p.bytes, p.size_bytes);
    archive_add(a, "m/code/__torch__.py", source, source_bytes);
    archive_add(a, "m/version", "3\n", 2);
    for (int i = 0; i < n_weights; ++i) {
        char name[32];
        size_t n = 4;
        snprintf(name, sizeof name, "m/data/%d", i);
        for (int k = 0; k < weights[i].rank; ++k)
            n *= (size_t)weights[i].dims[k];
        archive_add(a, name, weights[i].data, n);
    }
    archive_end(a);
    ic_writer_destroy(&p);
}

#endif
