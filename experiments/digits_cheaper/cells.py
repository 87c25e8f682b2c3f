"""What cheaper meta steps cost in accuracy: amortised ones, and meta-gradients and virtual steps of the last layers."""

AMORTISED = ({}, {"meta": {"interval": 4}}, {"train": {"clean_batch_size": 25}}, {"meta": {"virtual_rows": 25}})
SAMPLER = {"name": "layer_sampler", "top_k": 8}  # of the 11 tensors of this network
LAYERS = tuple(
    {"model": {"name": "cnn"}, "train": {"epochs": 30}, "meta": {"cotangents": cotangents, "virtual_layers": virtual}}
    for cotangents, virtual in (
        ({"name": "keep_all"}, "all"),
        (SAMPLER, "all"),
        (SAMPLER, "kept"),
        ({"name": "keep_last", "count": 2}, "all"),
        ({"name": "keep_last", "count": 2}, "kept"),
    )
)
PRECISION = ({"train": {"precision": "bfloat16"}},)
OWN_STEP = {"meta": {"reuse_virtual": False}}  # MLC-LCN's virtual step on part of a batch cannot be the actual one


def _for(method, overrides):
    if method == "mlc_lcn" and "virtual_rows" in overrides.get("meta", {}):
        return {"meta": {**overrides["meta"], **OWN_STEP["meta"]}}
    return overrides


CELLS = tuple(
    (f"configs/digits.py:{method},uniform=0.4,clean=100,seed={seed}", _for(method, overrides))
    for method, variants in (("mw_net", (*AMORTISED, *LAYERS, *PRECISION)), ("mlc_lcn", (*AMORTISED, *PRECISION)))
    for overrides in variants
    for seed in range(3)
)
