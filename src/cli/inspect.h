/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of inchip inspect.
 */
#ifndef IC_CLI_INSPECT_H
#define IC_CLI_INSPECT_H

#include "cli/cli.h"

#include <jansson.h>

/* inspect_vendor.c */
enum ic_status ic_inspect_vendor(const char *path, const struct ic_file_map *map, enum ic_file_kind kind, bool json,
                                 struct ic_diag *d) IC_MUST_USE;
/* inspect_weights.c: *listed false: the file holds no weights that can be listed, and nothing was printed. */
enum ic_status ic_inspect_weights(const char *path, const struct ic_file_map *map, const struct ic_recognized *r, bool json,
                                  bool *listed, struct ic_diag *d) IC_MUST_USE;
/* inspect_graph.c: the graph of a source network, or the portable graph of a model file; destroyed by the caller with ic_inspect_close. */
struct ic_inspected {
    struct ic_network *network; /* of a source network */
    struct ic_file_map map;     /* of a model file */
    struct ic_graph *graph;
};
enum ic_status ic_inspect_open(const char *path, const struct ic_arg_list *inputs, const char *method, struct ic_inspected *out,
                               struct ic_diag *d) IC_MUST_USE;
void ic_inspect_close(struct ic_inspected *i);
void ic_inspect_print_dropped(const struct ic_graph *g);
void ic_inspect_print_dot(const struct ic_graph *g);
/* The structural difference, line by line; IC_EXIT_OK none, IC_EXIT_NO some. */
int ic_inspect_compare(const char *a_path, const struct ic_graph *a, const char *b_path, const struct ic_graph *b, bool json,
                       struct ic_diag *d);

/* inspect.c */
const char *ic_inspect_section_name(uint32_t kind);

/* inspect_json.c: what the text says */
json_t *ic_inspect_graph_json(const struct ic_graph *g);
json_t *ic_inspect_signature_json(const struct ic_import_signature *s);
void ic_inspect_model_json(const struct ic_container *c, const struct ic_program *p, bool was_portable, bool steps, bool memory,
                           json_t *to);

#endif
