"""Llama's and Qwen2's decoders in PyTorch, from a GGUF file, all weights in bfloat16."""
import gguf
import torch
from torch.nn import functional


class Decoder:
    """After evaluating n tokens the keys and values of all of them are kept, [heads, n, size]."""

    def __init__(self, path, context):
        reader = gguf.GGUFReader(path)
        self.architecture = reader.get_field("general.architecture").contents()
        self.layers = self._number(reader, "block_count")
        self.heads = self._number(reader, "attention.head_count")
        self.groups = self._number(reader, "attention.head_count_kv")
        self.epsilon = self._number(reader, "attention.layer_norm_rms_epsilon")
        self.weights = {tensor.name: _bfloat16(tensor) for tensor in reader.tensors}
        self.size = self._number(reader, "embedding_length") // self.heads
        base = self._number(reader, "rope.freq_base")
        turns = base ** (-torch.arange(0, self.size, 2) / self.size)
        angles = torch.arange(context)[:, None] * turns  # [context, size / 2]
        self.cosine, self.sine = angles.cos().bfloat16(), angles.sin().bfloat16()
        cache = (self.layers, self.groups, context, self.size)
        self.keys, self.values = (torch.zeros(cache, dtype=torch.bfloat16) for _ in range(2))
        self.length = 0

    def _number(self, reader, name):
        return reader.get_field(f"{self.architecture}.{name}").contents()

    def reset(self):
        self.length = 0

    def evaluate(self, tokens):
        """The logits behind the last token, [vocabulary]."""
        x = self.weights["token_embd.weight"][torch.tensor(tokens)]  # [tokens, hidden]
        for layer in range(self.layers):
            x = x + self._attention(layer, self._norm(x, f"blk.{layer}.attn_norm"))
            x = x + self._feed_forward(layer, self._norm(x, f"blk.{layer}.ffn_norm"))
        self.length += len(tokens)
        head = "output" if "output.weight" in self.weights else "token_embd"
        return self._linear(self._norm(x[-1], "output_norm"), head)

    def _linear(self, x, name):
        return functional.linear(x, self.weights[f"{name}.weight"], self.weights.get(f"{name}.bias"))

    def _norm(self, x, name):
        return functional.rms_norm(x, x.shape[-1:], self.weights[f"{name}.weight"], self.epsilon)

    def _feed_forward(self, layer, x):
        gate, up = (self._linear(x, f"blk.{layer}.ffn_{name}") for name in ("gate", "up"))
        return self._linear(functional.silu(gate) * up, f"blk.{layer}.ffn_down")

    def _attention(self, layer, x):
        count, end = x.shape[0], self.length + x.shape[0]
        query, key, value = (
            self._linear(x, f"blk.{layer}.attn_{name}").view(count, heads, self.size).transpose(0, 1)
            for name, heads in (("q", self.heads), ("k", self.groups), ("v", self.groups)))
        self.keys[layer, :, self.length:end] = self._rotate(key)
        self.values[layer, :, self.length:end] = value
        mixed = functional.scaled_dot_product_attention(
            self._rotate(query)[None], self.keys[None, layer, :, :end],
            self.values[None, layer, :, :end], is_causal=count > 1, enable_gqa=True)
        return self._linear(mixed[0].transpose(0, 1).reshape(count, -1), f"blk.{layer}.attn_output")

    def _rotate(self, x):
        """Pairs of neighbours turn in Llama's files, the halves against each other in Qwen2's."""
        places = slice(self.length, self.length + x.shape[1])
        cosine, sine = self.cosine[places], self.sine[places]
        if self.architecture == "llama":
            a, b = x[..., 0::2], x[..., 1::2]
            return torch.stack((a * cosine - b * sine, a * sine + b * cosine), -1).flatten(-2)
        a, b = x.chunk(2, -1)
        return torch.cat((a * cosine - b * sine, a * sine + b * cosine), -1)


def _bfloat16(tensor):
    values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
    return torch.from_numpy(values.copy()).bfloat16()
