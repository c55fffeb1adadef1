/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "media/calibration.h"

#include "base/file.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum { MAX_LINES = 1 << 20 };

struct parser {
    const char *path, *at, *end;
    int32_t line, n_blank;
    struct ic_calibration *out;
    struct ic_diag *d;
};

/* The path as given or beside the list; NULL when neither can be read. */
static const char *find_file(struct parser *p, const char *name, size_t length, const char **out_given)
{
    const char *given = ic_arena_text(&p->out->arena, name, length);
    *out_given = given;
    if (!given || access(given, R_OK) == 0)
        return given;
    const char *slash = strrchr(p->path, '/');
    if (!slash || *given == '/')
        return NULL;
    const char *beside = ic_arena_printf(&p->out->arena, "%.*s/%s", (int)(slash - p->path), p->path, given);
    return beside && access(beside, R_OK) == 0 ? beside : NULL;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* A network with one input may have blanks in its files' names: then the whole line is one. */
static bool is_one_file(struct parser *p, const char *text, const char *end)
{
    const char *given = NULL;
    const char *file = p->out->n_inputs == 1 ? find_file(p, text, (size_t)(end - text), &given) : NULL;
    if (file)
        p->out->paths[p->out->n_samples] = file;
    return file != NULL;
}

/* Splits the line; *out_found is false when a file is missing (already reported). */
static enum ic_status read_line(struct parser *p, const char *text, const char *end, bool *out_found)
{
    int32_t n = 0;
    *out_found = true;
    if (is_one_file(p, text, end))
        return IC_OK;
    while (text < end) {
        const char *start = text;
        while (text < end && !is_blank(*text))
            text++;
        const char *given = NULL;
        const char *file = n < p->out->n_inputs ? find_file(p, start, (size_t)(text - start), &given) : NULL;
        if (n < p->out->n_inputs && !given)
            return ic_fail(p->d, IC_ERR_MEMORY, "%s: no memory for its lines", p->path);
        if (n < p->out->n_inputs && !file) {
            ic_say(p->d, 'W',
                   "Can not find file: %s. This line will be ignored! (%s line %d; names are looked for in the current folder, "
                   "then beside the list)",
                   given, p->path, (int)p->line);
            *out_found = false;
        }
        if (n < p->out->n_inputs)
            p->out->paths[p->out->n_samples * p->out->n_inputs + n] = file;
        n++;
        while (text < end && is_blank(*text))
            text++;
    }
    if (n != p->out->n_inputs)
        return ic_fail(p->d, IC_E_DATASET_LINE,
                       "%s line %d: %d file%s, the network has %d input%s: one per input, separated by blanks", p->path,
                       (int)p->line, (int)n, IC_S(n), (int)p->out->n_inputs, IC_S(p->out->n_inputs));
    return IC_OK;
}

static enum ic_status read_lines(struct parser *p)
{
    while (p->at < p->end) {
        const char *newline = memchr(p->at, '\n', (size_t)(p->end - p->at));
        const char *start = p->at, *end = newline ? newline : p->end;
        p->at = newline ? newline + 1 : p->end;
        p->line++;
        while (start < end && is_blank(*start))
            start++;
        while (end > start && is_blank(end[-1]))
            end--;
        if (start == end) {
            p->n_blank++;
            continue;
        }
        bool found = false;
        IC_TRY(read_line(p, start, end, &found));
        if (found)
            p->out->lines[p->out->n_samples++] = p->line;
    }
    return IC_OK;
}

static enum ic_status read_list(struct parser *p, const struct ic_file_map *map)
{
    size_t n = 1;
    p->at = (const char *)map->bytes;
    p->end = p->at + map->size_bytes;
    if (map->size_bytes >= 3 && memcmp(p->at, "\xef\xbb\xbf", 3) == 0)
        p->at += 3;
    if (memchr(p->at, 0, (size_t)(p->end - p->at)))
        return ic_fail(p->d, IC_E_NOT_A_LIST, "%s: not a text file: a calibration list has a picture or .npy per line", p->path);
    for (const char *c = p->at; c < p->end; c++)
        n += *c == '\n';
    if (n > MAX_LINES)
        return ic_fail(p->d, IC_E_LIST, "%s: %zu line%s; at most %d are read", p->path, n, IC_S(n), MAX_LINES);
    p->out->paths = ic_arena_array(&p->out->arena, n * (size_t)p->out->n_inputs, sizeof *p->out->paths);
    p->out->lines = ic_arena_array(&p->out->arena, n, sizeof *p->out->lines);
    if (!p->out->paths || !p->out->lines)
        return ic_fail(p->d, IC_ERR_MEMORY, "%s: no memory for %zu lines", p->path, n);
    IC_TRY(read_lines(p));
    if (p->n_blank)
        ic_say(p->d, 'W', "%d blank line(s) in dataset file. Ignored!!! (%s)", (int)p->n_blank, p->path);
    if (p->out->n_samples == 0)
        return ic_fail(p->d, IC_E_DATASET_EMPTY, "There is no valid data in the dataset: %s. Please check it.", p->path);
    return IC_OK;
}

enum ic_status ic_calibration_read(const char *path, int32_t n_inputs, struct ic_calibration *out, struct ic_diag *d)
{
    struct ic_file_map map;
    *out = (struct ic_calibration){.n_inputs = n_inputs};
    IC_TRY(ic_file_map_open(path, &map, d));
    struct parser p = {.path = path, .out = out, .d = d};
    const enum ic_status status = read_list(&p, &map);
    ic_file_map_close(&map);
    if (status != IC_OK)
        ic_calibration_destroy(out);
    return status;
}

void ic_calibration_destroy(struct ic_calibration *c)
{
    ic_arena_destroy(&c->arena);
    *c = (struct ic_calibration){0};
}
