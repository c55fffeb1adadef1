/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that hold no network we can import: what they are, and what to do, in two sentences.
 */
#include "import/known_tools.h"
#include "import/recognize.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RECIPE                                                                                                                     \
    "In the Python program that made it, load the weights into the model and export that: model.eval(); "                          \
    "torch.jit.trace(model, torch.rand(INPUT SHAPE)).save(\"model.pt\")"

/* ---- torch.save files ---- */
enum pickle_sort { SORT_STATE_DICT, SORT_CHECKPOINT, SORT_DICT, SORT_MODULE, SORT_OTHER };

/* The pickle of the object: data.pkl of a zip, the fourth pickle of an old file. */
static enum ic_status read_object(const void *bytes, size_t size_bytes, const struct ic_model_identity *id,
                                  const struct ic_import_limits *limits, struct ic_arena *arena, struct ic_pickle_value **out,
                                  struct ic_diag *d)
{
    struct ic_pickle_options o = {.foreign_classes = true, .max_depth = limits->max_depth, .what = "data.pkl"};
    if (id->kind == IC_MODEL_TORCH_PICKLE) {
        const char *name = ic_arena_printf(arena, "%sdata.pkl", id->top);
        struct ic_zipfile zip = id->zip;
        struct ic_zipfile_member *m = name ? ic_zipfile_find(&zip, name) : NULL;
        const uint8_t *p = NULL;
        if (!m)
            return ic_fail(d, IC_E_ARCHIVE, "the archive has no data.pkl");
        IC_TRY(ic_zipfile_read(&zip, m, 64u << 20, &p, d));
        o.file_offset = m->method == 0 ? m->data_offset : 0;
        return ic_pickle_read(p, m->size_bytes, &o, arena, out, NULL, d);
    }
    size_t at = 0, used = 0;
    const size_t size = size_bytes < 256u << 20 ? size_bytes : 256u << 20;
    o.what = "pickle";
    for (int i = 0; i < (id->kind == IC_MODEL_TORCH_LEGACY ? 4 : 1); ++i) { /* magic, protocol, system, object */
        o.file_offset = at;
        IC_TRY(ic_pickle_read((const uint8_t *)bytes + at, size - at, &o, arena, out, &used, d));
        at += used;
    }
    return IC_OK;
}

static bool is_tensor(const struct ic_pickle_value *v)
{
    return ic_pickle_is_call(v, "torch._utils", "_rebuild_tensor_v2") || ic_pickle_is_call(v, "torch._utils", "_rebuild_tensor") ||
           ic_pickle_is_call(v, "torch._utils", "_rebuild_parameter");
}

static bool has_tensors(const struct ic_pickle_value *v)
{
    for (size_t i = 1; v->kind == IC_PICKLE_DICT && i < v->n_items; i += 2)
        if (is_tensor(v->items[i]))
            return true;
    return false;
}

static bool is_key_of_training(const struct ic_pickle_value *key)
{
    static const char *const keys[] = {"model",
                                       "state_dict",
                                       "model_state_dict",
                                       "net",
                                       "network",
                                       "optimizer",
                                       "epoch",
                                       "global_step",
                                       "ema",
                                       "teacher",
                                       "hyper_parameters",
                                       "lr_schedulers",
                                       "optimizer_state_dict",
                                       "optimizer_states",
                                       "best_acc1",
                                       "weights"};
    for (size_t i = 0; key->kind == IC_PICKLE_TEXT && i < sizeof keys / sizeof *keys; ++i)
        if (strcmp(key->text, keys[i]) == 0)
            return true;
    return false;
}

/* A dict that holds a dict of tensors, or has a key that trainers give. */
static bool is_training(const struct ic_pickle_value *dict)
{
    for (size_t i = 0; i + 1 < dict->n_items; i += 2)
        if (has_tensors(dict->items[i + 1]) || is_key_of_training(dict->items[i]))
            return true;
    return false;
}

static enum pickle_sort sort_of(const struct ic_pickle_value *v)
{
    if (v->kind == IC_PICKLE_OBJECT || (v->kind == IC_PICKLE_CALL && !is_tensor(v)))
        return SORT_MODULE;
    if (v->kind == IC_PICKLE_GLOBAL ||
        (v->kind == IC_PICKLE_PERSISTENT && v->items[0]->kind == IC_PICKLE_TUPLE && v->items[0]->n_items &&
         v->items[0]->items[0]->kind == IC_PICKLE_TEXT && strcmp(v->items[0]->items[0]->text, "module") == 0))
        return SORT_MODULE;
    if (v->kind == IC_PICKLE_DICT)
        return has_tensors(v) ? SORT_STATE_DICT : is_training(v) ? SORT_CHECKPOINT : SORT_DICT;
    return SORT_OTHER;
}

/* Keys are shown in messages: what is no visible ASCII becomes a dot. */
static size_t add_key(char *room, size_t room_bytes, const char *key)
{
    size_t n = 0;
    for (; key[n] && n < 60 && n + 1 < room_bytes; ++n)
        room[n] = key[n] >= ' ' && key[n] < 127 ? key[n] : '.';
    room[n] = 0;
    return n;
}

/* "linear.weight [10, 784], linear.bias [10] and 4 more" */
static void first_tensors(const struct ic_pickle_value *dict, char *room, size_t room_bytes)
{
    size_t n = 0, shown = 0, all = 0;
    room[0] = 0;
    for (size_t i = 0; i + 1 < dict->n_items; i += 2) {
        const struct ic_pickle_value *v = dict->items[i + 1];
        if (!is_tensor(v) || dict->items[i]->kind != IC_PICKLE_TEXT)
            continue;
        if (++all > 3 || n + 120 > room_bytes)
            continue;
        while (ic_pickle_is_call(v, "torch._utils", "_rebuild_parameter") && v->items[1]->kind == IC_PICKLE_TUPLE &&
               v->items[1]->n_items)
            v = v->items[1]->items[0];
        n += (size_t)snprintf(room + n, room_bytes - n, "%s", shown++ ? ", " : "");
        n += add_key(room + n, room_bytes - n, dict->items[i]->text);
        const struct ic_pickle_value *args = v->kind == IC_PICKLE_CALL ? v->items[1] : NULL;
        const struct ic_pickle_value *sizes = args && args->kind == IC_PICKLE_TUPLE && args->n_items > 2 ? args->items[2] : NULL;
        for (size_t k = 0; sizes && sizes->kind == IC_PICKLE_TUPLE && k < sizes->n_items && k < 6; ++k)
            n += (size_t)snprintf(room + n, room_bytes - n, "%s%" PRId64 "%s", k ? ", " : " [", sizes->items[k]->i,
                                  k + 1 == sizes->n_items ? "]" : "");
    }
    if (all > shown)
        snprintf(room + n, room_bytes - n, " and %zu more", all - shown);
}

static void first_keys(const struct ic_pickle_value *dict, char *room, size_t room_bytes)
{
    size_t n = 0;
    room[0] = 0;
    for (size_t i = 0; i + 1 < dict->n_items && i < 12 && n + 80 < room_bytes; i += 2)
        if (dict->items[i]->kind == IC_PICKLE_TEXT) {
            n += (size_t)snprintf(room + n, room_bytes - n, "%s", n ? ", " : "");
            n += add_key(room + n, room_bytes - n, dict->items[i]->text);
        }
}

const char *ic_import_pickle_format(const void *bytes, size_t size_bytes, const struct ic_model_identity *id,
                                    const struct ic_import_limits *limits, struct ic_arena *arena)
{
    static const char *const names[] = {[SORT_STATE_DICT] = "torch state dict",
                                        [SORT_CHECKPOINT] = "torch checkpoint",
                                        [SORT_DICT] = "torch pickled dict",
                                        [SORT_MODULE] = "torch pickled module",
                                        [SORT_OTHER] = "torch pickled value"};
    struct ic_pickle_value *v = NULL;
    struct ic_diag quiet = {0};
    return read_object(bytes, size_bytes, id, limits, arena, &v, &quiet) == IC_OK ? names[sort_of(v)] : "torch pickle";
}

static const char *kind_name(const struct ic_pickle_value *v)
{
    if (is_tensor(v))
        return "tensor";
    switch (v->kind) {
    case IC_PICKLE_LIST:
        return "list";
    case IC_PICKLE_TUPLE:
        return "tuple";
    case IC_PICKLE_TEXT:
        return "text";
    default:
        return "value";
    }
}

static enum ic_status refuse_pickle(const void *bytes, size_t size_bytes, const struct ic_model_identity *id,
                                    const struct ic_import_limits *limits, struct ic_arena *arena, const char *name,
                                    struct ic_diag *d)
{
    struct ic_pickle_value *v = NULL;
    struct ic_known_tool tool;
    char list[512];
    const char *slash = strrchr(name, '/');
    const char *file = slash ? slash + 1 : name; /* for lines to be typed elsewhere, where its Python source is */
    IC_TRY(read_object(bytes, size_bytes, id, limits, arena, &v, d));
    const struct ic_pickle_value *cls = ic_pickle_class_of(v);
    if (ic_known_tool_of(v, file, &tool))
        return ic_fail(d, sort_of(v) == SORT_MODULE ? IC_E_PICKLED_MODULE : IC_E_CHECKPOINT,
                       "%s is %s, not a network that can be read without its Python source. %s.", name, tool.what, tool.export);
    switch (sort_of(v)) {
    case SORT_STATE_DICT:
        first_tensors(v, list, sizeof list);
        return ic_fail(d, IC_E_WEIGHTS_ONLY, "%s holds only weights (a state dict: %s), not the network itself. " RECIPE ".", name,
                       list);
    case SORT_CHECKPOINT:
        first_keys(v, list, sizeof list);
        return ic_fail(
            d, IC_E_CHECKPOINT,
            "%s is a training checkpoint (with the keys %s), not a network that can be read without its Python source. " RECIPE ".",
            name, list[0] ? list : "none");
    case SORT_DICT:
        first_keys(v, list, sizeof list);
        return ic_fail(d, IC_E_PICKLED_VALUE,
                       "%s is a pickled dict (with the keys %s) that holds neither a network nor its weights. " RECIPE ".", name,
                       list[0] ? list : "none");
    case SORT_MODULE:
        return ic_fail(d, IC_E_PICKLED_MODULE,
                       "%s is a pickled Python object of class %s%s%s, which only its Python source can read (torch.save(model)). "
                       "Where that source "
                       "is: model = torch.load(\"%s\", weights_only=False, map_location=\"cpu\").eval(); torch.jit.trace(model, "
                       "torch.rand(INPUT SHAPE)).save(\"model.pt\").",
                       name, cls ? cls->module : "?", cls ? "." : "", cls ? cls->text : "", file);
    case SORT_OTHER:
        break;
    }
    return ic_fail(d, IC_E_PICKLED_VALUE, "%s is a pickled %s that holds neither a network nor its weights. " RECIPE ".", name,
                   kind_name(v));
}

/* ---- the others ---- */
static const char *advice(enum ic_model_kind kind)
{
    switch (kind) {
    case IC_MODEL_EMPTY:
        return "is empty. Copy or save the file again.";
    case IC_MODEL_TORCHSCRIPT_OLD:
        return "is a TorchScript archive of PyTorch 1.0 to 1.3, a layout that is not supported. Load and save it with PyTorch 1.4 "
               "or later: torch.jit.load(...).save(...).";
    case IC_MODEL_TORCHSCRIPT_NO_CODE:
        return "is a TorchScript archive without its code or data.pkl. Save the model again with torch.jit.save, not with "
               "_save_for_lite_interpreter alone.";
    case IC_MODEL_TORCH_PACKAGE:
        return "is a torch.package archive, which needs its Python source. " RECIPE ".";
    case IC_MODEL_TORCH_MOBILE:
        return "is a PyTorch mobile flatbuffer, which is not supported by this version. Save the model with torch.jit.save "
               "instead.";
    case IC_MODEL_ZIP:
        return "is a zip archive that holds no model. Give the model file itself.";
    case IC_MODEL_NPZ:
    case IC_MODEL_NPY:
        return "holds NumPy arrays, not a network. Give a TorchScript (.pt from torch.jit.trace) or ONNX file.";
    case IC_MODEL_KERAS:
    case IC_MODEL_H5:
        return "is a Keras or HDF5 file, which is not supported by this version. Export the network as ONNX or TorchScript.";
    case IC_MODEL_TFLITE:
        return "is a TensorFlow Lite model, which is not supported by this version. Export the network as ONNX or TorchScript.";
    case IC_MODEL_GGUF:
        return "is a GGUF file of a language model, which is not supported. Export the network as ONNX or TorchScript.";
    case IC_MODEL_SAFETENSORS:
        return "holds only weights (safetensors), not the network itself. " RECIPE ".";
    case IC_MODEL_MXNET_PARAMS:
    case IC_MODEL_MXNET_SYMBOL:
        return "is an MXNet file, which is not supported by this version. Export the network as ONNX or TorchScript.";
    case IC_MODEL_PROTOTXT:
    case IC_MODEL_CAFFEMODEL:
        return "is a Caffe file, which is not supported by this version. Export the network as ONNX or TorchScript.";
    case IC_MODEL_DARKNET_CFG:
    case IC_MODEL_DARKNET_WEIGHTS:
        return "is a Darknet file, which is not supported by this version. Export the network as ONNX or TorchScript.";
    case IC_MODEL_ONNX:
        return "is an ONNX model in a form that is not read. Export it again with torch.onnx.export.";
    case IC_MODEL_GRAPHDEF:
        return "is a TensorFlow graph, which is not supported by this version. Export the network as ONNX or TorchScript.";
    case IC_MODEL_OURS:
        return "is a model that inchip has already converted. Give it to inchip run, or convert the original file.";
    case IC_MODEL_PICTURE:
        return "is a picture, not a network. Give a TorchScript (.pt from torch.jit.trace) or ONNX file.";
    case IC_MODEL_HTML:
        return "is a web page, not a network: the download has probably failed. Download the file again.";
    case IC_MODEL_LFS:
        return "is a Git LFS pointer, not the file it stands for. Fetch the file itself with git lfs pull.";
    default:
        return "is of no known kind. Give a TorchScript (.pt from torch.jit.trace) or ONNX file.";
    }
}

/* What kind of refusal: a code of its own where cause and fix differ. */
static unsigned cause_of(enum ic_model_kind kind)
{
    switch (kind) {
    case IC_MODEL_EMPTY:
        return IC_E_EMPTY;
    case IC_MODEL_TORCHSCRIPT_OLD:
    case IC_MODEL_TORCHSCRIPT_NO_CODE:
    case IC_MODEL_TORCH_PACKAGE:
    case IC_MODEL_TORCH_MOBILE:
        return IC_E_TORCH_VARIANT;
    case IC_MODEL_PT2:
    case IC_MODEL_KERAS:
    case IC_MODEL_H5:
    case IC_MODEL_TFLITE:
    case IC_MODEL_GGUF:
    case IC_MODEL_MXNET_PARAMS:
    case IC_MODEL_MXNET_SYMBOL:
    case IC_MODEL_PROTOTXT:
    case IC_MODEL_CAFFEMODEL:
    case IC_MODEL_DARKNET_CFG:
    case IC_MODEL_DARKNET_WEIGHTS:
    case IC_MODEL_ONNX:
    case IC_MODEL_GRAPHDEF:
        return IC_E_FRAMEWORK;
    case IC_MODEL_SAFETENSORS:
        return IC_E_WEIGHTS_ONLY;
    case IC_MODEL_OURS:
        return IC_E_CONVERTED;
    case IC_MODEL_HTML:
    case IC_MODEL_LFS:
        return IC_E_DOWNLOAD;
    case IC_MODEL_UNKNOWN:
        return IC_E_UNKNOWN_FILE;
    default:
        return IC_E_FORMAT;
    }
}

enum ic_status ic_import_refuse(const void *bytes, size_t size_bytes, const struct ic_model_identity *id,
                                const struct ic_import_limits *limits, struct ic_arena *arena, const char *name, struct ic_diag *d)
{
    if (id->damage)
        return ic_fail(d, id->damage_cause, "%s cannot be read as a zip archive: %s", name, id->damage);
    switch (id->kind) {
    case IC_MODEL_TORCH_PICKLE:
    case IC_MODEL_TORCH_LEGACY:
    case IC_MODEL_PICKLE:
        return refuse_pickle(bytes, size_bytes, id, limits, arena, name, d);
    case IC_MODEL_RKNN1:
    case IC_MODEL_RKNN2:
        return ic_fail(d, id->kind == IC_MODEL_RKNN1 ? IC_E_VENDOR_1 : IC_E_VENDOR_2,
                       "%s is a model compiled by the vendor's tool, generation %d, which cannot be converted. Convert the "
                       "original network file instead.",
                       name, id->kind == IC_MODEL_RKNN1 ? 1 : 2);
    default:
        return ic_fail(d, cause_of(id->kind), "%s %s", name, advice(id->kind));
    }
}
