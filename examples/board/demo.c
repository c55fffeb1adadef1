/* SPDX-License-Identifier: Apache-2.0
 *
 * The same walk as demo_rknn.cpp in plain C, for as many pictures as are named:
 *
 *     demo MODEL.rknn [-n RUNS] [-o OUTPUT.f32] PICTURE.png ...
 *
 * -n repeats each run (for timing and for counting instructions), -o writes the float32 results of all pictures one after another (for
 * comparing machines byte by byte). README.md has the build line.
 */
#include "inchip/media.h"
#include "rknn_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    const char *model, *output;
    int n_runs, n_pictures;
    char **pictures;
};

/* The whole file in *out_bytes, to be freed; 0 when it cannot be read. */
static size_t read_file(const char *path, void **out_bytes)
{
    FILE *file = fopen(path, "rb");
    long size = -1;
    if (file && fseek(file, 0, SEEK_END) == 0)
        size = ftell(file);
    *out_bytes = size > 0 ? malloc((size_t)size) : NULL;
    if (*out_bytes) {
        rewind(file);
        if (fread(*out_bytes, 1, (size_t)size, file) != (size_t)size)
            size = 0;
    }
    if (file)
        fclose(file);
    return *out_bytes && size > 0 ? (size_t)size : 0;
}

static int open_model(const char *path, rknn_context *out_context)
{
    void *bytes = NULL;
    const size_t size = read_file(path, &bytes);
    if (size == 0) {
        printf("%s cannot be read, or is empty\n", path);
        free(bytes);
        return -1;
    }
    const int ret = rknn_init(out_context, bytes, (uint32_t)size, 0);
    free(bytes);
    if (ret < 0)
        printf("rknn_init error ret=%d\n", ret);
    return ret;
}

static void print_tensor(const rknn_tensor_attr *t)
{
    printf("index=%u name=%s n_dims=%u dims=[%u %u %u %u] n_elems=%u size=%u fmt=%d type=%d qnt_type=%d fl=%d zp=%u scale=%f\n",
           t->index, t->name, t->n_dims, t->dims[3], t->dims[2], t->dims[1], t->dims[0], t->n_elems, t->size, (int)t->fmt,
           (int)t->type, (int)t->qnt_type, t->fl, t->zp, (double)t->scale);
}

/* Prints what the model is; a demo takes one input and one output. */
static int describe(rknn_context context, rknn_tensor_attr *out_input, rknn_tensor_attr *out_output)
{
    rknn_input_output_num count;
    memset(out_input, 0, sizeof *out_input);
    memset(out_output, 0, sizeof *out_output);
    if (rknn_query(context, RKNN_QUERY_IN_OUT_NUM, &count, sizeof count) < 0 ||
        rknn_query(context, RKNN_QUERY_INPUT_ATTR, out_input, sizeof *out_input) < 0 ||
        rknn_query(context, RKNN_QUERY_OUTPUT_ATTR, out_output, sizeof *out_output) < 0)
        return -1;
    printf("model input num: %u, output num: %u\n", count.n_input, count.n_output);
    print_tensor(out_input);
    print_tensor(out_output);
    if (count.n_input == 1 && count.n_output == 1)
        return 0;
    printf("this demo takes models of one input and one output\n");
    return -1;
}

static int set_picture(rknn_context context, const rknn_tensor_attr *input, const inchip_image *image)
{
    const uint32_t bytes = (uint32_t)image->width * (uint32_t)image->height * (uint32_t)image->channels;
    rknn_input in;
    memset(&in, 0, sizeof in);
    in.buf = image->pixels;
    in.size = bytes;
    in.type = RKNN_TENSOR_UINT8;
    in.fmt = RKNN_TENSOR_NHWC;
    if (bytes != input->n_elems) {
        printf("the picture has %u values, the model wants %u\n", bytes, input->n_elems);
        return -1;
    }
    return rknn_inputs_set(context, 1, &in);
}

static int run(rknn_context context, int n_runs)
{
    rknn_perf_run perf;
    for (int i = 0; i < n_runs; i++) {
        const int ret = rknn_run(context, NULL);
        if (ret < 0)
            return ret;
    }
    if (rknn_query(context, RKNN_QUERY_PERF_RUN, &perf, sizeof perf) == RKNN_SUCC)
        printf("last run: %lld us\n", (long long)perf.run_duration);
    return 0;
}

static int print_result(const float *values, uint32_t n)
{
    uint32_t best = 0;
    for (uint32_t i = 0; i < n; i++) {
        printf("%s%f", i ? " " : "", (double)values[i]);
        if (values[i] > values[best])
            best = i;
    }
    printf("\nresult number: %u\n", best);
    return 0;
}

/* One picture from file to digit, into memory that is this program's own (is_prealloc). */
static int classify(rknn_context context, const struct options *o, const char *path, const rknn_tensor_attr *input, float *values,
                    uint32_t n_values, FILE *file)
{
    inchip_image image;
    char error[256] = "";
    rknn_output out;
    memset(&out, 0, sizeof out);
    out.want_float = 1;
    out.is_prealloc = 1;
    out.buf = values;
    out.size = n_values * (uint32_t)sizeof(float);
    if (inchip_image_load(path, 1, &image, error, sizeof error) != 0) {
        printf("%s\n", error);
        return -1;
    }
    int ret = set_picture(context, input, &image);
    inchip_image_free(&image);
    if (ret == 0)
        ret = run(context, o->n_runs);
    if (ret == 0)
        ret = rknn_outputs_get(context, 1, &out, NULL);
    if (ret < 0) {
        printf("%s: error ret=%d\n", path, ret);
        return ret;
    }
    print_result(values, n_values);
    if (file && fwrite(values, sizeof(float), n_values, file) != n_values)
        return -1;
    return rknn_outputs_release(context, 1, &out);
}

static int classify_all(rknn_context context, const struct options *o)
{
    rknn_tensor_attr input, output;
    int ret = describe(context, &input, &output);
    FILE *file = ret == 0 && o->output ? fopen(o->output, "wb") : NULL;
    float *values = ret == 0 ? calloc(output.n_elems, sizeof *values) : NULL;
    if (ret == 0 && (!values || (o->output && !file))) {
        printf("no memory, or %s cannot be written\n", o->output ? o->output : "no file");
        ret = -1;
    }
    for (int i = 0; ret == 0 && i < o->n_pictures; i++)
        ret = classify(context, o, o->pictures[i], &input, values, output.n_elems, file);
    free(values);
    if (file && fclose(file) != 0)
        ret = -1;
    return ret;
}

static int parse(int argc, char **argv, struct options *out)
{
    int i = 2;
    *out = (struct options){.model = argc > 1 ? argv[1] : NULL, .n_runs = 1};
    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        if (strcmp(argv[i], "-n") == 0)
            out->n_runs = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "-o") == 0)
            out->output = argv[i + 1];
        else
            return -1;
    }
    out->n_pictures = argc - i;
    out->pictures = argv + i;
    return out->n_pictures > 0 && out->n_runs > 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
    struct options o;
    rknn_context context = 0;
    if (parse(argc, argv, &o) != 0) {
        printf("usage: %s MODEL.rknn [-n RUNS] [-o OUTPUT.f32] PICTURE.png ...\n", argv[0]);
        return 2;
    }
    if (open_model(o.model, &context) < 0)
        return 1;
    const int ret = classify_all(context, &o);
    rknn_destroy(context);
    return ret == 0 ? 0 : 1;
}
