/* SPDX-License-Identifier: Apache-2.0
 *
 * ONNX files: the wire format, the messages, all operators with constants folded on the way. */
#include "fuzz/imports.h"
#include "optimize/evaluate.h"

#ifdef IC_FUZZ
#include "fuzz/mutate.h"
IC_MUTATE_WITH(mutate_protobuf)
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void import(const void *bytes, size_t size, const struct ic_import_input *in)
{
    struct ic_import_options o = {
        .inputs = in, .n_inputs = in ? 1 : 0, .limits = ic_import_limits_default(), .evaluate = ic_opt_fold_node};
    o.limits.max_evaluated = 5000;
    o.limits.max_depth = 20;
    fuzz_import(bytes, size, "fuzz.onnx", o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct ic_import_input in = {.rank = 2, .dims = {2, 3}};
    import(data, size, NULL);
    import(data, size, &in);
    fuzz_signature(data, size, "fuzz.onnx");
    return 0;
}
