/* SPDX-License-Identifier: Apache-2.0
 *
 * N samples at once: the network is imported again with N times the leading extent of every input (docs/decisions.md).
 */
#include "toolchain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *shape_text(const struct ic_value *v, char *text, size_t capacity_bytes)
{
    size_t at = 0;
    text[0] = '\0';
    for (int32_t i = 0; i < v->rank && at + 16 < capacity_bytes; i++)
        at += (size_t)snprintf(text + at, capacity_bytes - at, i ? "x%" PRId32 : "%" PRId32, v->dims[i]);
    return text;
}

static enum ic_status widen_inputs(const struct ic_graph *g, int32_t batch, struct ic_import_input *out, struct ic_diag *d)
{
    char text[160];
    for (int32_t i = 0; i < g->n_inputs; i++) {
        const struct ic_value *v = g->inputs[i].value;
        if (v->rank < 1 || v->dims[0] != 1)
            return ic_fail(d, IC_E_SHAPE_WRONG, "batch %" PRId32 ": input %s (%s) does not begin with a batch of 1", batch, v->name,
                           shape_text(v, text, sizeof text));
        const bool complex = g->inputs[i].complex;
        out[i] = (struct ic_import_input){.name = v->name, .rank = v->rank - complex, .dtype = v->dtype, .complex = complex};
        memcpy(out[i].dims, v->dims, sizeof out[i].dims);
        out[i].dims[0] = batch;
    }
    return IC_OK;
}

/* Whether what came out is N times what one sample gives, everywhere. */
static enum ic_status check_outputs(const struct ic_graph *one, const struct ic_graph *many, int32_t batch, struct ic_diag *d)
{
    char before[160], after[160];
    for (int32_t i = 0; i < one->n_outputs; i++) {
        const struct ic_value *a = one->outputs[i].value, *b = i < many->n_outputs ? many->outputs[i].value : NULL;
        bool fits = b && a->rank == b->rank && a->rank > 0 && b->dims[0] == (int64_t)a->dims[0] * batch;
        for (int32_t k = 1; fits && k < a->rank; k++)
            fits = a->dims[k] == b->dims[k];
        if (!fits)
            return ic_fail(d, IC_E_SHAPE_WRONG, "batch %" PRId32 ": output %s (%s) becomes %s: the network itself fixes its batch",
                           batch, a->name, shape_text(a, before, sizeof before), b ? shape_text(b, after, sizeof after) : "none");
    }
    return IC_OK;
}

enum ic_status ic_network_import_batch(const char *path, const struct ic_import_options *options, int32_t batch,
                                       struct ic_network **out_n, struct ic_diag *d)
{
    struct ic_network *one = NULL, *many = NULL;
    IC_TRY(ic_network_import(path, options, &one, d));
    if (batch == 1) {
        *out_n = one;
        return IC_OK;
    }
    struct ic_import_options wide = *options;
    struct ic_import_input *inputs = ic_calloc((size_t)one->graph->n_inputs + 1, sizeof *inputs);
    enum ic_status status = inputs ? widen_inputs(one->graph, batch, inputs, d)
                                   : ic_fail(d, IC_ERR_MEMORY, "%s: no memory to import it", path);
    wide.inputs = inputs;
    wide.n_inputs = one->graph->n_inputs;
    wide.drop_in_batch1 = false;
    struct ic_diag quiet = {0}; /* the same warnings a second time */
    if (status == IC_OK) {
        status = ic_network_import(path, &wide, &many, &quiet);
        const size_t named = strncmp(quiet.text, path, strlen(path)) == 0 ? strlen(path) : 0;
        if (status != IC_OK)
            ic_fail(d, quiet.code, "%s: batch %" PRId32 ": the network fixes its batch%s%s", path, batch, named ? "" : ": ",
                    quiet.text + named);
    }
    if (status == IC_OK)
        status = check_outputs(one->graph, many->graph, batch, d);
    ic_diag_name_file(d, path);
    ic_free(inputs);
    ic_network_destroy(one);
    if (status == IC_OK)
        *out_n = many;
    else
        ic_network_destroy(many);
    return status;
}
