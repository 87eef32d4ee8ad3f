"""The model as an ONNX graph, node by node, with the operators that ONNX Runtime's own optimizer for
transformers fuses to (Attention, BiasGelu, SkipLayerNormalization). Input: ids [batch, length]; all
sequences of a batch have one length. Output: logits [batch, 1].

int8 is ONNX Runtime's dynamic quantisation: u8 activations a tensor, s8 weights a channel.
"""
import json
import pathlib

import numpy
import onnx
import safetensors.numpy
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from pairs import SECOND_BEGIN

_FUSED = "com.microsoft"


class _Graph:
    def __init__(self, config, weights):
        self.config, self.weights = config, weights
        self.nodes, self.constants = [], []

    def constant(self, name, values):
        self.constants.append(numpy_helper.from_array(numpy.array(values, order="C"), name))
        return name

    def node(self, operator, inputs, output, domain="", **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, domain=domain,
                                           **attributes))
        return output

    def linear(self, x, name, activation=None):
        weight = self.constant(name + ".w", self.weights[name + ".weight"].T)
        bias = self.constant(name + ".b", self.weights[name + ".bias"])
        product = self.node("MatMul", [x, weight], name + ".product")
        if activation == "gelu":
            return self.node("BiasGelu", [product, bias], name + ".out", _FUSED)
        return self.node("Add", [product, bias], name + ".out")

    def norm(self, x, residual, name):
        parameters = [self.constant(f"{name}.{kind}", self.weights[f"{name}.{kind}"])
                      for kind in ("weight", "bias")]
        return self.node("SkipLayerNormalization", [x, residual] + parameters, name + ".out", _FUSED,
                         epsilon=self.config["layer_norm_eps"])

    def embeddings(self):
        tables = {name: self.weights[f"bert.embeddings.{name}_embeddings.weight"]
                  for name in ("word", "position", "token_type")}
        types = numpy.arange(len(tables["position"])) >= SECOND_BEGIN
        places = self.constant("places", tables["position"] + tables["token_type"][types.astype(int)])
        self.constant("words", tables["word"])
        self.constant("zero", numpy.array([0], numpy.int64))
        self.constant("one", numpy.array([1], numpy.int64))
        shape = self.node("Shape", ["ids"], "shape", start=1)
        x = self.node("Gather", ["words", "ids"], "word_rows")
        rows = self.node("Slice", [places, "zero", shape, "zero"], "place_rows")
        x = self.node("Add", [x, rows], "embedded")
        parameters = [self.constant(f"emb.{kind}", self.weights[f"bert.embeddings.LayerNorm.{kind}"])
                      for kind in ("weight", "bias")]
        return self.node("LayerNormalization", [x] + parameters, "normalized", axis=-1,
                         epsilon=self.config["layer_norm_eps"])

    def attention(self, x, layer):
        parts = [f"{layer}attention.self.{part}" for part in ("query", "key", "value")]
        weight = self.constant(f"{layer}qkv.w", numpy.concatenate(
            [self.weights[f"{part}.weight"].T for part in parts], axis=1))
        bias = self.constant(f"{layer}qkv.b", numpy.concatenate(
            [self.weights[f"{part}.bias"] for part in parts]))
        mixed = self.node("Attention", [x, weight, bias], f"{layer}mixed", _FUSED,
                          num_heads=self.config["num_attention_heads"])
        return self.linear(mixed, f"{layer}attention.output.dense")

    def build(self):
        x = self.embeddings()
        for layer in (f"bert.encoder.layer.{i}." for i in range(self.config["num_hidden_layers"])):
            x = self.norm(self.attention(x, layer), x, f"{layer}attention.output.LayerNorm")
            inner = self.linear(x, f"{layer}intermediate.dense", "gelu")
            x = self.norm(self.linear(inner, f"{layer}output.dense"), x, f"{layer}output.LayerNorm")
        self.constant("first", numpy.array(0, numpy.int64))
        x = self.node("Gather", [x, "first"], "cls", axis=1)
        x = self.node("Tanh", [self.linear(x, "bert.pooler.dense")], "pooled")
        logits = self.linear(x, "classifier")
        graph = helper.make_graph(
            self.nodes, "cross_encoder",
            [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "length"])],
            [helper.make_tensor_value_info(logits, TensorProto.FLOAT, ["batch", 1])], self.constants)
        return helper.make_model(graph, ir_version=10, opset_imports=[
            helper.make_opsetid("", 17), helper.make_opsetid(_FUSED, 1)])


def _has_vnni():
    flags = pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii")
    return "avx512_vnni" in flags or "avx_vnni" in flags


def write(model, f32, int8):
    model = pathlib.Path(model)
    config = json.loads((model / "config.json").read_text())
    weights = safetensors.numpy.load_file(model / "model.safetensors")
    onnx.save(_Graph(config, weights).build(), str(f32))
    # Without VNNI a weight leaves a bit free, or vpmaddubsw would saturate.
    quantize_dynamic(f32, int8, op_types_to_quantize=["MatMul", "Attention"], per_channel=True,
                     reduce_range=not _has_vnni(), weight_type=QuantType.QInt8,
                     extra_options={"MatMulConstBOnly": True,
                                    "DefaultTensorType": onnx.TensorProto.FLOAT})
