"""Writes the model as a GGUF file of Q8_0 weights, as llama.cpp's own converter would."""
import json
import pathlib

import gguf
import safetensors.numpy

_TOP = {"embeddings.word_embeddings": "token_embd", "embeddings.token_type_embeddings": "token_types",
        "emb_ln": "token_embd_norm"}
_IN_LAYER = {"attn.Wqkv": "attn_qkv", "attn.out_proj": "attn_output", "norm1": "attn_output_norm",
             "mlp.fc11": "ffn_up", "mlp.fc12": "ffn_gate", "mlp.fc2": "ffn_down",
             "norm2": "layer_output_norm"}


def _gguf_name(name):
    stem, kind = name.rsplit(".", 1)
    if stem in _TOP:
        return f"{_TOP[stem]}.{kind}"
    _, _, layer, rest = stem.split(".", 3)
    return f"blk.{layer}.{_IN_LAYER[rest]}.{kind}"


def _write_config(writer, config):
    writer.add_block_count(config["n_layer"])
    writer.add_context_length(config["max_trained_positions"])
    writer.add_embedding_length(config["n_embd"])
    writer.add_feed_forward_length(config["n_inner"])
    writer.add_head_count(config["n_head"])
    writer.add_layer_norm_eps(config["layer_norm_epsilon"])
    writer.add_rope_freq_base(config["rotary_emb_base"])
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.CLS)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)


def _write_tokenizer(writer, pieces, vocabulary):
    """Pieces in the spelling of GGUF: continuations bare, word starts behind U+2581."""
    kinds = gguf.TokenType
    tokens, types = [], []
    for piece in pieces:
        control = piece.startswith("[") and piece.endswith("]") and len(piece) > 2
        bare = piece[2:] if piece.startswith("##") and len(piece) > 2 else "\u2581" + piece
        tokens.append(piece if control else bare)
        types.append(kinds.CONTROL if control else kinds.NORMAL)
    for i in range(vocabulary - len(pieces)):
        tokens.append(f"[PAD{i}]")
        types.append(kinds.UNUSED)
    writer.add_tokenizer_model("bert")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_type_count(2)
    writer.add_bos_token_id(101)
    writer.add_sep_token_id(102)
    writer.add_pad_token_id(0)
    writer.add_unk_token_id(100)
    writer.add_mask_token_id(103)


def write(folder, path):
    folder = pathlib.Path(folder)
    config = json.loads((folder / "config.json").read_text())
    writer = gguf.GGUFWriter(str(path), "nomic-bert")
    _write_config(writer, config)
    pieces = (folder / "vocab.txt").read_text().splitlines()
    _write_tokenizer(writer, pieces, config["vocab_size"])
    for name, values in safetensors.numpy.load_file(folder / "model.safetensors").items():
        target = _gguf_name(name)
        if values.ndim == 1 or target.startswith("token_types"):
            writer.add_tensor(target, values)
            continue
        kind = gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor(target, gguf.quants.quantize(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
