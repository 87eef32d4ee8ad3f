"""NomicBERT in PyTorch, written from the published equations and from nothing else of ours.

The reference of every engine's vectors and, run eagerly, the peer "PyTorch f32". Parameters carry
the names of the published safetensors files, so that these load as they are.
"""
import json
import pathlib

import safetensors.torch
import torch
from torch import nn
from torch.nn import functional


class Attention(nn.Module):
    def __init__(self, hidden, heads):
        super().__init__()
        self.heads = heads
        self.Wqkv = nn.Linear(hidden, 3 * hidden, bias=False)
        self.out_proj = nn.Linear(hidden, hidden, bias=False)

    def forward(self, x, cos, sin, mask):
        batch, length, hidden = x.shape
        qkv = self.Wqkv(x).view(batch, length, 3, self.heads, hidden // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each [batch, heads, length, head size]
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.out_proj(mixed.transpose(1, 2).reshape(batch, length, hidden))


class GatedMlp(nn.Module):
    def __init__(self, hidden, inner):
        super().__init__()
        self.fc11 = nn.Linear(hidden, inner, bias=False)
        self.fc12 = nn.Linear(hidden, inner, bias=False)
        self.fc2 = nn.Linear(inner, hidden, bias=False)

    def forward(self, x):
        return self.fc2(self.fc11(x) * functional.silu(self.fc12(x)))


class Layer(nn.Module):
    def __init__(self, config):
        super().__init__()
        hidden, epsilon = config["n_embd"], config["layer_norm_epsilon"]
        self.attn = Attention(hidden, config["n_head"])
        self.mlp = GatedMlp(hidden, config["n_inner"])
        self.norm1 = nn.LayerNorm(hidden, epsilon)
        self.norm2 = nn.LayerNorm(hidden, epsilon)

    def forward(self, x, cos, sin, mask):
        x = self.norm1(x + self.attn(x, cos, sin, mask))
        return self.norm2(x + self.mlp(x))


class NomicBert(nn.Module):
    def __init__(self, config):
        super().__init__()
        hidden = config["n_embd"]
        self.embeddings = nn.ModuleDict({
            "word_embeddings": nn.Embedding(config["vocab_size"], hidden),
            "token_type_embeddings": nn.Embedding(config["type_vocab_size"], hidden)})
        self.emb_ln = nn.LayerNorm(hidden, config["layer_norm_epsilon"])
        self.encoder = nn.ModuleDict(
            {"layers": nn.ModuleList(Layer(config) for _ in range(config["n_layer"]))})
        cos, sin = rotary_tables(config)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)

    def forward(self, ids, mask=None):
        """CLS vectors [batch, hidden]; `mask` [batch, length] is true at tokens, false at padding,
        absent where there is no padding."""
        x = self.embeddings["word_embeddings"](ids) + self.embeddings["token_type_embeddings"].weight[0]
        x = self.emb_ln(x)
        length = ids.shape[1]
        cos, sin = self.cos[:length], self.sin[:length]
        keys = None if mask is None else mask[:, None, None, :]
        for layer in self.encoder["layers"]:
            x = layer(x, cos, sin, keys)
        return x[:, 0]


def rotary_tables(config):
    """cos and sin [positions, head size], the second half of a row equal to its first."""
    size = config["n_embd"] // config["n_head"]
    powers = torch.arange(0, size, 2, dtype=torch.float64) / size
    angles = torch.outer(torch.arange(config["max_trained_positions"], dtype=torch.float64),
                         config["rotary_emb_base"] ** -powers)
    angles = torch.cat([angles, angles], dim=1)
    return angles.cos().float(), angles.sin().float()


def rotate(x, cos, sin):
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat([-second, first], dim=-1) * sin


def load(folder):
    folder = pathlib.Path(folder)
    model = NomicBert(json.loads((folder / "config.json").read_text()))
    model.load_state_dict(safetensors.torch.load_file(folder / "model.safetensors"))
    return model.eval()
