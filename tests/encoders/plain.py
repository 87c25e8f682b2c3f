"""Encoders in plain NumPy, double precision, row by row and head by head, from weights by their published names."""

import math

import numpy as np

KIN = {
    "bert": {
        "query": "encoder.layer.{}.attention.self.query",
        "key": "encoder.layer.{}.attention.self.key",
        "value": "encoder.layer.{}.attention.self.value",
        "out": "encoder.layer.{}.attention.output.dense",
        "norm1": "encoder.layer.{}.attention.output.LayerNorm",
        "hidden": "encoder.layer.{}.intermediate.dense",
        "output": "encoder.layer.{}.output.dense",
        "norm2": "encoder.layer.{}.output.LayerNorm",
    },
    "mpnet": {
        "query": "encoder.layer.{}.attention.attn.q",
        "key": "encoder.layer.{}.attention.attn.k",
        "value": "encoder.layer.{}.attention.attn.v",
        "out": "encoder.layer.{}.attention.attn.o",
        "norm1": "encoder.layer.{}.attention.LayerNorm",
        "hidden": "encoder.layer.{}.intermediate.dense",
        "output": "encoder.layer.{}.output.dense",
        "norm2": "encoder.layer.{}.output.LayerNorm",
    },
    "distilbert": {
        "query": "transformer.layer.{}.attention.q_lin",
        "key": "transformer.layer.{}.attention.k_lin",
        "value": "transformer.layer.{}.attention.v_lin",
        "out": "transformer.layer.{}.attention.out_lin",
        "norm1": "transformer.layer.{}.sa_layer_norm",
        "hidden": "transformer.layer.{}.ffn.lin1",
        "output": "transformer.layer.{}.ffn.lin2",
        "norm2": "transformer.layer.{}.output_layer_norm",
    },
    "vit": {
        "query": "encoder.layer.{}.attention.attention.query",
        "key": "encoder.layer.{}.attention.attention.key",
        "value": "encoder.layer.{}.attention.attention.value",
        "out": "encoder.layer.{}.attention.output.dense",
        "norm1": "encoder.layer.{}.layernorm_before",
        "hidden": "encoder.layer.{}.intermediate.dense",
        "output": "encoder.layer.{}.output.dense",
        "norm2": "encoder.layer.{}.layernorm_after",
    },
    "clip": {
        "query": "encoder.layers.{}.self_attn.q_proj",
        "key": "encoder.layers.{}.self_attn.k_proj",
        "value": "encoder.layers.{}.self_attn.v_proj",
        "out": "encoder.layers.{}.self_attn.out_proj",
        "norm1": "encoder.layers.{}.layer_norm1",
        "hidden": "encoder.layers.{}.mlp.fc1",
        "output": "encoder.layers.{}.mlp.fc2",
        "norm2": "encoder.layers.{}.layer_norm2",
    },
}
KIN["dinov2"] = {
    **{name: KIN["vit"][name] for name in ("query", "key", "value", "out")},
    "norm1": "encoder.layer.{}.norm1",
    "hidden": "encoder.layer.{}.mlp.fc1",
    "output": "encoder.layer.{}.mlp.fc2",
    "norm2": "encoder.layer.{}.norm2",
}
KIN |= dict.fromkeys(("roberta", "xlm-roberta"), KIN["bert"])
HEADS = 2


def gelu(x):
    return x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2


def quick_gelu(x):
    return x / (1 + np.exp(-1.702 * x))


def norm(x, tensors, name, epsilon):
    deviation = np.sqrt(x.var(-1, keepdims=True) + epsilon)
    return (x - x.mean(-1, keepdims=True)) / deviation * tensors[f"{name}.weight"] + tensors[f"{name}.bias"]


def dense(x, tensors, name):
    return x @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"]


def attention(x, tensors, names, number, bias):
    query, key, value = (dense(x, tensors, names[each].format(number)) for each in ("query", "key", "value"))
    size, heads = x.shape[1] // HEADS, []
    for head in range(HEADS):
        part = slice(head * size, (head + 1) * size)
        scores = query[:, part] @ key[:, part].T / math.sqrt(size) + bias[head]
        scores = np.exp(scores)
        heads.append(scores / scores.sum(-1, keepdims=True) @ value[:, part])
    return dense(np.concatenate(heads, axis=1), tensors, names["out"].format(number))


def text_states(tensors, kind, tokens, epsilon=1e-12):
    """Returns the states [L, D] of one text without padding."""
    tensors = {name: np.asarray(tensor, np.float64) for name, tensor in tensors.items()}
    names, first = KIN[kind], 0 if kind in ("bert", "distilbert") else 2
    x = tensors["embeddings.word_embeddings.weight"][tokens]
    x = x + tensors["embeddings.position_embeddings.weight"][first : first + len(tokens)]
    if kind not in ("distilbert", "mpnet"):
        x = x + tensors["embeddings.token_type_embeddings.weight"][0]
    x = norm(x, tensors, "embeddings.LayerNorm", epsilon)
    bias = np.zeros((HEADS, len(tokens), len(tokens)))
    if kind == "mpnet":
        table = tensors["encoder.relative_attention_bias.weight"]
        for here in range(len(tokens)):
            for there in range(len(tokens)):
                bias[:, here, there] = table[bucket(there - here)]
    for number in range(2):
        x = norm(x + attention(x, tensors, names, number, bias), tensors, names["norm1"].format(number), epsilon)
        y = gelu(dense(x, tensors, names["hidden"].format(number)))
        x = norm(x + dense(y, tensors, names["output"].format(number)), tensors, names["norm2"].format(number), epsilon)
    return x


def bucket(distance):
    """Returns the bucket of a distance, of 32: 16 for each direction, 8 of them for one distance each."""
    side, far = (16, distance) if distance > 0 else (0, -distance)
    return side + (far if far < 8 else min(8 + int(math.log(far / 8) / math.log(128 / 8) * 8), 15))


def image_vector(tensors, kind, image):
    """Returns the vector of one image [8, 8, 3], its pixels normalised."""
    tensors = {name: np.asarray(tensor, np.float64) for name, tensor in tensors.items()}
    is_clip = kind == "clip"
    names, epsilon, act = (KIN["clip"], 1e-5, quick_gelu) if is_clip else (KIN[kind], 1e-12, gelu)
    patch = "embeddings.patch_embedding" if is_clip else "embeddings.patch_embeddings.projection"
    kernel = tensors[f"{patch}.weight"]
    rows = []
    for top in (0, 4):
        for left in (0, 4):
            square = image[top : top + 4, left : left + 4].transpose(2, 0, 1)
            rows.append([np.sum(square * kernel[unit]) for unit in range(len(kernel))])
    x = np.array(rows) + (0 if is_clip else tensors[f"{patch}.bias"])
    first = tensors["embeddings.class_embedding" if is_clip else "embeddings.cls_token"].reshape(1, -1)
    places = tensors["embeddings.position_embedding.weight" if is_clip else "embeddings.position_embeddings"]
    x = np.concatenate([first, x]) + places.reshape(5, -1)
    x = norm(x, tensors, "pre_layrnorm", epsilon) if is_clip else x
    for number in range(2):
        y = norm(x, tensors, names["norm1"].format(number), epsilon)
        scales = [tensors.get(f"encoder.layer.{number}.layer_scale{place}.lambda1", 1) for place in (1, 2)]
        x = x + attention(y, tensors, names, number, np.zeros(HEADS)) * scales[0]
        y = act(
            dense(norm(x, tensors, names["norm2"].format(number), epsilon), tensors, names["hidden"].format(number))
        )
        x = x + dense(y, tensors, names["output"].format(number)) * scales[1]
    found = norm(x[0], tensors, "post_layernorm" if is_clip else "layernorm", epsilon)
    return found @ tensors["visual_projection.weight"].T if "visual_projection.weight" in tensors else found
