/* SPDX-License-Identifier: Apache-2.0
 *
 * Which kind of file this is, by content.
 */
#ifndef IC_IMPORT_RECOGNIZE_H
#define IC_IMPORT_RECOGNIZE_H

#include "import/import.h"
#include "import/torchscript/archive.h"

enum ic_model_kind {
    IC_MODEL_UNKNOWN = 0,
    IC_MODEL_EMPTY,
    IC_MODEL_TORCHSCRIPT,
    IC_MODEL_TORCHSCRIPT_OLD,
    IC_MODEL_TORCHSCRIPT_NO_CODE,
    IC_MODEL_TORCH_PICKLE, /* which of the three: the pickle says */
    IC_MODEL_TORCH_LEGACY,
    IC_MODEL_PICKLE,
    IC_MODEL_TORCH_PACKAGE,
    IC_MODEL_TORCH_MOBILE,
    IC_MODEL_PT2,
    IC_MODEL_ZIP,
    IC_MODEL_NPZ,
    IC_MODEL_NPY,
    IC_MODEL_KERAS,
    IC_MODEL_H5,
    IC_MODEL_TFLITE,
    IC_MODEL_GGUF,
    IC_MODEL_SAFETENSORS,
    IC_MODEL_MXNET_PARAMS,
    IC_MODEL_MXNET_SYMBOL,
    IC_MODEL_PROTOTXT,
    IC_MODEL_DARKNET_CFG,
    IC_MODEL_DARKNET_WEIGHTS,
    IC_MODEL_ONNX,
    IC_MODEL_GRAPHDEF,
    IC_MODEL_CAFFEMODEL,
    IC_MODEL_RKNN1,
    IC_MODEL_RKNN2,
    IC_MODEL_OURS,
    IC_MODEL_PICTURE,
    IC_MODEL_HTML,
    IC_MODEL_LFS,
    IC_MODEL_KIND_COUNT
};

struct ic_model_identity {
    enum ic_model_kind kind;
    struct ic_zipfile zip; /* opened, for the kinds that are zips */
    const char *top;
    const char *damage;    /* a zip that cannot be opened: why; NULL otherwise */
    unsigned damage_cause; /* of ic_fail */
};
/* arena holds the zip's directory; must outlive out. */
void ic_import_identify(const void *bytes, size_t size_bytes, const struct ic_import_limits *limits, struct ic_arena *arena,
                        struct ic_model_identity *out, const struct ic_log *log);
/* "torch state dict", "torch checkpoint", "torch pickled module" of a torch.save file. */
const char *ic_import_pickle_format(const void *bytes, size_t size_bytes, const struct ic_model_identity *id,
                                    const struct ic_import_limits *limits, struct ic_arena *arena);
const char *ic_model_kind_name(enum ic_model_kind kind); /* "torchscript", "onnx" ... */
/* Refuses a file that is not importable, in two sentences that hold the fix. */
enum ic_status ic_import_refuse(const void *bytes, size_t size_bytes, const struct ic_model_identity *id,
                                const struct ic_import_limits *limits, struct ic_arena *arena, const char *name,
                                struct ic_diag *d) IC_MUST_USE;

#endif
