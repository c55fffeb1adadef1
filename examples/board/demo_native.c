/* SPDX-License-Identifier: Apache-2.0
 *
 * The native C API on a board: a model file, a picture, the results. Prints them as hexadecimal floats too with -x, for comparing to the bit.
 *
 *     demo_native MODEL.ic PICTURE.png [-x] [-n RUNS]
 */
#define _POSIX_C_SOURCE 200809L
#include "inchip/media.h"
#include "inchip/runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_OUTPUTS = 4096 };

struct options {
    const char *model, *picture;
    int hex, runs;
};

static int parse(int argc, char **argv, struct options *o)
{
    o->runs = 1;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-x") == 0)
            o->hex = 1;
        else if (strcmp(argv[i], "-n") == 0 && i + 1 < argc)
            o->runs = atoi(argv[++i]);
        else if (!o->model)
            o->model = argv[i];
        else
            o->picture = argv[i];
    }
    return o->model && o->picture && o->runs > 0;
}

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void print_line(void *user, char level, const char *text)
{
    (void)user;
    fprintf(stderr, "%c %s\n", level, text);
}

static int fail(const inchip_context *context)
{
    fprintf(stderr, "E %s [IC-E%04d]\n", inchip_context_error(context), inchip_context_error_code(context));
    return 1;
}

static void print_results(const float *values, size_t n, int hex)
{
    size_t best = 0;
    for (size_t i = 0; i < n; i++) {
        printf(hex ? "%a " : "%f ", (double)values[i]);
        best = values[i] > values[best] ? i : best;
    }
    printf("\nresult number: %zu\n", best);
}

static int run(inchip_context *context, inchip_session *session, const inchip_image *image, const struct options *o, size_t n_out)
{
    static float values[MAX_OUTPUTS];
    const size_t n_in = (size_t)image->width * (size_t)image->height * (size_t)image->channels;
    if (inchip_session_set_input(context, session, 0, image->pixels, INCHIP_U8, n_in) != INCHIP_OK)
        return fail(context);
    const double start = now_us();
    for (int i = 0; i < o->runs; i++)
        if (inchip_session_run(context, session) != INCHIP_OK)
            return fail(context);
    fprintf(stderr, "I %d run(s), %.3f us each\n", o->runs, (now_us() - start) / o->runs);
    if (inchip_session_get_output(context, session, 0, values, n_out) != INCHIP_OK)
        return fail(context);
    print_results(values, n_out, o->hex);
    return 0;
}

static int open_and_run(inchip_context *context, const inchip_image *image, const struct options *o)
{
    inchip_model *model = NULL;
    inchip_session *session = NULL;
    inchip_tensor_info out = {.struct_size = sizeof out};
    int code = 1;
    if (inchip_model_open(context, o->model, &model) != INCHIP_OK ||
        inchip_session_create(context, model, 1, &session) != INCHIP_OK) {
        code = fail(context);
    } else if (inchip_model_output_info(model, 0, &out) == INCHIP_OK) {
        size_t n = 1;
        for (int i = 0; i < out.rank; i++)
            n *= (size_t)out.dims[i];
        code = n <= MAX_OUTPUTS ? run(context, session, image, o, n) : 1;
    }
    inchip_session_destroy(session);
    inchip_model_close(model);
    return code;
}

int main(int argc, char **argv)
{
    struct options o = {0};
    inchip_image image;
    char error[512];
    if (!parse(argc, argv, &o)) {
        fprintf(stderr, "usage: demo_native MODEL.ic PICTURE [-x] [-n RUNS]\n");
        return 2;
    }
    if (inchip_image_load(o.picture, 1, &image, error, sizeof error) != 0) {
        fprintf(stderr, "E %s\n", error);
        return 1;
    }
    inchip_context *context = inchip_context_create();
    if (!context)
        return 1;
    inchip_context_set_log(context, print_line, NULL);
    const int code = open_and_run(context, &image, &o);
    inchip_context_destroy(context);
    inchip_image_free(&image);
    return code;
}
