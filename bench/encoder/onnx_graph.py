"""The model as an ONNX graph, put together node by node for ONNX Runtime.

It uses the operators that ONNX Runtime's own transformer optimizer would fuse to (rotary embedding,
multi-head attention, SkipLayerNormalization, QuickGelu), so that the peer runs at its best. Inputs:
ids [batch, length] int64, positions [batch, length] int64 and, where sequences of a batch differ in
length, mask [batch, length] int32 (1 token, 0 padding). Output: the CLS vectors [batch, hidden].
"""
import json
import pathlib

import numpy
import onnx
import safetensors.numpy
from onnx import TensorProto, helper, numpy_helper

_FUSED = "com.microsoft"


class _Graph:
    def __init__(self, config, weights):
        self.config, self.weights = config, weights
        self.nodes, self.constants = [], []

    def constant(self, name, values):
        self.constants.append(numpy_helper.from_array(numpy.array(values, order="C"), name))
        return name

    def node(self, operator, inputs, output, domain="", outputs=1, **attributes):
        names = [output] if outputs == 1 else [f"{output}.{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, names, name=output, domain=domain,
                                           **attributes))
        return names[0] if outputs == 1 else names

    def linear(self, x, name):
        weight = self.constant(name, self.weights[name + ".weight"].T)
        return self.node("MatMul", [x, weight], name + ".out")

    def norm(self, x, residual, name):
        parameters = [self.constant(f"{name}.{kind}", self.weights[f"{name}.{kind}"])
                      for kind in ("weight", "bias")]
        return self.node("SkipLayerNormalization", [x, residual] + parameters, name + ".out", _FUSED,
                         epsilon=self.config["layer_norm_epsilon"])

    def embeddings(self):
        # Every token has type 0, so its row is added to the word's beforehand.
        table = self.constant("words", self.weights["embeddings.word_embeddings.weight"] +
                              self.weights["embeddings.token_type_embeddings.weight"][0])
        x = self.node("Gather", [table, "ids"], "embedded")
        parameters = [self.constant(f"emb_ln.{kind}", self.weights[f"emb_ln.{kind}"])
                      for kind in ("weight", "bias")]
        return self.node("LayerNormalization", [x] + parameters, "normalized", axis=-1,
                         epsilon=self.config["layer_norm_epsilon"])

    def rotary_tables(self):
        size = self.config["n_embd"] // self.config["n_head"]
        steps = self.config["rotary_emb_base"] ** -(numpy.arange(0, size, 2) / size)
        angles = numpy.outer(numpy.arange(self.config["max_trained_positions"]), steps)
        self.constant("cos", numpy.cos(angles).astype(numpy.float32))
        self.constant("sin", numpy.sin(angles).astype(numpy.float32))
        self.constant("thirds", numpy.array([self.config["n_embd"]] * 3, numpy.int64))

    def attention(self, x, name, masked):
        heads = self.config["n_head"]
        qkv = self.linear(x, f"{name}.Wqkv")
        q, k, v = self.node("Split", [qkv, "thirds"], f"{name}.qkv", outputs=3, axis=-1)
        q, k = (self.node("RotaryEmbedding", [part, "positions", "cos", "sin"],
                          f"{name}.rotary{i}", _FUSED, num_heads=heads, interleaved=0)
                for i, part in enumerate((q, k)))
        inputs = [q, k, v] + (["", "mask"] if masked else [])
        mixed = self.node("MultiHeadAttention", inputs, f"{name}.mixed", _FUSED, num_heads=heads)
        return self.linear(mixed, f"{name}.out_proj")

    def mlp(self, x, name):
        up, gate = self.linear(x, f"{name}.fc11"), self.linear(x, f"{name}.fc12")
        gate = self.node("QuickGelu", [gate], f"{name}.silu", _FUSED, alpha=1.0)  # x * sigmoid(x)
        return self.linear(self.node("Mul", [up, gate], f"{name}.gated"), f"{name}.fc2")

    def build(self, masked):
        x = self.embeddings()
        self.rotary_tables()
        for layer in (f"encoder.layers.{i}" for i in range(self.config["n_layer"])):
            x = self.norm(x, self.attention(x, f"{layer}.attn", masked), f"{layer}.norm1")
            x = self.norm(x, self.mlp(x, f"{layer}.mlp"), f"{layer}.norm2")
        self.constant("first", numpy.array(0, numpy.int64))
        self.node("Gather", [x, "first"], "vectors", axis=1)
        return self.model(masked)

    def model(self, masked):
        shape = ["batch", "length"]
        inputs = [helper.make_tensor_value_info("ids", TensorProto.INT64, shape),
                  helper.make_tensor_value_info("positions", TensorProto.INT64, shape)]
        if masked:
            inputs.append(helper.make_tensor_value_info("mask", TensorProto.INT32, shape))
        outputs = [helper.make_tensor_value_info("vectors", TensorProto.FLOAT,
                                                 ["batch", self.config["n_embd"]])]
        graph = helper.make_graph(self.nodes, "nomic_bert", inputs, outputs, self.constants)
        return helper.make_model(graph, ir_version=10, opset_imports=[
            helper.make_opsetid("", 17), helper.make_opsetid(_FUSED, 1)])


def write(folder, path, masked):
    folder = pathlib.Path(folder)
    config = json.loads((folder / "config.json").read_text())
    weights = safetensors.numpy.load_file(folder / "model.safetensors")
    onnx.save(_Graph(config, weights).build(masked), str(path))
