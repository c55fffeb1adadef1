/* SPDX-License-Identifier: Apache-2.0 */
#include "import/recognize.h"

#include <string.h>

static bool starts(const uint8_t *p, size_t n, const char *magic, size_t length)
{
    return n >= length && memcmp(p, magic, length) == 0;
}

static bool has_at(const uint8_t *p, size_t n, size_t at, const char *magic, size_t length)
{
    return n >= at && n - at >= length && memcmp(p + at, magic, length) == 0;
}

static uint64_t get64(const uint8_t *p)
{
    uint64_t v = 0;
    for (int i = 8; i-- > 0;)
        v = v << 8 | p[i];
    return v;
}

/* ---- magic numbers ---- */
static enum ic_model_kind by_magic(const uint8_t *p, size_t n)
{
    static const struct {
        const char *magic;
        uint8_t length, at;
        enum ic_model_kind kind;
    } magics[] = {
        {"\x89INCHIP\n", 8, 0, IC_MODEL_OURS},
        {"CYPTRKNN", 8, 0, IC_MODEL_RKNN2},
        {"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 14, 0, IC_MODEL_TORCH_LEGACY},
        {"\x89HDF\r\n\x1a\n", 8, 0, IC_MODEL_H5},
        {"TFL3", 4, 4, IC_MODEL_TFLITE},
        {"PTMF", 4, 4, IC_MODEL_TORCH_MOBILE},
        {"GGUF", 4, 0, IC_MODEL_GGUF},
        {"\x93NUMPY", 6, 0, IC_MODEL_NPY},
        {"\x89PNG", 4, 0, IC_MODEL_PICTURE},
        {"\xff\xd8\xff", 3, 0, IC_MODEL_PICTURE},
        {"BM", 2, 0, IC_MODEL_PICTURE},
        {"version https://git-lfs", 23, 0, IC_MODEL_LFS},
        {"\x12\x01\0\0\0\0\0\0", 8, 0, IC_MODEL_MXNET_PARAMS},
    };
    for (size_t i = 0; i < sizeof magics / sizeof *magics; ++i)
        if (has_at(p, n, magics[i].at, magics[i].magic, magics[i].length))
            return magics[i].kind;
    if (starts(p, n, "RKNN", 4) && n >= 16) {
        const uint64_t version = get64(p + 8);
        return version <= 1 || (version == 2 && n >= 0x21 && get64(p + 16) == 0 && p[0x20] == '{') ? IC_MODEL_RKNN1
                                                                                                   : IC_MODEL_RKNN2;
    }
    if (n >= 10 && get64(p) >= 2 && get64(p) <= n - 8 && p[8] == '{')
        return IC_MODEL_SAFETENSORS;
    /* darknet: version 0, minor 1 or 2, then the number of pictures seen */
    if (n >= 16 && n % 4 == 0 && get64(p) >> 32 >= 1 && get64(p) >> 32 <= 2 && (uint32_t)get64(p) == 0)
        return IC_MODEL_DARKNET_WEIGHTS;
    if (n >= 2 && p[0] == 0x80 && p[1] >= 2 && p[1] <= 5)
        return IC_MODEL_PICKLE;
    return IC_MODEL_UNKNOWN;
}

/* ---- texts ---- */
static bool is_text(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n && i < 512; ++i)
        if (p[i] < 32 && p[i] != '\n' && p[i] != '\r' && p[i] != '\t')
            return false;
    return n > 0;
}

static bool mentions(const uint8_t *p, size_t n, const char *word)
{
    const size_t m = strlen(word), last = n < 65536 ? n : 65536;
    for (size_t i = 0; i + m <= last; ++i)
        if (p[i] == (uint8_t)word[0] && memcmp(p + i, word, m) == 0)
            return true;
    return false;
}

static enum ic_model_kind by_text(const uint8_t *p, size_t n)
{
    if (!is_text(p, n))
        return IC_MODEL_UNKNOWN;
    size_t at = 0;
    while (at < n) { /* comments and blanks before the first word */
        if (p[at] == '#')
            while (at < n && p[at] != '\n')
                ++at;
        else if (p[at] != ' ' && p[at] != '\n' && p[at] != '\r' && p[at] != '\t')
            break;
        else
            ++at;
    }
    p += at;
    n -= at;
    if (starts(p, n, "[net]", 5) || starts(p, n, "[network]", 9))
        return IC_MODEL_DARKNET_CFG;
    if (starts(p, n, "<!DOCTYPE", 9) || starts(p, n, "<!doctype", 9) || starts(p, n, "<html", 5) || starts(p, n, "<HTML", 5))
        return IC_MODEL_HTML;
    if (starts(p, n, "{", 1) && mentions(p, n, "\"nodes\"") && mentions(p, n, "\"arg_nodes\""))
        return IC_MODEL_MXNET_SYMBOL;
    if (mentions(p, n, "layer {") || mentions(p, n, "layers {") || mentions(p, n, "layer{") || starts(p, n, "input:", 6))
        return IC_MODEL_PROTOTXT;
    return IC_MODEL_UNKNOWN;
}

/* ---- protobuf: which fields stand at the top ---- */
static bool read_varint(const uint8_t *p, size_t n, size_t *at, uint64_t *out)
{
    *out = 0;
    for (int shift = 0; shift < 64 && *at < n; shift += 7) {
        const uint8_t b = p[(*at)++];
        *out |= (uint64_t)(b & 127) << shift;
        if (b < 128)
            return true;
    }
    return false;
}

struct top_fields {
    bool varint[16], bytes[16], field100, whole; /* whole: the walk ended exactly at the end */
    size_t first_at, first_bytes;                /* the first field 1 of bytes */
    int n;
};

static void walk_fields(const uint8_t *p, size_t n, struct top_fields *out)
{
    memset(out, 0, sizeof *out);
    size_t at = 0;
    while (at < n && out->n < 100000) {
        uint64_t tag = 0, v = 0;
        if (!read_varint(p, n, &at, &tag) || tag >> 3 == 0 || tag >> 3 > 100000)
            return;
        const uint64_t field = tag >> 3;
        if ((tag & 7) == 0) {
            if (!read_varint(p, n, &at, &v))
                return;
            if (field < 16)
                out->varint[field] = true;
        } else if ((tag & 7) == 2) {
            if (!read_varint(p, n, &at, &v))
                return;
            if (field == 1 && !out->first_bytes) {
                out->first_at = at;
                out->first_bytes = (size_t)v;
            }
            if (field < 16)
                out->bytes[field] = true;
            out->field100 = out->field100 || field == 100;
            if (v > n - at) { /* cut off: what was seen still tells the kind */
                out->n++;
                return;
            }
            at += (size_t)v;
        } else {
            const size_t skip = (tag & 7) == 1 ? 8 : (tag & 7) == 5 ? 4 : n + 1;
            if (skip > n - at)
                return;
            at += skip;
        }
        out->n++;
    }
    out->whole = at == n;
}

static enum ic_model_kind by_protobuf(const uint8_t *p, size_t n)
{
    struct top_fields top, inner;
    walk_fields(p, n, &top);
    if (top.n < 1)
        return IC_MODEL_UNKNOWN;
    if (top.varint[1] && (top.bytes[7] || top.bytes[8]))
        return IC_MODEL_ONNX;
    if (top.varint[1] && top.bytes[2])
        return IC_MODEL_GRAPHDEF; /* a saved model: version and graph definitions */
    if (top.field100 && top.bytes[1])
        return IC_MODEL_CAFFEMODEL;
    if (top.bytes[1] && top.first_bytes && top.first_bytes <= n - top.first_at) {
        walk_fields(p + top.first_at, top.first_bytes, &inner);
        if (inner.whole && inner.bytes[1] && inner.bytes[2])
            return IC_MODEL_GRAPHDEF;
    }
    return top.bytes[1] && top.bytes[2] && top.first_bytes < 200 ? IC_MODEL_CAFFEMODEL : IC_MODEL_UNKNOWN;
}

/* ---- zips ---- */
static void identify_zip(const void *bytes, size_t size_bytes, const struct ic_import_limits *limits, struct ic_arena *arena,
                         struct ic_model_identity *out, const struct ic_log *log)
{
    static const enum ic_model_kind kinds[] = {[IC_ZIP_UNKNOWN] = IC_MODEL_ZIP,
                                               [IC_ZIP_TORCHSCRIPT] = IC_MODEL_TORCHSCRIPT,
                                               [IC_ZIP_TORCHSCRIPT_OLD] = IC_MODEL_TORCHSCRIPT_OLD,
                                               [IC_ZIP_TORCHSCRIPT_NO_CODE] = IC_MODEL_TORCHSCRIPT_NO_CODE,
                                               [IC_ZIP_TORCH_PICKLE] = IC_MODEL_TORCH_PICKLE,
                                               [IC_ZIP_TORCH_PACKAGE] = IC_MODEL_TORCH_PACKAGE,
                                               [IC_ZIP_PT2] = IC_MODEL_PT2,
                                               [IC_ZIP_KERAS] = IC_MODEL_KERAS,
                                               [IC_ZIP_NPZ] = IC_MODEL_NPZ};
    struct ic_diag inner = {.log = log};
    out->kind = IC_MODEL_ZIP;
    const enum ic_status status = ic_zipfile_open(bytes, size_bytes, limits->max_member_bytes, arena, &out->zip, &inner);
    if (status != IC_OK) {
        out->damage_cause = inner.code;
        out->damage = ic_arena_text(arena, inner.text, strlen(inner.text));
        if (!out->damage)
            out->damage = "the zip archive cannot be read";
        return;
    }
    out->kind = kinds[ic_ts_archive_classify(&out->zip, &out->top, arena)];
}

static bool ends_as_zip(const uint8_t *p, size_t n)
{
    for (size_t i = n < 22 ? 0 : n - 22, k = 0; n >= 22 && k < 1024; ++k, --i) {
        if (has_at(p, n, i, "PK\5\6", 4))
            return true;
        if (i == 0)
            break;
    }
    return false;
}

void ic_import_identify(const void *bytes, size_t size_bytes, const struct ic_import_limits *limits, struct ic_arena *arena,
                        struct ic_model_identity *out, const struct ic_log *log)
{
    const uint8_t *p = bytes;
    *out = (struct ic_model_identity){.kind = IC_MODEL_EMPTY};
    if (size_bytes == 0)
        return;
    if (starts(p, size_bytes, "PK\3\4", 4) || starts(p, size_bytes, "PK\5\6", 4)) {
        identify_zip(bytes, size_bytes, limits, arena, out, log);
        return;
    }
    out->kind = by_magic(p, size_bytes);
    if (out->kind == IC_MODEL_UNKNOWN)
        out->kind = by_text(p, size_bytes);
    if (out->kind == IC_MODEL_UNKNOWN && ends_as_zip(p, size_bytes)) {
        out->kind = IC_MODEL_ZIP;
        out->damage_cause = IC_E_ARCHIVE;
        out->damage = "other bytes stand before the zip archive; cut them off";
        return;
    }
    if (out->kind == IC_MODEL_UNKNOWN)
        out->kind = by_protobuf(p, size_bytes);
}

const char *ic_model_kind_name(enum ic_model_kind kind)
{
    static const char *const names[IC_MODEL_KIND_COUNT] = {
        [IC_MODEL_UNKNOWN] = "unknown",
        [IC_MODEL_EMPTY] = "empty",
        [IC_MODEL_TORCHSCRIPT] = "torchscript",
        [IC_MODEL_TORCHSCRIPT_OLD] = "torchscript before 1.4",
        [IC_MODEL_TORCHSCRIPT_NO_CODE] = "torchscript without code",
        [IC_MODEL_TORCH_PICKLE] = "torch checkpoint",
        [IC_MODEL_TORCH_LEGACY] = "torch checkpoint",
        [IC_MODEL_PICKLE] = "pickle",
        [IC_MODEL_TORCH_PACKAGE] = "torch package",
        [IC_MODEL_TORCH_MOBILE] = "torch mobile flatbuffer",
        [IC_MODEL_PT2] = "torch export",
        [IC_MODEL_ZIP] = "zip",
        [IC_MODEL_NPZ] = "npz",
        [IC_MODEL_NPY] = "npy",
        [IC_MODEL_KERAS] = "keras",
        [IC_MODEL_H5] = "hdf5",
        [IC_MODEL_TFLITE] = "tflite",
        [IC_MODEL_GGUF] = "gguf",
        [IC_MODEL_SAFETENSORS] = "safetensors",
        [IC_MODEL_MXNET_PARAMS] = "mxnet params",
        [IC_MODEL_MXNET_SYMBOL] = "mxnet symbol",
        [IC_MODEL_PROTOTXT] = "caffe prototxt",
        [IC_MODEL_DARKNET_CFG] = "darknet cfg",
        [IC_MODEL_DARKNET_WEIGHTS] = "darknet weights",
        [IC_MODEL_ONNX] = "onnx",
        [IC_MODEL_GRAPHDEF] = "tensorflow graph",
        [IC_MODEL_CAFFEMODEL] = "caffemodel",
        [IC_MODEL_RKNN1] = "rknn v1",
        [IC_MODEL_RKNN2] = "rknn v2",
        [IC_MODEL_OURS] = "inchip",
        [IC_MODEL_PICTURE] = "picture",
        [IC_MODEL_HTML] = "html",
        [IC_MODEL_LFS] = "git lfs pointer",
    };
    return kind < IC_MODEL_KIND_COUNT ? names[kind] : "unknown";
}
