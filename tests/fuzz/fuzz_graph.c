/* SPDX-License-Identifier: Apache-2.0
 *
 * Graphs from anybody: the text form, and the serialized form (u32 bytes of the graph, then the graph, then its constants). What is accepted
 * must survive printing, encoding, lowering and optimizing: no pass may make a graph that the verifier refuses.
 */
#include "base/alloc.h"
#include "ir/graph.h"
#include "ops/op.h"
#include "optimize/optimize.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(struct ic_graph *g)
{
    struct ic_diag d = {0};
    struct ic_writer text = {0}, bytes = {0}, consts = {0};
    struct ic_lowered lowered;
    size_t computed = 0;
    ic_ir_print(g, true, &text);
    struct ic_graph *again = NULL;
    if (ic_ir_parse((const char *)text.bytes, text.size_bytes, &again, &d) != IC_OK)
        abort(); /* what was accepted prints, and the print is accepted */
    ic_graph_destroy(again);
    if (ic_ir_encode(g, &bytes, &consts, &d) != IC_OK)
        abort();
    for (int32_t i = 0; i < g->n_values; i++)
        computed += ic_value_bytes(g->values[i]) / 64;
    if (computed < (size_t)1 << 20 && ic_ops_lower_graph(g, &lowered, &d) == IC_OK)
        ic_ops_lowered_destroy(&lowered);
    const struct ic_optimize_options options = {.level = 3};
    ic_diag_clear(&d);
    if (computed < (size_t)1 << 10) {
        const enum ic_status status = ic_optimize(g, &options, &d);
        if (status == IC_ERR_INTERNAL || status == IC_ERR_CORRUPT) {
            fprintf(stderr, "%s\n", d.text);
            abort();
        }
    }
    ic_writer_destroy(&text);
    ic_writer_destroy(&bytes);
    ic_writer_destroy(&consts);
}

static void decode(const uint8_t *data, size_t size)
{
    struct ic_diag d = {0};
    struct ic_graph *g = NULL;
    uint32_t graph_bytes = 0;
    memcpy(&graph_bytes, data, sizeof graph_bytes);
    data += sizeof graph_bytes;
    size -= sizeof graph_bytes;
    if (graph_bytes > size)
        graph_bytes = (uint32_t)size;
    const size_t const_bytes = size - graph_bytes;
    uint8_t *graph = malloc(graph_bytes + 1),
            *consts = ic_malloc_aligned(const_bytes + 64, 64); /* constants are mapped 64-byte aligned */
    if (graph && consts) {
        memcpy(graph, data, graph_bytes);
        memcpy(consts, data + graph_bytes, const_bytes);
        if (ic_ir_decode(graph, graph_bytes, consts, const_bytes, &g, &d) == IC_OK)
            use(g);
    }
    ic_graph_destroy(g);
    free(graph);
    ic_free_aligned(consts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_diag d = {0};
    struct ic_graph *g = NULL;
    if (size >= 4)
        decode(data, size);
    if (ic_ir_parse((const char *)data, size, &g, &d) == IC_OK)
        use(g);
    ic_graph_destroy(g);
    return 0;
}
