/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a model once on buffers from files: what `inchip run --on qemu:CPU` starts for another CPU.
 *
 *     runner MODEL.ic FOLDER        FOLDER/in0, in1 ... hold the inputs as stored; out0, out1 ... are written
 */
#include "inchip/runtime.h"

#include <stdio.h>

static void print_line(void *user, char level, const char *text)
{
    (void)user;
    if (level != 'D')
        fprintf(stderr, "%c %s\n", level, text);
}

/* Moves size_bytes between a buffer and FOLDER/<what><i>; 0 when done. */
static int move(const char *folder, const char *what, int i, void *read_to, const void *write_from, size_t size_bytes)
{
    char path[600];
    const int length = snprintf(path, sizeof path, "%s/%s%d", folder, what, i);
    FILE *f = length > 0 && (size_t)length < sizeof path ? fopen(path, read_to ? "rb" : "wb") : NULL;
    size_t done = 0;
    if (f) {
        done = read_to ? fread(read_to, 1, size_bytes, f) : fwrite(write_from, 1, size_bytes, f);
        if (fclose(f) != 0)
            done = 0;
    }
    if (f && done == size_bytes)
        return 0;
    fprintf(stderr, "E %s: %zu bytes moved, %zu wanted [IC-E0400]\n", path, done, size_bytes);
    return 1;
}

static int run(inchip_context *context, const inchip_model *model, inchip_session *session, const char *folder)
{
    inchip_tensor_info info = {.struct_size = sizeof info};
    for (int32_t i = 0; i < inchip_model_inputs(model); i++)
        if (inchip_model_input_info(model, i, &info) != INCHIP_OK ||
            move(folder, "in", i, inchip_session_input(session, i), NULL, (size_t)info.size_bytes))
            return 1;
    if (inchip_session_run(context, session) != INCHIP_OK) {
        fprintf(stderr, "E %s [IC-E%04d]\n", inchip_context_error(context), inchip_context_error_code(context));
        return 1;
    }
    for (int32_t i = 0; i < inchip_model_outputs(model); i++)
        if (inchip_model_output_info(model, i, &info) != INCHIP_OK ||
            move(folder, "out", i, NULL, inchip_session_output(session, i), (size_t)info.size_bytes))
            return 1;
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: runner MODEL.ic FOLDER\n");
        return 2;
    }
    inchip_context *context = inchip_context_create();
    inchip_context_set_log(context, print_line, NULL);
    inchip_model *model = NULL;
    inchip_session *session = NULL;
    int code = 1;
    if (inchip_model_open(context, argv[1], &model) == INCHIP_OK && inchip_session_create(context, model, 0, &session) == INCHIP_OK)
        code = run(context, model, session, argv[2]);
    else
        fprintf(stderr, "E %s [IC-E%04d]\n", inchip_context_error(context), inchip_context_error_code(context));
    inchip_session_destroy(session);
    inchip_model_close(model);
    inchip_context_destroy(context);
    return code;
}
