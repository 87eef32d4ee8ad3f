"""Writes a CodeRankEmbed-shaped model of random weights as a sentence-transformers folder.

Linear and embedding weights are N(0, 0.02), LayerNorm weights 1 and biases 0: larger weights make
the network chaotic, and no two engines would agree. Speed does not depend on the values.
"""
import json
import pathlib
import sys

import numpy
import safetensors.numpy

CONFIG = {
    "architectures": ["NomicBertModel"],
    "model_type": "nomic_bert",
    "activation_function": "swiglu",
    "causal": False,
    "layer_norm_epsilon": 1e-12,
    "max_trained_positions": 2048,
    "mlp_fc1_bias": False,
    "mlp_fc2_bias": False,
    "n_embd": 768,
    "n_head": 12,
    "n_inner": 3072,
    "n_layer": 12,
    "n_positions": 8192,
    "pad_vocab_size_multiple": 64,
    "prenorm": False,
    "qkv_proj_bias": False,
    "rotary_emb_base": 1000,
    "rotary_emb_fraction": 1.0,
    "rotary_emb_interleaved": False,
    "rotary_emb_scale_base": None,
    "rotary_scaling_factor": None,
    "type_vocab_size": 2,
    "use_rms_norm": False,
    "vocab_size": 30528,
}
_VOCABULARY = 30522  # entries of vocab.txt; the weights are padded to a multiple of 64


def vocabulary():
    """[PAD] 0, [UNK] 100, [CLS] 101, [SEP] 102, [MASK] 103 as in bert-base-uncased, the ASCII
    characters alone and as continuations, then made-up words."""
    pieces = ["[PAD]"] + [f"[unused{i}]" for i in range(99)] + ["[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    characters = [chr(c) for c in range(33, 127) if not chr(c).isupper()]
    pieces += characters + ["##" + c for c in characters if c.isalnum()]
    return pieces + [f"word{i}" for i in range(_VOCABULARY - len(pieces))]


def tensors(config, seed):
    random = numpy.random.Generator(numpy.random.PCG64(seed))
    hidden, inner = config["n_embd"], config["n_inner"]
    result = {}

    def weight(name, rows, columns):
        values = random.standard_normal((rows, columns), dtype=numpy.float32)
        result[name + ".weight"] = values * numpy.float32(0.02)

    def norm(name):
        result[name + ".weight"] = numpy.ones(hidden, numpy.float32)
        result[name + ".bias"] = numpy.zeros(hidden, numpy.float32)

    weight("embeddings.word_embeddings", config["vocab_size"], hidden)
    weight("embeddings.token_type_embeddings", config["type_vocab_size"], hidden)
    norm("emb_ln")
    for layer in (f"encoder.layers.{i}" for i in range(config["n_layer"])):
        weight(f"{layer}.attn.Wqkv", 3 * hidden, hidden)
        weight(f"{layer}.attn.out_proj", hidden, hidden)
        weight(f"{layer}.mlp.fc11", inner, hidden)
        weight(f"{layer}.mlp.fc12", inner, hidden)
        weight(f"{layer}.mlp.fc2", hidden, inner)
        norm(f"{layer}.norm1")
        norm(f"{layer}.norm2")
    return result


def write(folder, seed):
    folder = pathlib.Path(folder)
    (folder / "1_Pooling").mkdir(parents=True, exist_ok=True)
    files = {
        "config.json": CONFIG,
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling",
             "type": "sentence_transformers.models.Pooling"}],
        "1_Pooling/config.json": {
            "word_embedding_dimension": CONFIG["n_embd"], "include_prompt": True,
            "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False,
            "pooling_mode_max_tokens": False},
        "tokenizer_config.json": {"do_lower_case": True, "model_max_length": 8192},
        "sentence_bert_config.json": {"max_seq_length": 8192, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": "Represent this query for searching relevant code: "},
            "default_prompt_name": None},
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content, indent=1) + "\n")
    (folder / "vocab.txt").write_text("\n".join(vocabulary()) + "\n")
    safetensors.numpy.save_file(tensors(CONFIG, seed), folder / "model.safetensors",
                                metadata={"format": "pt"})


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]))
