"""The model in PyTorch, on its own encoder layers, whose fast path is fused."""
import json
import pathlib

import safetensors.torch
import torch
from torch import nn

from pairs import SECOND_BEGIN


class _CrossEncoder(nn.Module):
    def __init__(self, config, weights):
        super().__init__()
        hidden = config["hidden_size"]
        self.tables = {name: weights[f"bert.embeddings.{name}_embeddings.weight"]
                       for name in ("word", "position", "token_type")}
        self.norm = nn.LayerNorm(hidden, eps=config["layer_norm_eps"])
        self.norm.load_state_dict(_part(weights, "bert.embeddings.LayerNorm"))
        layer = nn.TransformerEncoderLayer(
            hidden, config["num_attention_heads"], config["intermediate_size"], dropout=0.0,
            activation="gelu", layer_norm_eps=config["layer_norm_eps"], batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, config["num_hidden_layers"])
        for i, one in enumerate(self.encoder.layers):
            one.load_state_dict(_layer(weights, f"bert.encoder.layer.{i}."))
        self.pooler, self.classifier = nn.Linear(hidden, hidden), nn.Linear(hidden, 1)
        self.pooler.load_state_dict(_part(weights, "bert.pooler.dense"))
        self.classifier.load_state_dict(_part(weights, "classifier"))

    def forward(self, ids):
        places = torch.arange(ids.shape[1])
        x = (self.tables["word"][ids] + self.tables["position"][places] +
             self.tables["token_type"][(places >= SECOND_BEGIN).long()])
        x = self.encoder(self.norm(x))
        return self.classifier(torch.tanh(self.pooler(x[:, 0])))


def _part(weights, name):
    return {kind: weights[f"{name}.{kind}"] for kind in ("weight", "bias")}


def _layer(weights, name):
    state = {}
    for kind in ("weight", "bias"):
        state[f"self_attn.in_proj_{kind}"] = torch.cat(
            [weights[f"{name}attention.self.{part}.{kind}"] for part in ("query", "key", "value")])
        for ours, theirs in (("self_attn.out_proj", "attention.output.dense"),
                             ("norm1", "attention.output.LayerNorm"),
                             ("linear1", "intermediate.dense"), ("linear2", "output.dense"),
                             ("norm2", "output.LayerNorm")):
            state[f"{ours}.{kind}"] = weights[f"{name}{theirs}.{kind}"]
    return state


def load(folder):
    folder = pathlib.Path(folder)
    config = json.loads((folder / "config.json").read_text())
    weights = safetensors.torch.load_file(folder / "model.safetensors")
    return _CrossEncoder(config, weights).eval()
