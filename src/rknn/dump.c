/* SPDX-License-Identifier: Apache-2.0 */
#include "rknn/dump.h"

#include "runtime/convert_io.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool ic_rknn_shows(char level)
{
    static const char order[] = "EWIITD"; /* what level n and all before it show */
    const char *text = getenv("RKNN_LOG_LEVEL");
    if (!text || *text < '0' || *text > '9')
        return level != 'D';
    const size_t most = text[1] || *text > '5' ? 5 : (size_t)(*text - '0');
    return memchr(order, level, most + 1) != NULL;
}

bool ic_rknn_dump_wanted(void)
{
    const char *text = getenv("NN_LAYER_DUMP");
    return text && strcmp(text, "1") == 0;
}

static FILE *create(struct ic_rknn *c, const char *name)
{
    FILE *f = fopen(name, "w");
    if (!f) {
        c->dump = false;
        ic_say(&(struct ic_diag){.log = &c->log}, 'W', "NN_LAYER_DUMP: %s cannot be written into the working directory", name);
    }
    return f;
}

static void close_file(struct ic_rknn *c, FILE *f, const char *name)
{
    const bool bad = ferror(f) != 0;
    if ((fclose(f) != 0 || bad) && c->dump) {
        c->dump = false;
        ic_say(&(struct ic_diag){.log = &c->log}, 'W', "NN_LAYER_DUMP: %s cannot be written: the disk may be full", name);
    }
}

void ic_rknn_dump_names(struct ic_rknn *c)
{
    static const char name[] = "NodeID_To_LayerName.txt";
    const struct ic_program *p = ic_model_program(c->model);
    FILE *f = create(c, name);
    if (!f)
        return;
    for (uint32_t i = 0; i < p->n_steps; i++)
        fprintf(f, "%" PRIu32 " %s\n", i, ic_program_text(p, p->steps[i].name));
    close_file(c, f, name);
}

static void file_name(const struct ic_program *p, uint32_t i_step, uint32_t tensor, char *out, size_t capacity_bytes)
{
    const struct ic_tensor *t = &p->tensors[tensor];
    int n = snprintf(out, capacity_bytes, "%.120s_uid_%" PRIu32 "_t_%" PRIu32, ic_program_text(p, p->steps[i_step].name), i_step,
                     tensor);
    for (int i = 0; i < n; i++) /* fused layers and modules have blanks, + and / in their names */
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", out[i]))
            out[i] = '_';
    for (uint32_t k = 0; k < t->rank; k++)
        n += snprintf(out + n, capacity_bytes - (size_t)n, "_%d", (int)t->dims[k]);
    snprintf(out + n, capacity_bytes - (size_t)n, ".txt");
}

void ic_rknn_dump_layer(void *user, uint32_t i_step, uint32_t tensor, const void *data)
{
    enum { CHUNK = 64 };
    struct ic_rknn *c = user;
    const struct ic_program *p = ic_model_program(c->model);
    const struct ic_tensor *t = &p->tensors[tensor];
    const size_t n = ic_rknn_elements(t), element_bytes = ic_dtype_bytes((enum ic_dtype)t->dtype);
    char name[320];
    file_name(p, i_step, tensor, name, sizeof name);
    FILE *f = c->dump ? create(c, name) : NULL;
    if (!f)
        return;
    for (size_t i = 0; i < n; i += CHUNK) {
        float values[CHUNK];
        const size_t m = n - i < CHUNK ? n - i : CHUNK;
        ic_io_to_f32(t, (const uint8_t *)data + i * element_bytes, values, m);
        for (size_t k = 0; k < m; k++) {
            char text[32];
            snprintf(text, sizeof text, "%.9g", (double)values[k]);
            text[strcspn(text, ",")] = strchr(text, ',') ? '.' : '\0'; /* whatever the program's locale writes */
            fprintf(f, "%s\n", text);
        }
    }
    close_file(c, f, name);
}
