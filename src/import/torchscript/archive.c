/* SPDX-License-Identifier: Apache-2.0 */
#include "import/torchscript/archive.h"

#include "base/checked.h"

#include <inttypes.h>
#include <string.h>

#define MAX_SOURCE_BYTES (32u << 20)
#define MAX_PICKLE_BYTES (64u << 20)
#define MAX_VERSION 20

static bool ends_with(const char *s, const char *end)
{
    const size_t n = strlen(s), m = strlen(end);
    return n >= m && strcmp(s + n - m, end) == 0;
}

static struct ic_zipfile_member *member(const struct ic_zipfile *zip, const char *top, const char *name, struct ic_arena *arena)
{
    const char *full = ic_arena_printf(arena, "%s%s", top, name);
    return full ? ic_zipfile_find(zip, full) : NULL;
}

static bool has_under(const struct ic_zipfile *zip, const char *top, const char *folder)
{
    const size_t n = strlen(top), m = strlen(folder);
    for (size_t i = 0; i < zip->n_members; ++i)
        if (!zip->members[i].is_folder && strncmp(zip->members[i].name, top, n) == 0 &&
            strncmp(zip->members[i].name + n, folder, m) == 0)
            return true;
    return false;
}

/* The top folder is where data.pkl stands; the user may have renamed the file, so its name says nothing. */
static const char *find_top(const struct ic_zipfile *zip, const char *file, struct ic_arena *arena)
{
    const size_t n_file = strlen(file);
    const char *best = NULL;
    size_t best_length = 0;
    for (size_t i = 0; i < zip->n_members; ++i) {
        const struct ic_zipfile_member *m = &zip->members[i];
        if (!ends_with(m->name, file))
            continue;
        const size_t n = m->name_length - n_file;
        if ((n == 0 || m->name[n - 1] == '/') && (!best || n < best_length)) {
            best = m->name;
            best_length = n;
        }
    }
    return best ? ic_arena_text(arena, best, best_length) : NULL;
}

enum ic_zip_content ic_ts_archive_classify(const struct ic_zipfile *zip, const char **out_top, struct ic_arena *arena)
{
    *out_top = find_top(zip, "data.pkl", arena);
    if (*out_top) {
        if (has_under(zip, *out_top, "code/"))
            return IC_ZIP_TORCHSCRIPT;
        if (member(zip, *out_top, "constants.pkl", arena))
            return IC_ZIP_TORCHSCRIPT_NO_CODE;
        return has_under(zip, *out_top, ".data/version") || has_under(zip, *out_top, ".data/extern_modules") ? IC_ZIP_TORCH_PACKAGE
                                                                                                             : IC_ZIP_TORCH_PICKLE;
    }
    const struct {
        const char *file;
        enum ic_zip_content content;
    } signs[] = {{"archive_format", IC_ZIP_PT2},
                 {"models/model.json", IC_ZIP_PT2},
                 {"serialized_exported_program.json", IC_ZIP_PT2},
                 {"model.json", IC_ZIP_TORCHSCRIPT_OLD},
                 {"config.json", IC_ZIP_KERAS},
                 {"constants.pkl", IC_ZIP_TORCHSCRIPT_NO_CODE},
                 {".data/extern_modules", IC_ZIP_TORCH_PACKAGE}};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; ++i)
        if ((*out_top = find_top(zip, signs[i].file, arena)) != NULL)
            return signs[i].content;
    for (size_t i = 0; i < zip->n_members; ++i) {
        const char *name = zip->members[i].name;
        if (ends_with(name, ".npy"))
            return IC_ZIP_NPZ;
        if (strstr(name, "code/__torch__") || strstr(name, "archive/data/"))
            return IC_ZIP_TORCHSCRIPT_NO_CODE;
    }
    return IC_ZIP_UNKNOWN;
}

const char *ic_ts_archive_release(int version)
{
    static const char *const releases[] = {"", "1.3", "1.5", "1.6", "1.6", "1.7", "1.9", "1.10", "1.11", "1.11", "1.12"};
    return version >= 1 && version <= 10 ? releases[version] : NULL;
}

enum ic_status ic_ts_archive_version(struct ic_zipfile *zip, const char *top, int *out_version, struct ic_diag *d)
{
    *out_version = 0;
    struct ic_zipfile_member *m = member(zip, top, "version", zip->arena);
    if (!m)
        m = member(zip, top, ".data/version", zip->arena);
    if (!m)
        return IC_OK;
    const uint8_t *p = NULL;
    IC_TRY(ic_zipfile_read(zip, m, 4096, &p, d));
    size_t n = m->size_bytes;
    while (n && (p[n - 1] == '\n' || p[n - 1] == '\r' || p[n - 1] == ' '))
        --n;
    int v = 0;
    for (size_t i = 0; i < n && i < 8; ++i) {
        if (p[i] < '0' || p[i] > '9')
            n = 0;
        v = v * 10 + (p[i] - '0');
    }
    if (n == 0 || n > 8)
        return ic_fail(d, IC_E_ARCHIVE, "member \"%s\" holds no number: the archive's version cannot be read; save the model again",
                       m->name);
    *out_version = v;
    return IC_OK;
}

enum ic_status ic_ts_check_byte_order(struct ic_ts_archive *a, struct ic_diag *d)
{
    struct ic_zipfile_member *m = member(&a->zip, a->top, "byteorder", a->arena);
    if (!m)
        return IC_OK;
    const uint8_t *p = NULL;
    IC_TRY(ic_zipfile_read(&a->zip, m, 4096, &p, d));
    if (m->size_bytes >= 6 && memcmp(p, "little", 6) == 0)
        return IC_OK;
    if (m->size_bytes >= 3 && memcmp(p, "big", 3) == 0)
        return ic_fail(d, IC_E_ARCHIVE_KIND,
                       "the archive's numbers are big-endian (member \"%s\"); save the model on a little-endian machine", m->name);
    return ic_fail(d, IC_E_ARCHIVE, "member \"%s\" names no known byte order", m->name);
}

static enum ic_status read_pickle(struct ic_ts_archive *a, const char *name, bool needed, struct ic_pickle_value **out,
                                  struct ic_diag *d)
{
    struct ic_zipfile_member *m = member(&a->zip, a->top, name, a->arena);
    if (!m)
        return needed ? ic_fail(d, IC_E_ARCHIVE, "the archive has no member \"%s%s\"; save the model again", a->top, name) : IC_OK;
    const uint8_t *p = NULL;
    IC_TRY(ic_zipfile_read(&a->zip, m, MAX_PICKLE_BYTES, &p, d));
    const struct ic_pickle_options o = {
        .max_depth = a->max_depth, .file_offset = m->method == 0 ? m->data_offset : 0, .what = name};
    return ic_pickle_read(p, m->size_bytes, &o, a->arena, out, NULL, d);
}

enum ic_status ic_ts_archive_open(struct ic_ts_archive *a, const struct ic_zipfile *zip, const char *top,
                                  const struct ic_import_limits *limits, struct ic_arena *arena, struct ic_diag *d)
{
    *a = (struct ic_ts_archive){.zip = *zip, .top = top, .arena = arena, .names = {.arena = arena}, .max_depth = limits->max_depth};
    IC_TRY(ic_ts_archive_version(&a->zip, top, &a->version, d));
    if (a->version > MAX_VERSION)
        return ic_fail(d, IC_E_ARCHIVE_KIND,
                       "the archive says version %d, the highest that PyTorch has written so far is 10; the file is damaged or "
                       "from the future",
                       a->version);
    if (a->version > 10)
        ic_say(d, 'W', "archive version %d is newer than the versions known here (up to 10)", a->version);
    const char *release = ic_ts_archive_release(a->version);
    memcpy(a->release, release ? release : "?", strlen(release ? release : "?") + 1);
    IC_TRY(ic_ts_check_byte_order(a, d));
    IC_TRY(read_pickle(a, "data.pkl", true, &a->data, d));
    return read_pickle(a, "constants.pkl", false, &a->constants, d);
}

/* ---- classes and functions ---- */
static enum ic_status load_file(struct ic_ts_archive *a, const char *path, const struct ic_ts_file **out, struct ic_diag *d)
{
    *out = NULL;
    for (struct ic_ts_file_list *f = a->files; f; f = f->next)
        if (strcmp(f->file.path, path) == 0) {
            *out = &f->file;
            return IC_OK;
        }
    struct ic_zipfile_member *m = member(&a->zip, a->top, path, a->arena);
    if (!m)
        return IC_OK;
    const uint8_t *text = NULL;
    IC_TRY(ic_zipfile_read(&a->zip, m, MAX_SOURCE_BYTES, &text, d));
    struct ic_ts_file_list *f = ic_arena_alloc(a->arena, sizeof *f);
    if (!f)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to read \"%s\"", path);
    IC_TRY(ic_ts_parse((const char *)text, m->size_bytes, path, a->max_depth, &a->names, &f->file, d));
    f->next = a->files;
    a->files = f;
    *out = &f->file;
    return IC_OK;
}

enum ic_status ic_ts_archive_lookup(struct ic_ts_archive *a, const char *dotted, const struct ic_ts_class **out_class,
                                    const struct ic_ts_def **out_def, struct ic_diag *d)
{
    *out_class = NULL;
    *out_def = NULL;
    const char *last = strrchr(dotted, '.');
    if (!last || strlen(dotted) > 2000)
        return IC_OK;
    char *path = ic_arena_printf(a->arena, "code/%.*s.py", (int)(last - dotted), dotted);
    if (!path)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to look up %s", dotted);
    for (char *p = path; p + 3 < path + strlen(path); ++p)
        if (*p == '.')
            *p = '/';
    const struct ic_ts_file *file = NULL;
    IC_TRY(load_file(a, path, &file, d));
    if (!file)
        return IC_OK;
    for (const struct ic_ts_class *c = file->classes; c && !*out_class; c = c->next)
        if (strcmp(c->name, last + 1) == 0)
            *out_class = c;
    for (const struct ic_ts_def *f = file->defs; f && !*out_class && !*out_def; f = f->next)
        if (strcmp(f->name, last + 1) == 0)
            *out_def = f;
    return IC_OK;
}
