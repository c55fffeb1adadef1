# SPDX-License-Identifier: Apache-2.0
"""Networks of the libraries that people take them from, where these are installed: transformers (a small configuration of each architecture) and timm (the
smallest network of each module), with random weights. Each is traced. Name, network, inputs."""

import torch

TEXT = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64, "vocab_size": 100, "max_position_embeddings": 64}
GROUPED = {**TEXT, "num_key_value_heads": 2}
VISION = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64, "image_size": 64, "patch_size": 16}
SPEECH = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64, "conv_dim": (16, 16, 16), "conv_stride": (5, 4, 2),
          "conv_kernel": (10, 5, 3), "num_feat_extract_layers": 3, "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 4}  # fmt: skip
PAIR = {"d_model": 32, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 64,
        "decoder_ffn_dim": 64, "vocab_size": 100, "use_cache": False}  # fmt: skip
WHISPER = {**PAIR, "num_mel_bins": 20, "max_source_positions": 50, "max_target_positions": 32, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1}
STAGES = {"hidden_sizes": [8, 16, 32, 64], "depths": [1, 1, 1, 1]}
WINDOWS = {"image_size": 64, "patch_size": 4, "embed_dim": 16, "depths": [1, 1], "num_heads": [2, 4], "window_size": 4}

# name: configuration, network, what of its result is compared, options; text has tokens and a mask of padding
OF_TEXT = {
    "bert": ("BertConfig", "BertModel", "last_hidden_state", TEXT),
    "bert, classification": ("BertConfig", "BertForSequenceClassification", "logits", TEXT),
    "bert, questions": ("BertConfig", "BertForQuestionAnswering", "start_logits", TEXT),
    "roberta": ("RobertaConfig", "RobertaModel", "last_hidden_state", TEXT),
    "distilbert": ("DistilBertConfig", "DistilBertModel", "last_hidden_state", {"vocab_size": 100, "dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 64}),
    "albert": ("AlbertConfig", "AlbertModel", "last_hidden_state", {**TEXT, "embedding_size": 16}),
    "electra": ("ElectraConfig", "ElectraModel", "last_hidden_state", {**TEXT, "embedding_size": 16}),
    "deberta v2": ("DebertaV2Config", "DebertaV2Model", "last_hidden_state", {**TEXT, "relative_attention": True, "pos_att_type": ["c2p", "p2c"]}),
    "mpnet": ("MPNetConfig", "MPNetModel", "last_hidden_state", TEXT),
    "gpt2": ("GPT2Config", "GPT2LMHeadModel", "logits", {"vocab_size": 100, "n_positions": 64, "n_embd": 32, "n_layer": 2, "n_head": 4}),
    "gpt neox": ("GPTNeoXConfig", "GPTNeoXForCausalLM", "logits", TEXT),
    "opt": ("OPTConfig", "OPTForCausalLM", "logits", {"vocab_size": 100, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "ffn_dim": 64,
                                                      "max_position_embeddings": 64, "word_embed_proj_dim": 32}),
    "llama": ("LlamaConfig", "LlamaForCausalLM", "logits", GROUPED),
    "mistral": ("MistralConfig", "MistralForCausalLM", "logits", GROUPED),
    "qwen2": ("Qwen2Config", "Qwen2ForCausalLM", "logits", GROUPED),
    "qwen3": ("Qwen3Config", "Qwen3ForCausalLM", "logits", {**GROUPED, "head_dim": 8}),
    "gemma2": ("Gemma2Config", "Gemma2ForCausalLM", "logits", {**GROUPED, "head_dim": 8}),
    "gemma3": ("Gemma3TextConfig", "Gemma3ForCausalLM", "logits", {**GROUPED, "head_dim": 8}),
    "phi3": ("Phi3Config", "Phi3ForCausalLM", "logits", {**GROUPED, "pad_token_id": 0}),
    "smollm3": ("SmolLM3Config", "SmolLM3ForCausalLM", "logits", {**GROUPED, "pad_token_id": 0}),
    "t5, encoder": ("T5Config", "T5EncoderModel", "last_hidden_state", {"vocab_size": 100, "d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4}),
    "modernbert": ("ModernBertConfig", "ModernBertModel", "last_hidden_state", {**TEXT, "pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 2, "cls_token_id": 3,
                                                                               "sep_token_id": 4, "global_attn_every_n_layers": 2}),
    "clip, text": ("CLIPTextConfig", "CLIPTextModel", "last_hidden_state", TEXT),
}  # fmt: skip
OF_PICTURES = {  # the same, and the size of the picture
    "vit": ("ViTConfig", "ViTModel", "last_hidden_state", VISION, 64),
    "deit": ("DeiTConfig", "DeiTModel", "last_hidden_state", VISION, 64),
    "beit": ("BeitConfig", "BeitModel", "last_hidden_state", VISION, 64),
    "dinov2": ("Dinov2Config", "Dinov2Model", "last_hidden_state", {k: v for k, v in VISION.items() if k != "intermediate_size"}, 64),
    "swin": ("SwinConfig", "SwinModel", "last_hidden_state", WINDOWS, 64),
    "swin v2": ("Swinv2Config", "Swinv2Model", "last_hidden_state", WINDOWS, 64),
    "swin2sr": ("Swin2SRConfig", "Swin2SRForImageSuperResolution", "reconstruction", {"image_size": 32, "embed_dim": 24, "depths": [1, 1], "num_heads": [2, 2], "window_size": 8}, 32),
    "segformer": ("SegformerConfig", "SegformerForSemanticSegmentation", "logits", {}, 64),
    "mobilevit": ("MobileViTConfig", "MobileViTModel", "last_hidden_state", {"image_size": 64}, 64),
    "convnext": ("ConvNextConfig", "ConvNextModel", "last_hidden_state", STAGES, 64),
    "poolformer": ("PoolFormerConfig", "PoolFormerModel", "last_hidden_state", STAGES, 64),
    "levit": ("LevitConfig", "LevitModel", "last_hidden_state", {}, 224),
    "efficientnet": ("EfficientNetConfig", "EfficientNetModel", "last_hidden_state", {"image_size": 64}, 64),
    "regnet": ("RegNetConfig", "RegNetModel", "last_hidden_state", {}, 64),
    "resnet": ("ResNetConfig", "ResNetModel", "last_hidden_state", {}, 64),
    "depth anything": ("DepthAnythingConfig", "DepthAnythingForDepthEstimation", "predicted_depth", {}, 70),
    "dpt": ("DPTConfig", "DPTForDepthEstimation", "predicted_depth", {**VISION, "num_hidden_layers": 4, "backbone_out_indices": [0, 1, 2, 3],
                                                                     "neck_hidden_sizes": [8, 16, 32, 32], "fusion_hidden_size": 16}, 64),
    "yolos": ("YolosConfig", "YolosForObjectDetection", "logits", {**VISION, "image_size": [64, 64], "num_detection_tokens": 5}, 64),
    "clip, pictures": ("CLIPVisionConfig", "CLIPVisionModel", "last_hidden_state", VISION, 64),
    "siglip, pictures": ("SiglipVisionConfig", "SiglipVisionModel", "last_hidden_state", VISION, 64),
}  # fmt: skip


# the smallest of each of timm's modules, where it has fewer than 45 million weights
OF_TIMM = """
halonet_h1 test_byobnet cait_xxs24_224 coat_tiny convit_tiny convmixer_768_32 test_convnext cpubone_nano crossvit_tiny_240 csatv2 cs3darknet_focus_s
cspnext_tiny davit_tiny deit_tiny_patch16_224 densenet121 dla46x_c dpn48b edgenext_xx_small efficientformer_l1 efficientformerv2_s0 test_efficientnet
efficientvim_m1 efficientvit_b0 efficientvit_m0 vit_tiny_patch16_dinov3_qkvb fasternet_t0 fastvit_t8 focalnet_tiny_srf gcvit_xxtiny ghostnet_050
hardcorenas_b hgnetv2_b0 hiera_tiny_224 sam2_hiera_tiny hrnet_w18_small iformer_t inception_next_atto inception_v3 inception_v4 lcnetv2_small
levit_128s lowformer_b0 test_mambaout test_coatnet poolformerv2_s12 gmlp_ti16_224 lcnet_035 mobilevit_xxs mvitv2_tiny nest_tiny nextvit_small
test_nfnet pit_ti_224 pvt_v2_b0 rdnet_tiny regnetx_002 repghostnet_050 repvit_m1 res2next50 resnest14d test_resnet resnetv2_18 rexnet_100 selecsls42
legacy_seresnet18 sequencer2d_s shvit_s1 skresnet18 starnet_s050 swiftformer_xs swin_tiny_patch4_window7_224 swinv2_tiny_window8_256
swinv2_cr_tiny_224 tiny_vit_5m_224 tnt_s_legacy_patch16_224 tresnet_m twins_svt_small visformer_tiny test_vit vit_tiny_r_s16_p8_224 test_vit_relpos
vitamin_small_224 volo_d1_224 ese_vovnet19b_slim_dw legacy_xception xception41p xcit_nano_12_p8_224
""".split()


class Named(torch.nn.Module):
    """A network whose arguments and result go by position."""

    def __init__(self, network, keys, pick):
        super().__init__()
        self.network, self.keys, self.pick = network, keys, pick

    def forward(self, x, y=None):
        given = dict(zip(self.keys, (x, y)))
        return self.network(**given, return_dict=True)[self.pick]


def _network(config, network, keys, pick, options):
    def make():
        import transformers

        transformers.logging.set_verbosity_error()
        made = getattr(transformers, config)(**options)
        made.use_cache = False
        return Named(getattr(transformers, network)(made), keys, pick)

    return make


def _tokens(n):
    return torch.randint(1, 100, (1, n))


def _padded_text():
    mask = torch.ones(1, 16, dtype=torch.long)
    mask[0, -3:] = 0
    return [_tokens(16), mask]


def transformers():
    for name, (config, network, pick, options) in OF_TEXT.items():
        yield name, _network(config, network, ("input_ids", "attention_mask"), pick, options), _padded_text
    for name, (config, network, pick, options, size) in OF_PICTURES.items():
        yield name, _network(config, network, ("pixel_values",), pick, options), (lambda s: lambda: [torch.randn(1, 3, s, s)])(size)
    mamba = {"vocab_size": 100, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 8}
    yield "mamba", _network("MambaConfig", "MambaForCausalLM", ("input_ids",), "logits", mamba), lambda: [_tokens(16)]
    for name, config, network in (("wav2vec2", "Wav2Vec2Config", "Wav2Vec2Model"), ("hubert", "HubertConfig", "HubertModel")):
        yield name, _network(config, network, ("input_values",), "last_hidden_state", SPEECH), lambda: [torch.randn(1, 2000)]
    both = ("input_ids", "decoder_input_ids")
    t5 = {"vocab_size": 100, "d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4, "use_cache": False}
    yield "t5", _network("T5Config", "T5ForConditionalGeneration", both, "logits", t5), lambda: [_tokens(12), _tokens(8)]
    bart = {**PAIR, "max_position_embeddings": 64}
    yield "bart", _network("BartConfig", "BartModel", both, "last_hidden_state", bart), lambda: [_tokens(12), _tokens(8)]
    heard = ("input_features", "decoder_input_ids")
    yield "whisper", _network("WhisperConfig", "WhisperModel", heard, "last_hidden_state", WHISPER), lambda: [torch.randn(1, 20, 100), _tokens(8)]


def timm():
    import timm as library

    known = set(library.list_models())
    for name in (name for name in OF_TIMM if name in known):
        shape = library.get_pretrained_cfg(name, allow_unregistered=True)
        size = getattr(shape, "input_size", None) or (3, 224, 224)
        yield name, (lambda n: lambda: library.create_model(n, num_classes=10))(name), (lambda s: lambda: [torch.randn(1, *s)])(size)


def all_libraries():
    for family in (transformers, timm):
        try:
            __import__(family.__name__)
        except ImportError as error:
            print(f"left out: networks of {family.__name__} ({error})", flush=True)
            continue
        for name, make, inputs in family():
            yield f"{family.__name__}: {name}", make, inputs
