"""Published weights of BERT with the names of Hugging Face; old files say gamma and beta for scale and bias."""

from functools import partial

from meta_noise.models.published.naming import VALUES, Naming, Path, from_torch

EMBEDDINGS = {"word": "word_embeddings", "position": "position_embeddings", "segment": "token_type_embeddings"}
LAYER = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "out": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "hidden": "intermediate.dense",
    "output": "output.dense",
    "output_norm": "output.LayerNorm",
}
IGNORED = ("cls.", "classifier.", "qa_outputs.", "bert.embeddings.position_ids", "embeddings.position_ids")


def namings() -> tuple[Naming, ...]:
    """Returns the names in files of BERT; what follows its encoder is left out, and a file may lack the pooler."""
    return tuple(
        Naming("Hugging Face", partial(_name, prefix, of_norms), from_torch, IGNORED, ("pooler",))
        for prefix in ("bert.", "")
        for of_norms in (VALUES, {"scale": "gamma", "bias": "beta"})
    )


def _name(prefix: str, of_norms: dict[str, str], path: Path) -> str:
    block, *_, layer, leaf = path
    if block == "pooler":
        return f"{prefix}pooler.dense.{VALUES[leaf]}"
    if layer == "norm":
        return f"{prefix}embeddings.LayerNorm.{of_norms[leaf]}"
    if block == "embeddings":
        return f"{prefix}embeddings.{EMBEDDINGS[layer]}.{VALUES[leaf]}"
    values = of_norms if layer.endswith("norm") else VALUES
    return f"{prefix}encoder.layer.{int(block.removeprefix('layer'))}.{LAYER[layer]}.{values[leaf]}"
