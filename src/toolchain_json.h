/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON section of a model file: for people and tools, never parsed on a device.
 */
#ifndef IC_TOOLCHAIN_JSON_H
#define IC_TOOLCHAIN_JSON_H

#include "toolchain.h"

#include <jansson.h>

/* JSON is UTF-8: a byte that is no part of a character becomes '?'. NULL when memory is refused. */
json_t *ic_json_text(const char *text);

/* Source, build type, options, inputs and outputs, layers. The same network and request give the same bytes. */
enum ic_status ic_network_json(const struct ic_network *n, const struct ic_pack_request *r, struct ic_writer *out,
                               struct ic_diag *d) IC_MUST_USE;

#endif
