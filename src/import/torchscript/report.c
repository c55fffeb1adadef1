/* SPDX-License-Identifier: Apache-2.0 */
#include "import/torchscript/report.h"

#include "import/torchscript/composed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- unsupported operators ---- */
#define RANDOM "random numbers differ in every run: make the model deterministic, or give them as an input"
#define BINS "which pixels a bin has depends on the boxes: use roi_align or ps_roi_align with a sampling_ratio"
#define GAMMA "a function of losses and distributions: leave them out of the exported model, or compute it before export"
#define SOLVER "a solver of matrices: compute it before export when its input is constant, or leave it out of the exported model"

const char *ic_ts_remedy(const char *ns, const char *name)
{
    static const struct {
        const char *ns, *name, *what; /* name NULL: all of the name space */
    } remedies[] = {
        {"prim", "ConstantMKLDNNTensor",
         "the file was made by torch.jit.optimize_for_inference, which leaves the weights out: save the module before that call"},
        {"mkldnn", NULL, "the file was made by torch.jit.optimize_for_inference: save the module before that call"},
        {"prepacked", NULL, "the file was made by optimize_for_mobile: save the module before that call"},
        {"quantized", NULL,
         "leave this layer in float when quantizing, or export the float model and let inchip quantize it (--dtype uint8)"},
        {"quantized_decomposed", NULL,
         "leave this layer in float when quantizing, or export the float model and let inchip quantize it (--dtype uint8)"},
        {"aten", "quantize_per_tensor",
         "leave this layer in float when quantizing, or export the float model and let inchip quantize it (--dtype uint8)"},
        {"aten", "dequantize",
         "leave this layer in float when quantizing, or export the float model and let inchip quantize it (--dtype uint8)"},
        {"torchvision", "nms",
         "how many boxes are left depends on the data: leave the box selection out of the exported model and do it in your own "
         "code"},
        {"torchvision", "roi_pool", BINS},
        {"torchvision", "ps_roi_pool", BINS},
        {"torchvision", NULL, "leave the last stage (box selection) out of the exported model and do it in your own code"},
        {"aten", "nonzero", "its result's shape depends on the data: leave it out of the exported model"},
        {"aten", "masked_select", "its result's shape depends on the data: leave it out of the exported model"},
        {"aten", "polygamma", GAMMA},
        {"aten", "gcd", "arithmetic of whole numbers: compute it before export where its inputs are constant, or in your own code"},
        {"aten", "lcm", "arithmetic of whole numbers: compute it before export where its inputs are constant, or in your own code"},
        {"aten", "nextafter", "the next number is one rounding away: leave it out of the exported model"},
        {"aten", "mode", "export the counts (one_hot and sum) with argmax instead, or do it in your own code"},
        {"aten", "rand", RANDOM},
        {"aten", "randn", RANDOM},
        {"aten", "rand_like", RANDOM},
        {"aten", "randn_like", RANDOM},
        {"aten", "randint", RANDOM},
        {"aten", "randperm", RANDOM},
        {"aten", "normal", RANDOM},
        {"aten", "uniform_", RANDOM},
        {"aten", "normal_", RANDOM},
        {"aten", "bernoulli", RANDOM},
        {"aten", "multinomial", RANDOM},
        {"aten", "poisson", RANDOM},
        {"aten", "_unique2", "its result's shape depends on the data: leave it out of the exported model"},
        {"aten", "unique_consecutive", "its result's shape depends on the data: leave it out of the exported model"},
        {"aten", "unique_dim", "its result's shape depends on the data: leave it out of the exported model"},
        {"aten", "bincount", "its result's shape depends on the data: leave it out of the exported model"},
        {"aten", "linalg_inv", SOLVER},
        {"aten", "inverse", SOLVER},
        {"aten", "linalg_solve", SOLVER},
        {"aten", "linalg_det", SOLVER},
        {"aten", "linalg_svd", SOLVER},
        {"aten", "linalg_eigh", SOLVER},
        {"aten", "linalg_qr", SOLVER},
        {"aten", "linalg_cholesky", SOLVER},
        {"aten", "unique", "its result's shape depends on the data: leave it out of the exported model"},
    };
    for (size_t i = 0; i < sizeof remedies / sizeof *remedies; ++i)
        if (strcmp(remedies[i].ns, ns) == 0 && (!remedies[i].name || strcmp(remedies[i].name, name) == 0))
            return remedies[i].what;
    return "";
}

static const char *describe_args(struct ic_ts *ts, const struct ic_ts_value *args, int32_t n)
{
    char room[160];
    size_t at = 0;
    room[0] = 0;
    for (int32_t i = 0; i < n && at < sizeof room - 60; ++i)
        if (args[i].kind == IC_TS_V_TENSOR || args[i].kind == IC_TS_V_COMPLEX)
            at += (size_t)snprintf(room + at, sizeof room - at, "%s%.50s", at ? ", " : "",
                                   ic_ts_describe(ts, &args[i]) + strlen("Tensor "));
        else if (args[i].kind == IC_TS_V_UNKNOWN)
            at += (size_t)snprintf(room + at, sizeof room - at, "%s[?]", at ? ", " : "");
    const char *text = ic_arena_text(&ts->arena, room, strlen(room));
    return text ? text : "";
}

enum ic_status ic_ts_unsupported(struct ic_ts *ts, const char *op, const char *why, const struct ic_ts_value *args, int32_t n_args,
                                 struct ic_ts_value *out)
{
    const struct ic_ts_frame *f = ic_ts_place(ts);
    char room[160], name[80];
    if (ts->composed) { /* what the model calls, not what that is made of */
        const char *ns = strstr(ts->composed->schema, "::");
        const bool aten = !ns || ns > strchr(ts->composed->schema, '(') || strncmp(ts->composed->schema, "ic::", 4) == 0;
        snprintf(room, sizeof room, "%.*s::%s", aten ? 4 : (int)(ns - ts->composed->schema), aten ? "aten" : ts->composed->schema,
                 ic_ts_op_name(ts, name, sizeof name));
        op = room;
    }
    *out = ic_ts_unknown();
    for (struct ic_ts_problem *p = ts->problems; p; p = p->next)
        if (strcmp(p->op, op) == 0 && strcmp(p->why, why) == 0) {
            p->count++;
            return IC_OK;
        }
    struct ic_ts_problem *p = ic_arena_alloc(&ts->arena, sizeof *p);
    if (!p || !(p->op = ic_arena_text(&ts->arena, op, strlen(op))))
        return ic_ts_no_memory(ts);
    p->why = why;
    p->file = f->def->file->path;
    p->line = f->line;
    p->path = f->path;
    p->count = 1;
    p->shapes = describe_args(ts, args, n_args);
    if (!ts->problems)
        ts->problems_end = &ts->problems;
    *ts->problems_end = p;
    ts->problems_end = &p->next;
    ts->n_problems++;
    return IC_OK;
}

enum ic_status ic_ts_fail_problems(struct ic_ts *ts)
{
    char text[IC_DIAG_TEXT_BYTES];
    size_t at = (size_t)snprintf(text, sizeof text, "%d operator%s of this model %s not supported:", ts->n_problems,
                                 ts->n_problems == 1 ? "" : "s", ts->n_problems == 1 ? "is" : "are");
    int32_t n = 0;
    for (const struct ic_ts_problem *p = ts->problems; p && at < sizeof text - 900; p = p->next, ++n)
        at += (size_t)snprintf(text + at, sizeof text - at, "\n  %.120s at %.150s, line %d%s%.80s%s%s%s%.0d%s%s%.330s", p->op,
                               p->file, p->line, p->path[0] ? ", in module " : "", p->path, p->shapes[0] ? ", inputs " : "",
                               p->shapes, p->count > 1 ? ", " : "", p->count > 1 ? p->count : 0, p->count > 1 ? " times" : "",
                               p->why[0] ? ": " : "", p->why);
    if (n < ts->n_problems)
        at += (size_t)snprintf(text + at, sizeof text - at, "\n  and %d more", ts->n_problems - n);
    bool all_have_advice = true;
    for (const struct ic_ts_problem *p = ts->problems; p; p = p->next)
        all_have_advice = all_have_advice && p->why[0];
    if (!all_have_advice)
        snprintf(text + at, sizeof text - at, "\nReplace %s in the model by other operators and export it again.",
                 ts->n_problems == 1 ? "it" : "them");
    ic_diag_clear(ts->d); /* what evaluation stumbled over afterwards follows from these */
    return ic_fail(ts->d, IC_E_OPERATORS, "%s", text);
}

static const char *variable_of(const struct ic_ts_expr *e)
{
    while (e->kind == IC_TS_CALL && e->n_items)
        e = e->items[0];
    return e->kind == IC_TS_NAME ? e->text : "the result of an operator";
}

enum ic_status ic_ts_fail_data_dependent(struct ic_ts *ts, const struct ic_ts_expr *condition, const char *word)
{
    return ic_ts_fail(ts, IC_E_DATA_DEPENDENT,
                      "`%s` depends on the data in `%.100s`, which is not known before the network runs (data-dependent control "
                      "flow); export it with "
                      "torch.jit.trace, or make the condition constant",
                      word, variable_of(condition));
}

/* ---- once per model ---- */
void ic_ts_say_device(struct ic_ts *ts, const char *device)
{
    if (!ts->said_device)
        ic_say(ts->d, 'W', "the model was saved on device %.40s: devices are dropped, the result does not change", device);
    ts->said_device = true;
}

void ic_ts_say_training(struct ic_ts *ts, const char *op)
{
    if (!ts->said_training)
        ic_say(ts->d, 'W',
               "the model was exported in training mode (%s at %s, line %d): imported as in evaluation mode; call model.eval() "
               "before exporting to be sure",
               op, ic_ts_place(ts)->def->file->path, ic_ts_place(ts)->line);
    ts->said_training = true;
}

void ic_ts_say_narrowed(struct ic_ts *ts, int32_t dtype)
{
    if (!ts->said_narrowed)
        ic_say(ts->d, 'I', "weights of type %s are narrowed to float32", ic_ts_dtype_name(dtype));
    ts->said_narrowed = true;
}

/* ---- probes: what the first weight says about an input ---- */
void ic_ts_probe_reshaped(struct ic_ts *ts, const struct ic_ts_tensor *input, struct ic_ts_value *out)
{
    struct ic_ts_tensor *t = ic_arena_copy(&ts->arena, input, sizeof *input);
    if (t)
        t->probe_reshaped = true;
    out->u.t = t;
}

void ic_ts_probe_weight(struct ic_ts *ts, const struct ic_ts_row *row, const struct ic_ts_tensor *input,
                        const struct ic_ts_args *args)
{
    struct ic_import_signature *s = ts->signature;
    const int32_t i = input->probe - 1;
    const struct ic_ts_tensor *w = args->values[1].u.t;
    if (i < 0 || s->rank[i] >= 0)
        return;
    char op[80];
    ic_ts_op_name(ts, op, sizeof op);
    if (input->probe_reshaped) { /* how many numbers, but not in which shape */
        if (w->rank == 2 && ts->hints && !ts->hints[i][0])
            snprintf(ts->hints[i], sizeof ts->hints[i], "reshaped for a linear layer with %" PRId64 " inputs", w->dims[1]);
    } else if (strncmp(row->schema, "linear", 6) == 0 && w->rank == 2) {
        s->rank[i] = 2;
        s->dims[i][0] = 1;
        s->dims[i][1] = (int32_t)w->dims[1];
        if (ts->hints)
            snprintf(ts->hints[i], sizeof ts->hints[i], "first used by a linear layer with %" PRId64 " inputs", w->dims[1]);
    } else if (w->rank == 4 && strncmp(row->schema, "linear", 6) != 0) {
        int64_t groups = 1;
        if (args->n > 6 && args->values[6].kind == IC_TS_V_INT)
            groups = args->values[6].u.i;
        if (args->n > 8 && args->values[8].kind == IC_TS_V_INT)
            groups = args->values[8].u.i;
        s->rank[i] = 4;
        s->dims[i][0] = 1;
        s->dims[i][1] = (int32_t)(w->dims[1] * groups);
        s->dims[i][2] = s->dims[i][3] = -1;
        if (ts->hints)
            snprintf(ts->hints[i], sizeof ts->hints[i], "first used by a convolution with %" PRId64 " input channel%s",
                     w->dims[1] * groups, w->dims[1] * groups == 1 ? "" : "s");
    }
}
