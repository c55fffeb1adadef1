/* SPDX-License-Identifier: Apache-2.0
 *
 * The whole import. Bytes that are no zip are taken as the source of a small archive with two weights, so that the evaluator and the
 * operators are reached without a zip around every input. */
#include "fuzz/imports.h"
#include "import_archive.h"

#ifdef IC_FUZZ
#include "fuzz/mutate.h"
IC_MUTATE_WITH(mutate_zip)
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void import(const void *bytes, size_t size)
{
    static const int32_t shapes[3][5] = {{1, 6}, {2, 2, 6}, {4, 1, 3, 4, 4}};
    for (int i = 0; i < 3; ++i) {
        struct ic_import_input in = {.rank = shapes[i][0]};
        for (int k = 0; k < in.rank; ++k)
            in.dims[k] = shapes[i][k + 1];
        struct ic_import_options o = {.inputs = &in, .n_inputs = 1, .limits = ic_import_limits_default()};
        o.limits.max_evaluated = 20000;
        o.limits.max_depth = 60;
        fuzz_import(bytes, size, "fuzz.pt", o);
    }
    fuzz_signature(bytes, size, "fuzz.pt");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const float numbers[54] = {1, 2, 3, -4, 0.5f, 6};
    static const struct weight weights[2] = {{"weight", 2, {3, 6}, numbers}, {"kernel", 4, {2, 3, 3, 3}, numbers}};
    if (size > 2 && data[0] == 'P' && data[1] == 'K') {
        import(data, size);
        return 0;
    }
    struct archive a;
    archive_of_source(&a, (const char *)data, size, weights, 2);
    import(a.file.bytes, a.file.size_bytes);
    archive_free(&a);
    return 0;
}
