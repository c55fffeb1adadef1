/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L
#include "ops/cases.h"

#include "base/file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef TEST_SOURCE_DIR
#define TEST_SOURCE_DIR "."
#endif

static uint32_t u32(struct ic_reader *r)
{
    uint32_t v = 0;
    if (ic_read_u32(r, &v, NULL) != IC_OK)
        r->at = r->size_bytes;
    return v;
}

static const uint8_t *span(struct ic_reader *r, size_t bytes)
{
    const uint8_t *p = NULL;
    return ic_read_span(r, bytes, &p, NULL) == IC_OK ? p : NULL;
}

static double f64(struct ic_reader *r)
{
    double v = 0;
    const uint8_t *p = span(r, sizeof v);
    if (p)
        memcpy(&v, p, sizeof v);
    return v;
}

static bool read_case(struct ic_reader *r, struct op_case *c)
{
    *c = (struct op_case){.name = {0}};
    const uint32_t name_bytes = u32(r);
    const uint8_t *name = span(r, name_bytes);
    if (!name || name_bytes >= sizeof c->name)
        return false;
    memcpy(c->name, name, name_bytes);
    c->text_bytes = u32(r);
    c->text = (const char *)span(r, c->text_bytes);
    c->n_inputs = u32(r);
    for (uint32_t i = 0; i < c->n_inputs && i < MAX_CASE_IO; i++) {
        c->input_bytes[i] = u32(r);
        c->inputs[i] = span(r, c->input_bytes[i]);
    }
    c->n_outputs = u32(r);
    for (uint32_t i = 0; i < c->n_outputs && i < MAX_CASE_IO; i++) {
        c->output_elements[i] = u32(r);
        c->outputs[i] = span(r, (size_t)c->output_elements[i] * sizeof(double));
    }
    c->relative = f64(r);
    c->absolute = f64(r);
    return c->text && c->n_inputs <= MAX_CASE_IO && c->n_outputs <= MAX_CASE_IO && c->n_outputs > 0 && c->outputs[c->n_outputs - 1];
}

static int each_in(const char *path, void (*run)(const struct op_case *c, void *user), void *user)
{
    struct ic_file_map map = {0};
    struct op_case c;
    int n = 0;
    if (ic_file_map_open(path, &map, NULL) != IC_OK)
        return 0;
    struct ic_reader r = ic_reader_on(map.bytes, map.size_bytes, path);
    const uint8_t *magic = span(&r, 8);
    const uint32_t wanted = magic && memcmp(magic, "ICCASES1", 8) == 0 ? u32(&r) : 0;
    for (; n < (int)wanted && read_case(&r, &c); n++)
        run(&c, user);
    ic_file_map_close(&map);
    return n == (int)wanted ? n : -1;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

int op_cases_each(void (*run)(const struct op_case *c, void *user), void *user)
{
    const char *root = getenv("INCHIP_SOURCE_DIR");
    char folder[1024], path[2048];
    struct dirent **names = NULL;
    int total = 0;
    snprintf(folder, sizeof folder, "%s/tests/ops/golden", root && *root ? root : TEST_SOURCE_DIR);
    const int n = scandir(folder, &names, NULL, by_name);
    for (int i = 0; i < n; i++) {
        if (strstr(names[i]->d_name, ".bin")) {
            snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
            const int n_cases = each_in(path, run, user);
            total = n_cases < 0 || total < 0 ? -1 : total + n_cases;
        }
        free(names[i]);
    }
    free(names);
    return total;
}
