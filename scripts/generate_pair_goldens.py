#!/usr/bin/env python3
"""Writes the reference logits of the cross-encoder's tests, in f32.

  generate_pair_goldens.py small                  -> tests/data/models/pair_*/
  generate_pair_goldens.py minilm MODEL_FOLDER    -> tests/data/minilm_pair_goldens.json

`small`: random BertForSequenceClassification models with one label, each with goldens.json: the
record expected from its files, and for pairs of texts cut to some length the token ids, where the
second text begins, and the logit. transformers runs both the tokenizer and the model.
`minilm`: the body and pooler of all-MiniLM-L6-v2 under a made-up classifier, whose weights are
((37 i mod 101) - 50) / 16: the real size and real activations, not real scores. The pairs are
questions with pieces of this repository's sources.

Needs torch, transformers and safetensors.
"""
import json
import pathlib
import random
import sys

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

from generate_model_goldens import DATA, ROOT, write_json

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

SMALL = {
    # As published cross-encoders are: prefix bert., vocab.txt, num_labels by id2label.
    "pair_gelu": dict(hidden=32, layers=2, heads=4, inner=48, vocab=97, positions=64, types=2,
                      act="gelu", dtype=torch.float32, length=40),
    # bf16, the old LayerNorm names, more types than two, a tokenizer.json, a head size of 12.
    "pair_relu_old_names": dict(hidden=36, layers=1, heads=3, inner=40, vocab=61, positions=48,
                                types=3, act="relu", dtype=torch.bfloat16, length=None,
                                old_norm_names=True, tokenizer_json=True),
}


def random_model(spec, seed):
    """Weights large enough that attention, tanh and activations are far from linear."""
    torch.manual_seed(seed)
    config = BertConfig(
        hidden_size=spec["hidden"], num_hidden_layers=spec["layers"],
        num_attention_heads=spec["heads"], intermediate_size=spec["inner"],
        vocab_size=spec["vocab"], max_position_embeddings=spec["positions"],
        type_vocab_size=spec["types"], hidden_act=spec["act"], layer_norm_eps=1e-12, num_labels=1)
    model = BertForSequenceClassification(config).eval()
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "LayerNorm.weight" in name:
                p.copy_(1 + 0.2 * torch.randn_like(p))
            elif p.dim() == 1:
                p.copy_(0.2 * torch.randn_like(p))
            else:
                p.copy_(torch.randn_like(p) * (1.5 / p.shape[1] ** 0.5))
            p.copy_(p.to(spec["dtype"]).to(torch.float32))  # what the file can hold
    return config, model


def save_model(folder, spec, config, model):
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {}
    for name, p in model.state_dict().items():
        if not p.is_floating_point():
            continue
        if spec.get("old_norm_names"):
            name = name.replace("LayerNorm.weight", "LayerNorm.gamma")
            name = name.replace("LayerNorm.bias", "LayerNorm.beta")
        tensors[name] = p.to(spec["dtype"]).contiguous()
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    kept = ["hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
            "vocab_size", "max_position_embeddings", "type_vocab_size", "hidden_act",
            "layer_norm_eps"]
    values = config.to_dict()
    write_json(folder / "config.json",
               {"architectures": ["BertForSequenceClassification"], "model_type": "bert",
                "id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0},
                **{key: values[key] for key in kept}})


def make_tokenizer(folder, spec):
    words = SPECIAL + [f"w{i}" for i in range(spec["vocab"] - len(SPECIAL))]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n")
    tokenizer = BertTokenizer.from_pretrained(folder)
    if spec.get("tokenizer_json"):
        tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
        (folder / "vocab.txt").unlink()
    if spec["length"]:
        write_json(folder / "tokenizer_config.json",
                   {"do_lower_case": True, "model_max_length": spec["length"]})
    return tokenizer


def judge(tokenizer, model, query, document, length):
    # As a batch of one: outside of a batch an empty document would count as none.
    inputs = tokenizer([query], [document], truncation=True, max_length=length,
                       return_tensors="pt")
    with torch.no_grad():
        logit = model(**inputs).logits[0, 0].item()
    types = inputs["token_type_ids"][0].tolist()
    begin = types.index(1)
    assert types == [0] * begin + [1] * (len(types) - begin)
    return {"query": query, "document": document, "length": length,
            "ids": inputs["input_ids"][0].tolist(), "second_begin": begin,
            "logit": float(f"{logit:.9g}")}


def small_cases(tokenizer, model, spec, rng):
    def text(words):
        return " ".join(rng.choice(["w3", "w7", "W11", "w20", "w31", "w42", "w50", "[SEP]", "none"])
                        for _ in range(words))

    most = spec["length"] or spec["positions"]
    # Words of query and document, and the limit: nothing cut, the document cut, both cut with an
    # even and an odd number to share, the query cut alone, texts without words.
    shapes = [(1, 1, most), (3, 10, most), (5, 100, most), (20, 30, 33), (30, 20, 33), (25, 25, 32),
              (60, 4, 30), (0, 5, most), (5, 0, most), (0, 0, most), (2, 1, 4), (2, 9, 3)]
    shapes += [(rng.randint(1, 8), rng.randint(1, 60), most) for _ in range(12)]
    return [judge(tokenizer, model, text(q), text(d), length) for q, d, length in shapes]


def generate_small():
    rng = random.Random(5)
    for seed, (name, spec) in enumerate(SMALL.items()):
        folder = DATA / "models" / name
        config, model = random_model(spec, seed)
        save_model(folder, spec, config, model)
        tokenizer = make_tokenizer(folder, spec)
        cases = small_cases(tokenizer, model, spec, rng)
        print(name, "logits", sorted(round(case["logit"], 2) for case in cases))
        (folder / "goldens.json").write_text(json.dumps(
            {"record": {"max_length": spec["length"] or spec["positions"],
                        "dimension": spec["hidden"]}, "cases": cases}) + "\n")


QUERIES = ["where is the retry delay computed", "read a safetensors header",
           "int8 matrix product with per channel scales", "parse command line arguments",
           "how are ignore rules applied to folders", "threads", "WordPieceTokenizer::Encode",
           "write a file atomically and rename it into place"]


def source_pieces(count):
    rng = random.Random(11)
    text = "\n".join(p.read_text() for p in sorted((ROOT / "src" / "base").rglob("*"))
                     if p.suffix in (".cc", ".h"))
    lines = text.split("\n")
    for i in range(count):
        start = rng.randrange(len(lines) - 100)
        yield "\n".join(lines[start:start + 1 + 60 * i // count])


def generate_minilm(folder):
    tokenizer = BertTokenizer.from_pretrained(folder)
    config = BertConfig.from_pretrained(folder, num_labels=1)
    model = BertForSequenceClassification(config).eval()
    model.bert.load_state_dict(transformers_body(folder))
    with torch.no_grad():
        hidden = config.hidden_size
        model.classifier.weight.copy_(
            torch.tensor([[((37 * i) % 101 - 50) / 16 for i in range(hidden)]]))
        model.classifier.bias.copy_(torch.tensor([0.25]))
    cases = []
    for i, piece in enumerate(source_pieces(32)):
        query = QUERIES[i % len(QUERIES)]
        case = judge(tokenizer, model, query, piece, 512)
        cases.append({key: case[key] for key in ("ids", "second_begin", "logit")})
    print("logits", sorted(round(case["logit"], 2) for case in cases))
    (DATA / "minilm_pair_goldens.json").write_text(
        json.dumps({"cases": cases}, separators=(",", ":")) + "\n")


def transformers_body(folder):
    from transformers import BertModel
    return BertModel.from_pretrained(folder, dtype=torch.float32).state_dict()


if __name__ == "__main__":
    if sys.argv[1:] == ["small"]:
        generate_small()
    elif len(sys.argv) == 3 and sys.argv[1] == "minilm":
        generate_minilm(pathlib.Path(sys.argv[2]))
    else:
        sys.exit(__doc__)
