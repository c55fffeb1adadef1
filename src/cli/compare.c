/* SPDX-License-Identifier: Apache-2.0
 *
 * inchip compare: two model files, or one file with golden values, on the same input: outputs and layers matched by name.
 */
#include "cli/cli.h"
#include "cli/json.h"

#include "import/name_index.h"
#include "media/npy.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct compare_options {
    struct ic_arg_list inputs;
    const char *golden, *on;
    double tolerance;
    bool json;
};

static const struct ic_arg *compare_args(struct compare_options *o)
{
    static struct ic_arg args[6];
    const struct ic_arg list[] = {
        {"--input", "-i", IC_ARG_LIST, &o->inputs, "[NAME=]FILE",
         "picture or .npy; once per input, in the model's order or by name"},
        {"--golden", NULL, IC_ARG_TEXT, &o->golden, "OUT.npy", "compare A's output 0 with these values instead of with B"},
        {"--on", NULL, IC_ARG_TEXT, &o->on, "PLACE",
         "host (default), sim or qemu:CPU (outputs only), or two for A and B, or for A alone: sim,host"},
        {"--tol", NULL, IC_ARG_DOUBLE, &o->tolerance, "X",
         "largest |difference| / largest |value| that passes (default 0: equal to the bit)"},
        {"--json", NULL, IC_ARG_FLAG, &o->json, NULL, "print the rows as JSON"},
        {0},
    };
    IC_ARGS_KEEP(args, list);
    return args;
}

/* Results of one run kept by layer name. */
struct kept {
    struct ic_place place;
    float **values; /* per step; NULL when not kept */
    size_t *counts;
    const struct ic_tensor **tensors;
    struct ic_name_index
        layers; /* the last step with each layer's result (a layer's steps share its name; its result is the last one's) */
    struct ic_name_index inside; /* layers computed inside a fused step, before its last part */
};

static void keep(void *user, uint32_t i_step, uint32_t tensor, const void *data)
{
    struct kept *k = user;
    const struct ic_tensor *t = &ic_place_program(&k->place)->tensors[tensor];
    k->tensors[i_step] = t;
    k->counts[i_step] = ic_cli_tensor_elements(t);
    k->values[i_step] = ic_arena_array(&k->place.arena, k->counts[i_step] + 1, sizeof(float));
    if (k->values[i_step])
        ic_cli_tensor_to_f32(t, data, k->values[i_step]);
}

static enum ic_status run_kept(const char *path, const struct compare_options *o, struct kept *k, struct ic_diag *d)
{
    const struct ic_program *p = ic_place_program(&k->place);
    k->values = ic_arena_array(&k->place.arena, p->n_steps + 1, sizeof *k->values);
    k->counts = ic_arena_array(&k->place.arena, p->n_steps + 1, sizeof *k->counts);
    k->tensors = ic_arena_array(&k->place.arena, p->n_steps + 1, sizeof *k->tensors);
    if (!k->values || !k->counts || !k->tensors)
        return ic_fail(d, IC_ERR_MEMORY, "%s: no memory to keep its layers", path);
    IC_TRY(ic_place_load_inputs(&k->place, &o->inputs, d));
    return ic_place_run(&k->place, keep, k, d);
}

struct difference {
    double largest, relative, cosine;
    size_t at, n_bits; /* element of the largest difference; elements that differ */
};

static struct difference differ(const float *a, const float *b, size_t n)
{
    struct difference r = {0};
    double top = 0, ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < n; i++) {
        const double x = (double)a[i], y = (double)b[i];
        double diff = fabs(x - y);
        if (memcmp(&a[i], &b[i], sizeof a[i]) != 0)
            r.n_bits++;
        if (isnan(diff))
            diff = isnan(x) && isnan(y) ? 0 : (x == y ? 0 : INFINITY);
        if (diff > r.largest) {
            r.largest = diff;
            r.at = i;
        }
        if (isfinite(x) && isfinite(y)) /* an infinity in both must not make every other difference small */
            top = fmax(top, fmax(fabs(x), fabs(y)));
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    r.relative = top > 0 ? r.largest / top : r.largest;
    r.cosine = aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 1.0;
    return r;
}

/* The rows so far: printed at once, or kept for --json. */
struct report {
    double tolerance;
    json_t *rows; /* NULL: print */
    bool ok;
    char first[80]; /* the first row that differs */
    uint32_t n_inside, n_unmatched;
};

static void add_row(struct report *report, const char *name, const struct difference *r, size_t n)
{
    const bool ok = report->tolerance > 0 ? r->relative <= report->tolerance : r->n_bits == 0;
    const char *verdict = r->n_bits == 0 ? "equal" : ok ? "within" : "DIFFERS";
    if (!ok && report->ok)
        snprintf(report->first, sizeof report->first, "%s", name);
    report->ok = report->ok && ok;
    if (report->rows)
        json_array_append_new(report->rows, json_pack("{s:o, s:I, s:o, s:o, s:o, s:s}", "layer", ic_json_text(name), "elements",
                                                      (json_int_t)n, "max_difference", ic_cli_json_number(r->largest), "relative",
                                                      ic_cli_json_number(r->relative), "cosine", ic_cli_json_number(r->cosine),
                                                      "verdict", verdict));
    else
        ic_cli_printf("%-40.40s %9zu %12.5g %12.5g %10.7f %s\n", name, n, r->largest, r->relative, r->cosine, verdict);
}

static void print_head(const struct report *report)
{
    if (!report->rows)
        ic_cli_printf("%-40s %9s %12s %12s %10s\n", "layer", "elements", "max |diff|", "relative", "cosine");
}

/* The layer whose result a step of fused layers ("conv1 + relu") gives: its last one. */
static const char *last_layer(const char *name)
{
    const char *last = name;
    for (const char *plus = strstr(name, " + "); plus; plus = strstr(last, " + "))
        last = plus + 3;
    return last;
}

/* Fills k->layers and k->inside. False: no memory. */
static bool index_layers(struct kept *k)
{
    const struct ic_program *p = ic_place_program(&k->place);
    struct ic_arena *a = &k->place.arena;
    for (uint32_t i = 0; i < p->n_steps; i++) {
        const char *name = ic_program_text(p, p->steps[i].name), *last = last_layer(name);
        if (k->values[i] && !ic_name_index_put(&k->layers, a, last, i))
            return false;
        for (const char *at = name; at != last;) {
            const char *plus = strstr(at, " + "), *part = ic_arena_text(a, at, (size_t)(plus - at));
            if (!part || !ic_name_index_put(&k->inside, a, part, i))
                return false;
            at = plus + 3;
        }
    }
    return true;
}

static int64_t find_layer(const struct kept *k, const char *layer)
{
    const uint32_t *i = ic_name_index_find(&k->layers, layer);
    return i ? (int64_t)*i : -1;
}

/* Steps that only turn a value to another order: no layer of the user's. */
static bool is_turn(const char *name)
{
    const size_t n = strlen(name);
    return n > 5 && (strcmp(name + n - 5, ".nhwc") == 0 || strcmp(name + n - 5, ".nchw") == 0);
}

/* Is channels_last the shape channels_first with axis 1 moved to the end? */
static bool is_turned(const struct ic_tensor *channels_first, const struct ic_tensor *channels_last)
{
    const uint32_t rank = channels_first->rank;
    bool same = rank >= 3 && channels_last->rank == rank && channels_first->dims[0] == channels_last->dims[0] &&
                channels_first->dims[1] == channels_last->dims[rank - 1];
    for (uint32_t i = 2; same && i < rank; i++)
        same = channels_first->dims[i] == channels_last->dims[i - 1];
    return same;
}

/* values of channels_last (channels in the last axis) with the channels in axis 1; NULL: no memory. */
static float *turn(const struct ic_tensor *channels_last, const float *values, struct ic_arena *a)
{
    const size_t n = ic_cli_tensor_elements(channels_last), channels = (size_t)channels_last->dims[channels_last->rank - 1];
    const size_t image = n / (size_t)channels_last->dims[0], places = image / channels;
    float *out = ic_arena_array(a, n + 1, sizeof *out);
    for (size_t i = 0; out && i < n; i++) {
        const size_t in_image = i % image;
        out[i - in_image + in_image % channels * places + in_image / channels] = values[i];
    }
    return out;
}

/* The two programs may keep a layer's result in different orders: the one that is equal to the other's shape counts. */
static enum ic_status differ_turned(struct kept *a, uint32_t i, struct kept *b, uint32_t k, struct difference *out,
                                    struct ic_diag *d)
{
    const struct ic_tensor *x = a->tensors[i], *y = b->tensors[k];
    const size_t n = a->counts[i];
    const float *va = a->values[i], *vb = b->values[k];
    const bool same_shape = x->rank == y->rank && memcmp(x->dims, y->dims, x->rank * sizeof x->dims[0]) == 0;
    *out = differ(va, vb, n);
    if (same_shape ? !is_turned(x, y) || out->n_bits == 0 : !is_turned(x, y) && !is_turned(y, x))
        return IC_OK;
    if (is_turned(x, y))
        vb = turn(y, vb, &b->place.arena);
    else
        va = turn(x, va, &a->place.arena);
    if (!va || !vb)
        return ic_fail(d, IC_ERR_MEMORY, "no memory to compare the layers");
    struct difference turned = differ(va, vb, n);
    /* A cube has the same shape in both orders, and either file may hold either: the nearer reading is meant. */
    if (same_shape && turned.n_bits != 0 && !(va = turn(x, a->values[i], &a->place.arena)))
        return ic_fail(d, IC_ERR_MEMORY, "no memory to compare the layers");
    const struct difference other = same_shape && turned.n_bits != 0 ? differ(va, b->values[k], n) : turned;
    if (other.largest < turned.largest)
        turned = other;
    if (!same_shape || turned.largest < out->largest)
        *out = turned;
    return IC_OK;
}

static enum ic_status compare_layers(struct kept *a, struct kept *b, struct report *report, struct ic_diag *d)
{
    const struct ic_program *p = ic_place_program(&a->place);
    if (!index_layers(a) || !index_layers(b))
        return ic_fail(d, IC_ERR_MEMORY, "no memory to compare the layers");
    print_head(report);
    for (uint32_t i = 0; i < p->n_steps; i++) {
        const char *name = ic_program_text(p, p->steps[i].name), *layer = last_layer(name);
        if (find_layer(a, layer) != i || is_turn(layer))
            continue;
        const int64_t other = find_layer(b, layer);
        if (other < 0 || a->counts[i] != b->counts[other]) {
            *(other < 0 && ic_name_index_find(&b->inside, layer) ? &report->n_inside : &report->n_unmatched) += 1;
            continue;
        }
        struct difference r;
        IC_TRY(differ_turned(a, i, b, (uint32_t)other, &r, d));
        add_row(report, name, &r, a->counts[i]);
    }
    return IC_OK;
}

static enum ic_status output_values(struct kept *k, uint32_t i, float **out, size_t *out_n, struct ic_diag *d)
{
    const struct ic_program *p = ic_place_program(&k->place);
    const struct ic_tensor *t = &p->tensors[p->outputs[i].tensor];
    *out_n = ic_cli_tensor_elements(t);
    *out = ic_arena_array(&k->place.arena, *out_n + 1, sizeof **out);
    if (!*out)
        return ic_fail(d, IC_ERR_MEMORY, "no memory for output %u", i);
    ic_cli_tensor_to_f32(t, k->place.outputs[i], *out);
    return IC_OK;
}

/* Before the first row is printed. */
static enum ic_status check_outputs(const struct kept *a, const struct kept *b, struct ic_diag *d)
{
    const struct ic_program *pa = ic_place_program(&a->place), *pb = ic_place_program(&b->place);
    if (pa->n_outputs != pb->n_outputs)
        return ic_fail(d, IC_E_DIFFERENT, "%s has %u output%s, %s %u: models of one network are wanted", a->place.path,
                       pa->n_outputs, IC_S(pa->n_outputs), b->place.path, pb->n_outputs);
    for (uint32_t i = 0; i < pa->n_outputs; i++) {
        const size_t n = ic_cli_tensor_elements(&pa->tensors[pa->outputs[i].tensor]);
        const size_t m = ic_cli_tensor_elements(&pb->tensors[pb->outputs[i].tensor]);
        if (n != m)
            return ic_fail(d, IC_E_DIFFERENT, "%s has %zu element%s in output %u, %s %zu: models of one network are wanted",
                           a->place.path, n, IC_S(n), i, b->place.path, m);
    }
    return IC_OK;
}

static enum ic_status compare_outputs(struct kept *a, struct kept *b, struct report *report, struct ic_diag *d)
{
    const struct ic_program *pa = ic_place_program(&a->place);
    for (uint32_t i = 0; i < pa->n_outputs; i++) {
        float *x = NULL, *y = NULL;
        size_t n = 0, m = 0;
        IC_TRY(output_values(a, i, &x, &n, d));
        IC_TRY(output_values(b, i, &y, &m, d));
        const struct difference r = differ(x, y, n);
        char name[80];
        snprintf(name, sizeof name, "output %s", ic_program_text(pa, pa->outputs[i].name));
        add_row(report, name, &r, n);
    }
    return IC_OK;
}

static enum ic_status compare_golden(struct kept *a, const struct compare_options *o, struct report *report, struct ic_diag *d)
{
    struct ic_npy golden = {0};
    float *x = NULL;
    size_t n = 0;
    IC_TRY(output_values(a, 0, &x, &n, d));
    IC_TRY(ic_npy_load_f32(o->golden, &golden, d));
    if (golden.elements == n) {
        const struct difference r = differ(x, golden.values, n);
        print_head(report);
        add_row(report, "output against golden", &r, n);
    }
    const enum ic_status status = golden.elements == n
                                      ? IC_OK
                                      : ic_fail(d, IC_E_DIFFERENT, "%s has %zu value%s, the model's output has %zu", o->golden,
                                                golden.elements, IC_S(golden.elements), n);
    ic_npy_destroy(&golden);
    return status;
}

/* The slip of the hand: golden values where a model file belongs. */
static enum ic_status refuse_array(const char *path, const char *model, struct ic_diag *d)
{
    struct ic_file_map map = {0};
    struct ic_recognized r;
    IC_TRY(ic_file_map_open(path, &map, d));
    ic_import_recognize(map.bytes, map.size_bytes, &r);
    ic_file_map_close(&map);
    return strcmp(r.format, "npy") != 0 && strcmp(r.format, "npz") != 0
               ? IC_OK
               : ic_fail(d, IC_E_OPTION_MISSING,
                         "%s is an array, not a model file: to compare a model's output with it write inchip compare %s --input "
                         "FILE --golden %s",
                         path, model == path ? "MODEL" : model, path);
}

static enum ic_status compare(const char **paths, int n, const struct compare_options *o, struct kept *a, struct kept *b,
                              struct report *report, struct ic_diag *d)
{
    char on_a[64];
    const char *comma = strchr(o->on, ',');
    snprintf(on_a, sizeof on_a, "%.*s", comma ? (int)(comma - o->on) : (int)strlen(o->on), o->on);
    if (!(o->tolerance >= 0))
        return ic_fail(d, IC_E_OPTION_VALUE, "--tol %g: 0 or more is wanted", o->tolerance);
    if (comma && (comma == o->on || !comma[1] || strchr(comma + 1, ',')))
        return ic_fail(d, IC_E_OPTION_VALUE, "--on %s: one place or two are wanted, such as sim,host", o->on);
    if (comma && o->golden)
        return ic_fail(d, IC_E_OPTIONS_CLASH, "--on %s: with --golden the model runs at one place", o->on);
    for (int i = 0; i < n; i++)
        IC_TRY(refuse_array(paths[i], paths[n == 2 ? 1 - i : 0], d));
    if (n == 1 && comma) /* one file at two places */
        paths[n++] = paths[0];
    if ((n == 2) == (o->golden != NULL))
        return ic_fail(d, IC_E_OPTION_MISSING,
                       "compare takes two model files, or one with --golden OUT.npy, or one at two places (--on sim,host)");
    IC_TRY(ic_place_open(paths[0], on_a, 0, &a->place, d));
    if (n == 2)
        IC_TRY(ic_place_open(paths[1], comma ? comma + 1 : on_a, 0, &b->place, d));
    if (n == 2)
        IC_TRY(check_outputs(a, b, d));
    IC_TRY(run_kept(paths[0], o, a, d));
    if (o->golden)
        return compare_golden(a, o, report, d);
    IC_TRY(run_kept(paths[1], o, b, d));
    if (a->place.qemu || b->place.qemu) { /* its runner gives outputs only */
        ic_say(d, 'I', "under qemu layers cannot be seen: the outputs are compared");
        print_head(report);
    } else {
        IC_TRY(compare_layers(a, b, report, d));
    }
    return compare_outputs(a, b, report, d);
}

static enum ic_status conclude(struct report *report, struct ic_diag *d)
{
    if (report->rows) {
        json_t *all = json_pack("{s:o, s:I, s:I, s:b, s:o}", "rows", report->rows, "inside_fused_layers",
                                (json_int_t)report->n_inside, "unmatched", (json_int_t)report->n_unmatched, "same", report->ok,
                                "first_difference", ic_json_text(report->first));
        report->rows = NULL;
        return ic_cli_print_json(all, d);
    }
    if (report->n_inside)
        ic_cli_printf("(%u layer%s of the first file %s inside fused layers of the second)\n", report->n_inside,
                      IC_S(report->n_inside), IC_N(report->n_inside, "is", "are"));
    if (report->n_unmatched)
        ic_cli_printf("(%u layer%s of the first file %s no layer of that name and size in the second)\n", report->n_unmatched,
                      IC_S(report->n_unmatched), IC_N(report->n_unmatched, "has", "have"));
    if (report->ok)
        ic_cli_printf("same\n");
    else
        ic_cli_printf("different: first at %s\n", report->first);
    return IC_OK;
}

int ic_verb_compare(int argc, char **argv, bool help, struct ic_diag *d)
{
    struct compare_options o = {.on = "host"};
    const struct ic_arg *args = compare_args(&o);
    if (help) {
        ic_cli_print_options(args);
        return IC_EXIT_OK;
    }
    const char *paths[2] = {0};
    int n = 0;
    enum ic_status status = ic_cli_parse(argc, argv, args, paths, 2, &n, d);
    struct kept a = {0}, b = {0};
    struct report report = {.tolerance = o.tolerance, .rows = o.json ? json_array() : NULL, .ok = true};
    if (status == IC_OK)
        status = compare(paths, n, &o, &a, &b, &report, d);
    if (status == IC_OK)
        status = conclude(&report, d);
    json_decref(report.rows);
    ic_place_close(&a.place);
    ic_place_close(&b.place);
    return status != IC_OK ? IC_EXIT_ERROR : report.ok ? IC_EXIT_OK : IC_EXIT_NO;
}
