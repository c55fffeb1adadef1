/* SPDX-License-Identifier: Apache-2.0
 *
 * inchip compare: two model files, or one file with golden values, on the same input: outputs and layers matched by name.
 */
#include "cli/cli.h"

#include "media/npy.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct compare_options {
    struct ic_arg_list inputs;
    const char *golden, *on;
    double tolerance;
};

static const struct ic_arg *compare_args(struct compare_options *o)
{
    static struct ic_arg args[5];
    const struct ic_arg list[] = {
        {"--input", "-i", IC_ARG_LIST, &o->inputs, "FILE", "picture or .npy; once per input"},
        {"--golden", NULL, IC_ARG_TEXT, &o->golden, "OUT.npy", "compare A's output 0 with these values instead of with B"},
        {"--on", NULL, IC_ARG_TEXT, &o->on, "PLACE", "host (default) or sim, or two for A and B: sim,host"},
        {"--tol", NULL, IC_ARG_DOUBLE, &o->tolerance, "X",
         "largest |difference| / largest |value| that passes (default 0: equal to the bit)"},
        {0},
    };
    memcpy(args, list, sizeof list);
    return args;
}

/* Results of one run kept by layer name. */
struct kept {
    struct ic_place place;
    float **values; /* per step; NULL when not kept */
    size_t *counts;
};

static void keep(void *user, uint32_t i_step, uint32_t tensor, const void *data)
{
    struct kept *k = user;
    const struct ic_tensor *t = &ic_place_program(&k->place)->tensors[tensor];
    k->counts[i_step] = ic_cli_tensor_elements(t);
    k->values[i_step] = ic_arena_array(&k->place.arena, k->counts[i_step] + 1, sizeof(float));
    if (k->values[i_step])
        ic_cli_tensor_to_f32(t, data, k->values[i_step]);
}

static enum ic_status run_kept(const char *path, const char *on, const struct compare_options *o, struct kept *k, struct ic_diag *d)
{
    IC_TRY(ic_place_open(path, on, 0, &k->place, d));
    const struct ic_program *p = ic_place_program(&k->place);
    k->values = ic_arena_array(&k->place.arena, p->n_steps + 1, sizeof *k->values);
    k->counts = ic_arena_array(&k->place.arena, p->n_steps + 1, sizeof *k->counts);
    if (!k->values || !k->counts)
        return ic_fail(d, IC_ERR_MEMORY, "%s: no memory to keep its layers", path);
    if (o->inputs.n != (int)p->n_inputs)
        return ic_fail(d, IC_ERR_ARG, "%s has %u input(s), %d given: use --input FILE once per input", path, p->n_inputs,
                       o->inputs.n);
    for (int i = 0; i < o->inputs.n; i++)
        IC_TRY(ic_place_load_input(&k->place, (uint32_t)i, o->inputs.items[i], d));
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
        top = fmax(top, fmax(fabs(x), fabs(y)));
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    r.relative = top > 0 ? r.largest / top : r.largest;
    r.cosine = aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 1.0;
    return r;
}

static bool print_row(const char *name, const struct difference *r, size_t n, double tolerance)
{
    const bool ok = tolerance > 0 ? r->relative <= tolerance : r->n_bits == 0;
    printf("%-40.40s %9zu %12.5g %12.5g %10.7f %s\n", name, n, r->largest, r->relative, r->cosine,
           r->n_bits == 0 ? "equal"
           : ok           ? "within"
                          : "DIFFERS");
    return ok;
}

static void print_head(void)
{
    printf("%-40s %9s %12s %12s %10s\n", "layer", "elements", "max |diff|", "relative", "cosine");
}

/* The last step of that name in k (a layer's steps share its name; its result is the last one's). */
static int64_t find_layer(const struct kept *k, const char *name)
{
    const struct ic_program *p = ic_place_program(&k->place);
    for (uint32_t i = p->n_steps; i-- > 0;)
        if (k->values[i] && strcmp(ic_program_text(p, p->steps[i].name), name) == 0)
            return i;
    return -1;
}

static bool compare_layers(const struct kept *a, const struct kept *b, double tolerance)
{
    const struct ic_program *p = ic_place_program(&a->place);
    bool ok = true;
    uint32_t n_unmatched = 0;
    print_head();
    for (uint32_t i = 0; i < p->n_steps; i++) {
        const char *name = ic_program_text(p, p->steps[i].name);
        if (find_layer(a, name) != i)
            continue;
        const int64_t other = find_layer(b, name);
        if (other < 0 || a->counts[i] != b->counts[other]) {
            n_unmatched++;
            continue;
        }
        const struct difference r = differ(a->values[i], b->values[other], a->counts[i]);
        ok = print_row(name, &r, a->counts[i], tolerance) && ok;
    }
    if (n_unmatched)
        printf("(%u layers of the first file have no layer of that name and size in the second)\n", n_unmatched);
    return ok;
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

static enum ic_status compare_outputs(struct kept *a, struct kept *b, double tolerance, bool *ok, struct ic_diag *d)
{
    const struct ic_program *pa = ic_place_program(&a->place), *pb = ic_place_program(&b->place);
    if (pa->n_outputs != pb->n_outputs)
        return ic_fail(d, IC_ERR_ARG, "the first file has %u outputs, the second %u", pa->n_outputs, pb->n_outputs);
    for (uint32_t i = 0; i < pa->n_outputs; i++) {
        float *x = NULL, *y = NULL;
        size_t n = 0, m = 0;
        IC_TRY(output_values(a, i, &x, &n, d));
        IC_TRY(output_values(b, i, &y, &m, d));
        if (n != m)
            return ic_fail(d, IC_ERR_ARG, "output %u has %zu elements in the first file, %zu in the second", i, n, m);
        const struct difference r = differ(x, y, n);
        char name[80];
        snprintf(name, sizeof name, "output %s", ic_program_text(pa, pa->outputs[i].name));
        *ok = print_row(name, &r, n, tolerance) && *ok;
    }
    return IC_OK;
}

static enum ic_status compare_golden(struct kept *a, const struct compare_options *o, bool *ok, struct ic_diag *d)
{
    struct ic_npy golden = {0};
    float *x = NULL;
    size_t n = 0;
    IC_TRY(output_values(a, 0, &x, &n, d));
    IC_TRY(ic_npy_load_f32(o->golden, &golden, d));
    if (golden.elements == n) {
        const struct difference r = differ(x, golden.values, n);
        print_head();
        *ok = print_row("output against golden", &r, n, o->tolerance);
    }
    const enum ic_status status = golden.elements == n ? IC_OK
                                                       : ic_fail(d, IC_ERR_ARG, "%s has %zu values, the model's output has %zu",
                                                                 o->golden, golden.elements, n);
    ic_npy_destroy(&golden);
    return status;
}

static enum ic_status compare(const char *const *paths, int n, const struct compare_options *o, struct kept *a, struct kept *b,
                              bool *ok, struct ic_diag *d)
{
    char on_a[16];
    const char *comma = strchr(o->on, ',');
    snprintf(on_a, sizeof on_a, "%.*s", comma ? (int)(comma - o->on) : (int)strlen(o->on), o->on);
    if ((n == 2) == (o->golden != NULL))
        return ic_fail(d, IC_ERR_ARG, "compare takes two model files, or one with --golden OUT.npy");
    IC_TRY(run_kept(paths[0], on_a, o, a, d));
    if (o->golden)
        return compare_golden(a, o, ok, d);
    IC_TRY(run_kept(paths[1], comma ? comma + 1 : on_a, o, b, d));
    *ok = compare_layers(a, b, o->tolerance);
    return compare_outputs(a, b, o->tolerance, ok, d);
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
    bool ok = true;
    if (status == IC_OK)
        status = compare(paths, n, &o, &a, &b, &ok, d);
    ic_place_close(&a.place);
    ic_place_close(&b.place);
    if (status != IC_OK)
        return IC_EXIT_ERROR;
    printf("%s\n", ok ? "same" : "different");
    return ok ? IC_EXIT_OK : IC_EXIT_NO;
}
