"""Makes what the engines load, once: prepare.py CACHE-FOLDER SEED; existing files are kept.

  model/               the random model (random_model.py)
  onnx-f32, onnx-int8  graphs for ONNX Runtime
  openvino-f32, -int8  models for OpenVINO
  gguf                 for llama.cpp

Every step writes beside its target and renames, so that an interrupted run leaves nothing half done.
"""
import pathlib
import shutil
import sys
import tempfile

import numpy

import gguf_file
import onnx_graph
import random_model

_KINDS = ("plain", "masked")  # without and with padding


def has_vnni():
    """int8 dot products that do not saturate: without them a weight must leave a bit free."""
    flags = pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii")
    return "avx512_vnni" in flags or "avx_vnni" in flags


def onnx_f32(root, folder):
    for kind in _KINDS:
        onnx_graph.write(root / "model", folder / f"{kind}.onnx", masked=kind == "masked")
    (folder / "settings.txt").write_text("f32, fused operators\n")


def onnx_int8(root, folder):
    """Dynamic quantisation of the linear layers: u8 activations a tensor, s8 weights a channel.

    Signed weights have the fastest kernels. They use all 8 bits with VNNI; without, vpmaddubsw would
    saturate, so the range is reduced to 7 bits (unsigned weights are exact too, and slower).
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    for kind in _KINDS:
        quantize_dynamic(root / "onnx-f32" / f"{kind}.onnx", folder / f"{kind}.onnx",
                         op_types_to_quantize=["MatMul"], per_channel=True,
                         reduce_range=not has_vnni(), weight_type=QuantType.QInt8,
                         extra_options={"MatMulConstBOnly": True,
                                        "DefaultTensorType": onnx.TensorProto.FLOAT})
    bits = 8 if has_vnni() else 7
    (folder / "settings.txt").write_text(f"dynamic, s8 weights of {bits} bits a channel\n")


def openvino_f32(root, folder):
    import openvino
    import torch

    import nomic_torch
    model = nomic_torch.load(root / "model")
    ids = torch.ones(2, 16, dtype=torch.int64)
    examples = {"plain": {"ids": ids}, "masked": {"ids": ids, "mask": ids.bool()}}
    for kind, example in examples.items():
        converted = openvino.convert_model(model, example_input=example)
        openvino.save_model(converted, folder / f"{kind}.xml", compress_to_fp16=False)
    (folder / "precision.txt").write_text("f32\n")


def openvino_int8(root, folder):
    """NNCF's post-training quantisation of weights and activations, calibrated on random ids.

    Weight compression with OpenVINO's dynamic quantisation is closer to f32, but slower on batches
    (by an eighth at 8x128 on a CPU with VNNI), and a peer is taken at its fastest.
    """
    import nncf
    import openvino
    random = numpy.random.Generator(numpy.random.PCG64(7))
    samples = [random.integers(1000, 30000, (1, length)) for length in (16, 48, 128, 256) * 4]
    fix = nncf.OverflowFix.DISABLE if has_vnni() else nncf.OverflowFix.ENABLE
    for kind in _KINDS:
        def inputs(ids, masked=kind == "masked"):
            return [ids, numpy.ones(ids.shape, bool)] if masked else [ids]
        model = openvino.Core().read_model(root / "openvino-f32" / f"{kind}.xml")
        quantized = nncf.quantize(
            model, nncf.Dataset(samples, inputs), subset_size=len(samples),
            model_type=nncf.ModelType.TRANSFORMER,
            advanced_parameters=nncf.AdvancedQuantizationParameters(overflow_fix=fix))
        openvino.save_model(quantized, folder / f"{kind}.xml")
    (folder / "precision.txt").write_text("int8\n")


def make_folder(root, name, write):
    """Runs `write(root, folder)` for a folder that is not there yet; says why when it cannot."""
    target = root / name
    if target.exists():
        return
    work = pathlib.Path(tempfile.mkdtemp(prefix=f".{name}-", dir=root))
    print(f"making {name}", flush=True)
    try:
        write(root, work)
        work.rename(target)
    except Exception as error:  # a peer that cannot be had is reported, it must not end the run
        print(f"{name} cannot be made: {type(error).__name__}: {error}", flush=True)
        shutil.rmtree(work)


def main():
    root, seed = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    root.mkdir(parents=True, exist_ok=True)
    make_folder(root, "model", lambda _, folder: random_model.write(folder, seed))
    make_folder(root, "gguf", lambda _, folder: gguf_file.write(root / "model", folder / "q8_0.gguf"))
    make_folder(root, "onnx-f32", onnx_f32)
    make_folder(root, "onnx-int8", onnx_int8)
    make_folder(root, "openvino-f32", openvino_f32)
    make_folder(root, "openvino-int8", openvino_int8)


if __name__ == "__main__":
    main()
