/* SPDX-License-Identifier: Apache-2.0
 *
 * ONNX files: the wire format, the messages, all operators with constants folded on the way. */
#include "import/import.h"
#include "optimize/evaluate.h"

#include <stdio.h>

#ifdef IC_FUZZ
#include "fuzz/mutate.h"
IC_MUTATE_WITH(mutate_protobuf)
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void import(const void *bytes, size_t size, const struct ic_import_input *in)
{
    struct ic_import_options o = {
        .inputs = in, .n_inputs = in ? 1 : 0, .limits = ic_import_limits_default(), .evaluate = ic_opt_fold_node};
    o.limits.max_total_bytes = (uint64_t)64 << 20;
    o.limits.max_evaluated = 5000;
    o.limits.max_nodes = 500;
    o.limits.max_depth = 20;
    struct ic_diag d = {0};
    struct ic_graph *g = NULL;
    const enum ic_status s = ic_import(bytes, size, "fuzz.onnx", &o, &g, &d);
    if (s != IC_OK && d.text[0] == 0)
        __builtin_trap(); /* a refusal without a reason */
    if (s == IC_ERR_INTERNAL)
        __builtin_trap();
    if (s == IC_OK && ic_ir_verify(g, IC_STAGE_IMPORTED, &d) != IC_OK) {
        fprintf(stderr, "the imported graph is not sound: %s\n", d.text);
        __builtin_trap();
    }
    ic_graph_destroy(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct ic_import_input in = {.rank = 2, .dims = {2, 3}};
    static struct ic_import_signature signature;
    struct ic_diag d = {0};
    import(data, size, NULL);
    import(data, size, &in);
    if (ic_import_signature(data, size, "fuzz.onnx", NULL, &signature, &d) != IC_OK && d.text[0] == 0)
        __builtin_trap();
    return 0;
}
