/* SPDX-License-Identifier: Apache-2.0
 *
 * Linked into the full runtime: a portable graph is compiled on the device for the machine it runs on.
 */
#include "compile/compile.h"
#include "runtime/session.h"

static enum ic_status prepare(const struct ic_container *c, struct ic_program *out_p, struct ic_writer *out_consts,
                              struct ic_diag *d)
{
    const struct ic_section *graph = ic_container_find(c, IC_SECTION_GRAPH, 0),
                            *consts = ic_container_find(c, IC_SECTION_GRAPH_CONSTS, 0);
    if (!graph)
        return ic_fail(d, IC_E_NO_PROGRAM, "the file holds neither a program nor a portable graph: convert the source model again");
    struct ic_graph *g = NULL;
    IC_TRY(ic_ir_decode(graph->bytes, graph->size_bytes, consts ? consts->bytes : NULL, consts ? consts->size_bytes : 0, &g, d));
    const enum ic_status status = ic_compile(g, ic_target_host(), false, out_p, out_consts, d);
    ic_graph_destroy(g);
    return status;
}

ic_prepare_fn *const ic_runtime_prepare = prepare;
