/* SPDX-License-Identifier: Apache-2.0
 *
 * A layer that does not fit is most often an input shape that does not: the message repeats what was given and what the model says of itself.
 */
#include "toolchain_shapes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct sentence {
    char *text; /* a diagnostic's */
    size_t at;
};

static void add(struct sentence *s, const char *format, ...) IC_PRINTF(2, 3);

static void add(struct sentence *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(s->text + s->at, IC_DIAG_TEXT_BYTES - s->at, format, args);
    va_end(args);
    s->at += n > 0 ? (size_t)n : 0;
    if (s->at >= IC_DIAG_TEXT_BYTES)
        s->at = IC_DIAG_TEXT_BYTES - 1;
}

/* "x=1x784"; a free dimension is ? */
static void add_shape(struct sentence *s, const char *name, int32_t rank, const int32_t *dims)
{
    add(s, "%s%s", name, *name ? "=" : "");
    for (int32_t i = 0; i < rank; i++)
        add(s, dims[i] < 0 ? "%s?" : "%s%" PRId32, i ? "x" : "", dims[i]);
}

static void add_given(struct sentence *s, const struct ic_import_options *o, const struct ic_import_signature *own)
{
    add(s, " Given: ");
    for (int32_t i = 0; i < o->n_inputs; i++) {
        const char *name = o->inputs[i].name ? o->inputs[i].name : "";
        add(s, "%s", i ? ", " : "");
        add_shape(s, *name || i >= own->n_inputs ? name : own->names[i], o->inputs[i].rank, o->inputs[i].dims);
    }
}

static void add_own(struct sentence *s, const struct ic_import_signature *own)
{
    int32_t n = 0;
    for (int32_t i = 0; i < own->n_inputs; i++)
        if (own->rank[i] >= 0) {
            add(s, n++ ? ", " : own->declared ? "; the model is made for " : "; by its weights the model takes ");
            add_shape(s, own->names[i], own->rank[i], own->dims[i]);
        }
}

void ic_network_name_shapes(const void *bytes, size_t size_bytes, const char *path, const struct ic_import_options *o,
                            struct ic_diag *d)
{
    if (!d || o->n_inputs == 0 ||
        (d->code != IC_E_SHAPES && d->code != IC_E_SHAPE_WRONG && !strstr(d->text, "is the input shape right?")))
        return;
    struct ic_import_signature *own = ic_calloc(1, sizeof *own);
    struct ic_diag quiet = {0};
    if (!own || (d->code != IC_E_SHAPE_WRONG && /* there the sentence has the model's own already */
                 ic_import_signature(bytes, size_bytes, path, o->method, own, &quiet) != IC_OK)) {
        ic_free(own);
        return;
    }
    struct sentence s = {.text = d->text, .at = strlen(d->text)};
    const char last = s.at ? d->text[s.at - 1] : '.';
    add(&s, "%s", last == '.' || last == '?' ? "" : ".");
    add_given(&s, o, own);
    add_own(&s, own);
    ic_tame_text(d->text, '\n');
    ic_free(own);
}

enum ic_status ic_network_check_sizes(const struct ic_import_options *o, struct ic_diag *d)
{
    for (int32_t i = 0; i < o->n_inputs; i++) {
        char text[256] = "";
        size_t at = 0;
        double elements = 1;
        for (int32_t k = 0; k < o->inputs[i].rank; k++)
            elements *= o->inputs[i].dims[k];
        if (elements <= INT32_MAX)
            continue;
        for (int32_t k = 0; k < o->inputs[i].rank && at < sizeof text - 16; k++)
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%" PRId32, k ? "x" : "", o->inputs[i].dims[k]);
        return ic_fail(d, IC_E_TENSOR_SIZE, "input \"%s\" of %s has %.0f elements, %.1f GB as float32; a tensor has at most %d",
                       o->inputs[i].name ? o->inputs[i].name : "", text, elements, elements * 4e-9, INT32_MAX);
    }
    return IC_OK;
}
