"""A cross-encoder of MiniLM's size with random weights, in the layout of the published one."""
import json
import pathlib

import numpy
import safetensors.numpy

CONFIG = {"architectures": ["BertForSequenceClassification"], "model_type": "bert",
          "hidden_act": "gelu", "hidden_size": 384, "intermediate_size": 1536,
          "layer_norm_eps": 1e-12, "max_position_embeddings": 512, "num_attention_heads": 12,
          "num_hidden_layers": 6, "type_vocab_size": 2, "vocab_size": 30522,
          "id2label": {"0": "LABEL_0"}}


def _tensors(config, random):
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    tensors = {}

    def matrix(name, *shape):
        tensors[name] = random.normal(0, shape[-1] ** -0.5, shape).astype(numpy.float32)

    def linear(name, out, into):
        matrix(f"{name}.weight", out, into)
        tensors[f"{name}.bias"] = random.normal(0, 0.1, out).astype(numpy.float32)

    def norm(name):
        tensors[f"{name}.weight"] = random.normal(1, 0.1, hidden).astype(numpy.float32)
        tensors[f"{name}.bias"] = random.normal(0, 0.1, hidden).astype(numpy.float32)

    for table, rows in (("word", "vocab_size"), ("position", "max_position_embeddings"),
                        ("token_type", "type_vocab_size")):
        matrix(f"bert.embeddings.{table}_embeddings.weight", config[rows], hidden)
    norm("bert.embeddings.LayerNorm")
    for i in range(config["num_hidden_layers"]):
        layer = f"bert.encoder.layer.{i}."
        for part in ("query", "key", "value"):
            linear(layer + f"attention.self.{part}", hidden, hidden)
        linear(layer + "attention.output.dense", hidden, hidden)
        norm(layer + "attention.output.LayerNorm")
        linear(layer + "intermediate.dense", inner, hidden)
        linear(layer + "output.dense", hidden, inner)
        norm(layer + "output.LayerNorm")
    linear("bert.pooler.dense", hidden, hidden)
    linear("classifier", 1, hidden)
    return tensors


def write(folder, seed):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words += [f"w{i}" for i in range(CONFIG["vocab_size"] - len(words))]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n")
    random = numpy.random.Generator(numpy.random.PCG64(seed))
    safetensors.numpy.save_file(_tensors(CONFIG, random), folder / "model.safetensors",
                                metadata={"format": "pt"})
