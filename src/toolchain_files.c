/* SPDX-License-Identifier: Apache-2.0
 *
 * What inchip/toolchain.h says of files without running them: a model file's JSON head, pictures.
 */
#include "inchip/toolchain.h"

#include "media/sample.h"
#include "runtime/context.h"
#include "toolchain.h"

#include <string.h>

int inchip_file_json(inchip_context *context, const char *path, char **out_json)
{
    struct ic_diag *d = ic_context_begin(context);
    struct ic_file_map map = {0};
    struct ic_container container = {0};
    if (!path || !out_json)
        return (int)ic_fail(d, IC_E_CALL, "inchip_file_json: path or out_json is NULL");
    enum ic_status status = ic_file_map_open(path, &map, d);
    if (status != IC_OK)
        return (int)status;
    struct ic_diag inner = {0};
    status = ic_container_open(map.bytes, map.size_bytes, true, &container, &inner);
    const struct ic_section *s = status == IC_OK ? ic_container_find(&container, IC_SECTION_JSON, 0) : NULL;
    char *text = s ? ic_malloc(s->size_bytes + 1) : NULL;
    struct ic_recognized r = {0};
    if (status == IC_ERR_FORMAT)
        ic_import_recognize(map.bytes, map.size_bytes, &r);
    if (r.importable)
        status = ic_fail(d, IC_E_NOT_CONVERTED, "%s is a source model (%s), not a model file of inchip: it is not converted yet",
                         path, r.format);
    else if (status != IC_OK)
        status = ic_fail(d, inner.code, "%s: %s", path, inner.text);
    else if (!s)
        status = ic_fail(d, IC_E_NO_PROGRAM, "%s: the file has no description: convert the source model again", path);
    else if (!text)
        status = ic_fail(d, IC_ERR_MEMORY, "%s: no memory for its description", path);
    if (text) {
        memcpy(text, s->bytes, s->size_bytes);
        text[s->size_bytes] = '\0';
        *out_json = text;
    }
    ic_file_map_close(&map);
    return (int)status;
}

int inchip_picture_load(inchip_context *context, const char *path, int32_t channels, inchip_image *out_image)
{
    struct ic_diag *d = ic_context_begin(context);
    struct ic_file_map map = {0};
    struct ic_image image = {0};
    if (!path || !out_image)
        return (int)ic_fail(d, IC_E_CALL, "inchip_picture_load: path or out_image is NULL");
    *out_image = (inchip_image){0};
    enum ic_status status = ic_file_map_open(path, &map, d);
    if (status != IC_OK)
        return (int)status;
    status = ic_sample_picture(path, &map, channels, &image, d);
    ic_file_map_close(&map);
    *out_image = (inchip_image){.width = image.width, .height = image.height, .channels = image.channels, .pixels = image.pixels};
    return (int)status;
}
