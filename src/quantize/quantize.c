/* SPDX-License-Identifier: Apache-2.0
 *
 * The build type of an optimized graph.
 */
#include "quantize/internal.h"

#include <math.h>

/* A sum with an infinite or undefined weight means nothing, and no rule says what padding times it is. */
static enum ic_status check_weights(const struct ic_graph *g, struct ic_diag *d)
{
    for (int32_t i = 0; i < g->n_nodes; i++) {
        const struct ic_node *n = g->nodes[i];
        for (int32_t k = 1; k < n->n_inputs && ic_op_def(n->op)->quant == IC_QUANT_CONTRACT; k++) {
            const struct ic_value *v = n->inputs[k];
            const int64_t count = v && v->data && v->dtype == IC_F32 ? ic_value_elements(v) : 0;
            for (int64_t j = 0; j < count; j++)
                if (!isfinite(((const float *)v->data)[j]))
                    return ic_fail(d, IC_E_WEIGHT_NAN,
                                   "%s: element %lld of its %s is %g; finite numbers are wanted (did the training diverge?)",
                                   n->name, (long long)j, k == 1 ? "weights" : "bias", (double)((const float *)v->data)[j]);
        }
    }
    return IC_OK;
}

static enum ic_status quantize_integers(struct ic_graph *g, const struct ic_quantize_options *options, struct ic_executor *executor,
                                        struct ic_diag *d)
{
    if (!options->dataset || !*options->dataset)
        return ic_fail(d, IC_E_DATASET_NEEDED, "integers need a calibration list: name a file with one picture or .npy per line");
    IC_TRY(ic_quantize_split_ends(g, d));
    ic_graph_compact(g); /* numbers and unique names, by which values are found again */
    struct ic_quant_range *ranges = ic_calloc((size_t)g->n_values + 1, sizeof *ranges);
    if (!ranges)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for the ranges of %d value%s", (int)g->n_values, IC_S(g->n_values));
    enum ic_status status = ic_quantize_observe(g, options, executor, ranges, d);
    if (status == IC_OK)
        status = ic_quantize_to_codes(g, ranges, d);
    if (status == IC_OK && options->type == IC_BUILD_S8)
        status = ic_quantize_signed_outputs(g, d);
    if (status == IC_OK && options->type == IC_BUILD_S8)
        status = ic_quantize_signed_inputs(g, d);
    ic_free(ranges);
    return status;
}

static const char *codes_name(enum ic_dtype codes)
{
    return codes == IC_U8 ? "uint8" : "int8";
}

/* An integer build has codes at all edges, of its own type. */
static enum ic_status check_edges(const struct ic_quantize_options *o, struct ic_diag *d)
{
    const enum ic_dtype own = o->type == IC_BUILD_U8 ? IC_U8 : IC_S8, wanted = o->input_codes ? o->input_codes : o->output_codes;
    const bool other = (o->input_codes && o->input_codes != own) || (o->output_codes && o->output_codes != own);
    if (!ic_build_is_integer(o->type) || !other)
        return IC_OK;
    return ic_fail(d, IC_E_OPTIONS_CLASH, "codes of %s at the edges of a %s build: leave them out, it has codes of its own there",
                   codes_name(wanted), codes_name(own));
}

static enum ic_status quantize_floats(struct ic_graph *g, const struct ic_quantize_options *o, struct ic_diag *d)
{
    if (o->input_codes)
        IC_TRY(ic_quantize_code_inputs(g, o->input_codes, d));
    if (o->type == IC_BUILD_F16)
        IC_TRY(ic_quantize_to_f16(g, d));
    if (o->output_codes)
        IC_TRY(ic_quantize_code_outputs(g, o->output_codes, d));
    if (o->output_codes == IC_S8)
        IC_TRY(ic_quantize_signed_outputs(g, d));
    return o->input_codes == IC_S8 ? ic_quantize_signed_inputs(g, d) : IC_OK;
}

enum ic_status ic_quantize_graph(struct ic_graph *g, const struct ic_quantize_options *options, struct ic_executor *executor,
                                 struct ic_diag *d)
{
    enum ic_status status = check_edges(options, d);
    if (status == IC_OK)
        status = check_weights(g, d);
    if (status == IC_OK)
        status = ic_quantize_fake_quantize(g, d);
    if (status == IC_OK)
        status = ic_build_is_integer(options->type) ? quantize_integers(g, options, executor, d) : quantize_floats(g, options, d);
    if (status == IC_OK)
        ic_graph_compact(g);
    return status;
}
