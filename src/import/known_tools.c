/* SPDX-License-Identifier: Apache-2.0 */
#include "import/known_tools.h"

#include <stdio.h>
#include <string.h>

#define LOAD "model = torch.load(\"@\", weights_only=False, map_location=\"cpu\").eval()"
#define TRACE "torch.jit.trace(model, torch.rand(INPUT SHAPE)).save(\"model.pt\")"

/* ---- by the class of the network: a module, all within it, and optionally one class ---- */
static const struct family {
    const char *module, *name, *tool;
    const char *export; /* @ stands for the file */
} families[] = {
    {"ultralytics", NULL, "Ultralytics YOLO",
     "Where the package ultralytics is installed: yolo export model=\"@\" format=torchscript; convert the .torchscript file it "
     "writes"},
    {"yolov6", NULL, "YOLOv6",
     "In the YOLOv6 repository: python deploy/ONNX/export_onnx.py --weights \"@\"; convert the .onnx file it writes"},
    {"yolox", NULL, "YOLOX",
     "In the YOLOX repository: python tools/export_torchscript.py -n MODEL NAME -c \"@\" --output-name model.pt; convert that "
     "file"},
    {"models.yolo", "DetectionModel", "YOLOv5",
     "In the YOLOv5 repository: python export.py --weights \"@\" --include torchscript; convert the .torchscript file it writes"},
    {"models.yolo", NULL, "YOLOv5 or YOLOv7",
     "In the repository it came from: python export.py --weights \"@\" --include torchscript (YOLOv5) or python export.py "
     "--weights \"@\" "
     "(YOLOv7); convert the .torchscript or .torchscript.pt file it writes"},
    {"timm", NULL, "timm",
     "Where the package timm is installed: " LOAD
     "; torch.jit.trace(model, torch.rand(1, *model.default_cfg[\"input_size\"])).save(\"model.pt\")"},
    {"torchvision", NULL, "torchvision", "Where the package torchvision is installed: " LOAD "; " TRACE},
    {"segmentation_models_pytorch", NULL, "Segmentation Models",
     "Where the package segmentation_models_pytorch is installed: " LOAD "; " TRACE},
    {"transformers", NULL, "Hugging Face transformers",
     "Where the package transformers is installed: " LOAD
     "; model.config.return_dict = False; torch.jit.trace(model, torch.ones(1, LENGTH, dtype=torch.int64)).save(\"model.pt\")"},
    {"fastai", NULL, "fastai",
     "Where the package fastai is installed: model = fastai.learner.load_learner(\"@\").model.eval(); " TRACE},
    {"torch.nn.parallel", NULL, "PyTorch's data parallelism",
     "Where the network's Python source is: " LOAD "; torch.jit.trace(model.module, torch.rand(INPUT SHAPE)).save(\"model.pt\")"},
    {"torch.nn", NULL, "PyTorch", "In Python: " LOAD "; " TRACE},
};

static bool within(const char *module, const char *family)
{
    const size_t n = strlen(family);
    return strncmp(module, family, n) == 0 && (module[n] == 0 || module[n] == '.');
}

static const struct family *family_of(const struct ic_pickle_value *cls)
{
    for (size_t i = 0; cls && i < sizeof families / sizeof *families; ++i)
        if (within(cls->module, families[i].module) && (!families[i].name || strcmp(cls->text, families[i].name) == 0))
            return &families[i];
    return NULL;
}

const struct ic_pickle_value *ic_pickle_class_of(const struct ic_pickle_value *v)
{
    const struct ic_pickle_value *c = v->kind == IC_PICKLE_OBJECT || v->kind == IC_PICKLE_CALL ? v->items[0] : v;
    /* old files wrap the class with its source text: ('module', class, file, text) */
    if (c->kind == IC_PICKLE_PERSISTENT && c->items[0]->kind == IC_PICKLE_TUPLE && c->items[0]->n_items > 1)
        c = c->items[0]->items[1];
    return c->kind == IC_PICKLE_GLOBAL ? c : NULL;
}

/* ---- by the keys of a checkpoint ---- */
static const struct habit {
    const char *keys[2]; /* all of them stand at the top */
    const char *tool;
    const char *export; /* @ the file, ~ the text under "arch" */
} habits[] = {
    {{"pytorch-lightning_version", "state_dict"},
     "PyTorch Lightning",
     "Where its LightningModule is: YourModule.load_from_checkpoint(\"@\", map_location=\"cpu\").to_torchscript(\"model.pt\", "
     "method=\"trace\", example_inputs=torch.rand(INPUT SHAPE))"},
    {{"arch", "version"},
     "timm's training script",
     "Where the package timm is installed: model = timm.create_model(\"~\", checkpoint_path=\"@\", exportable=True).eval() (with "
     "num_classes= as in training); torch.jit.trace(model, torch.rand(1, *model.default_cfg[\"input_size\"])).save(\"model.pt\")"},
};

static const struct habit *habit_of(const struct ic_pickle_value *dict)
{
    for (size_t i = 0; i < sizeof habits / sizeof *habits; ++i)
        if (ic_pickle_dict_get(dict, habits[i].keys[0]) && ic_pickle_dict_get(dict, habits[i].keys[1]))
            return &habits[i];
    return NULL;
}

/* ---- the words ---- */
/* Texts of the file are shown: what is no visible ASCII, and quotes, which would end the line's own, become a dot. */
static void put_text(char *room, size_t room_bytes, const char *text)
{
    size_t n = 0;
    for (; text[n] && n + 1 < room_bytes; ++n)
        room[n] = text[n] > ' ' && text[n] < 127 && text[n] != '"' ? text[n] : '.';
    room[n] = 0;
}

static void fill(char *room, size_t room_bytes, const char *pattern, const char *file, const char *arch)
{
    size_t n = 0;
    for (; *pattern && n + 1 < room_bytes; ++pattern) {
        const char *word = *pattern == '@' ? file : *pattern == '~' ? arch : NULL;
        if (word)
            n += (size_t)snprintf(room + n, room_bytes - n, "%.120s", word);
        else
            room[n++] = *pattern;
    }
    room[n < room_bytes ? n : room_bytes - 1] = 0;
}

static bool describe_class(const struct ic_pickle_value *v, const char *file, const char *kind, struct ic_known_tool *out)
{
    const struct ic_pickle_value *cls = ic_pickle_class_of(v);
    const struct family *f = family_of(cls);
    char name[120];
    if (!f)
        return false;
    snprintf(out->what, sizeof out->what, "%.60s.%.50s", cls->module, cls->text);
    put_text(name, sizeof name, out->what);
    snprintf(out->what, sizeof out->what, "%s of %s (class %s)", kind, f->tool, name);
    fill(out->export, sizeof out->export, f->export, file, "");
    return true;
}

bool ic_known_tool_of(const struct ic_pickle_value *root, const char *file, struct ic_known_tool *out)
{
    if (root->kind != IC_PICKLE_DICT)
        return describe_class(root, file, "a pickled module", out);
    const struct habit *h = habit_of(root);
    if (h) {
        const struct ic_pickle_value *arch = ic_pickle_dict_get(root, "arch");
        char name[64];
        put_text(name, sizeof name, arch && arch->kind == IC_PICKLE_TEXT ? arch->text : "MODEL NAME");
        snprintf(out->what, sizeof out->what, "a training checkpoint of %s", h->tool);
        fill(out->export, sizeof out->export, h->export, file, name);
        return true;
    }
    static const char *const usual[] = {"model", "ema", "net", "network", "module"};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; ++i) {
        const struct ic_pickle_value *v = ic_pickle_dict_get(root, usual[i]);
        if (v && v->kind == IC_PICKLE_OBJECT && describe_class(v, file, "a checkpoint", out))
            return true;
    }
    return false;
}
