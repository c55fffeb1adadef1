/* SPDX-License-Identifier: Apache-2.0
 *
 * A TorchScript archive: its members by role, its version, its classes by path, its storages.
 */
#ifndef IC_IMPORT_TORCHSCRIPT_ARCHIVE_H
#define IC_IMPORT_TORCHSCRIPT_ARCHIVE_H

#include "import/import.h"
#include "import/name_index.h"
#include "import/pickle.h"
#include "import/torchscript/source.h"
#include "import/zip.h"

struct ic_ts_file_list {
    struct ic_ts_file file;
    struct ic_ts_file_list *next;
};

/* A storage of a file that is no zip (torch.save before 1.6). */
struct ic_ts_loose_storage {
    const char *key;
    size_t element_bytes;
    const uint8_t *bytes;
    size_t size_bytes;
};

struct ic_ts_archive {
    struct ic_zipfile zip;
    const char *top; /* "logistic/", with the slash; "" when members have no folder */
    int version;
    char release[8];        /* "1.6" */
    struct ic_arena *arena; /* lent */
    struct ic_ts_names names;
    struct ic_ts_file_list *files;            /* parsed so far */
    struct ic_pickle_value *data, *constants; /* constants NULL when absent */
    uint32_t max_depth;
    const struct ic_ts_loose_storage *loose; /* NULL: storages are members of the zip */
    struct ic_name_index loose_index;
};

/* A tensor as it stands in the file. */
struct ic_ts_weight {
    const uint8_t *bytes; /* of the storage */
    size_t storage_bytes;
    int32_t dtype; /* torch ScalarType */
    int32_t rank;
    int64_t dims[IC_IR_MAX_RANK], strides[IC_IR_MAX_RANK];
    int64_t offset; /* elements */
    bool on_gpu;
};

/* What stands in a zip's member list: which kind of PyTorch (or other) file it is. */
enum ic_zip_content {
    IC_ZIP_UNKNOWN = 0,
    IC_ZIP_TORCHSCRIPT,
    IC_ZIP_TORCHSCRIPT_OLD,     /* 1.0 to 1.3: model.json */
    IC_ZIP_TORCHSCRIPT_NO_CODE, /* bytecode only */
    IC_ZIP_TORCH_PICKLE,        /* data.pkl without code: state dict, checkpoint or pickled module */
    IC_ZIP_TORCH_PACKAGE,
    IC_ZIP_PT2,
    IC_ZIP_KERAS,
    IC_ZIP_NPZ
};
enum ic_zip_content ic_ts_archive_classify(const struct ic_zipfile *zip, const char **out_top, struct ic_arena *arena);
/* "1.6" for 3 ...; NULL when that version is not known. */
const char *ic_ts_archive_release(int version);

enum ic_status ic_ts_archive_version(struct ic_zipfile *zip, const char *top, int *out_version, struct ic_diag *d) IC_MUST_USE;
/* Reads version, byte order and pickles. */
enum ic_status ic_ts_archive_open(struct ic_ts_archive *a, const struct ic_zipfile *zip, const char *top,
                                  const struct ic_import_limits *limits, struct ic_arena *arena, struct ic_diag *d) IC_MUST_USE;

/* Refuses a file of big-endian numbers. */
enum ic_status ic_ts_check_byte_order(struct ic_ts_archive *a, struct ic_diag *d) IC_MUST_USE;

/* dotted = "__torch__.a.b.Name": *out_class or *out_def is set; both NULL (and IC_OK) when the archive has no such thing. */
enum ic_status ic_ts_archive_lookup(struct ic_ts_archive *a, const char *dotted, const struct ic_ts_class **out_class,
                                    const struct ic_ts_def **out_def, struct ic_diag *d) IC_MUST_USE;

/* v is a call of _rebuild_tensor_v2. folder is "data/" or "constants/". All bounds are checked. */
enum ic_status ic_ts_archive_weight(struct ic_ts_archive *a, const struct ic_pickle_value *v, const char *folder,
                                    struct ic_ts_weight *out, struct ic_diag *d) IC_MUST_USE;
/* Key and element type of the storage of v, a call of _rebuild_tensor_v2. False: they cannot be read. */
bool ic_ts_storage_of(const struct ic_pickle_value *v, const char **out_key, int32_t *out_dtype);
/* Every element addressed lies in the storage. where: "byte 12 of the file". */
enum ic_status ic_ts_check_weight_bounds(const struct ic_ts_weight *w, const char *where, struct ic_diag *d) IC_MUST_USE;
size_t ic_ts_dtype_bytes(int32_t dtype); /* 0: unknown */
const char *ic_ts_dtype_name(int32_t dtype);

#endif
