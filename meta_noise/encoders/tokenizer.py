"""Texts as numbers of tokens, by the tokenizer in the folder of an encoder."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from meta_noise.encoders.folder import Folder, read_object
from meta_noise.encoders.text_models import TextModel
from meta_noise.errors import InputError

UNLIMITED = 10**6  # what tokenizer_config.json says where there is no limit is far above this


class Tokens(NamedTuple):
    """A tokenizer.

    Attributes:
        numbers: `(texts) -> token numbers of each`, special tokens included, cut to `longest`.
        longest: tokens of a text.
    """

    numbers: Callable[[Sequence[str]], list[list[int]]]
    longest: int


def open_tokenizer(folder: Folder, model: TextModel) -> Tokens:
    """Returns the tokenizer of an encoder of texts.

    Raises:
        InputError: the folder has none, it is damaged or knows more tokens than the encoder, or the package that reads
            it is not installed.
    """
    tokenizer = _opened(folder, model.kind)
    if (count := tokenizer.get_vocab_size(with_added_tokens=True)) > model.vocabulary:
        raise InputError(
            f"The tokenizer in {folder.body} knows {count:,} tokens, the encoder {model.vocabulary:,}; they are not of "
            "the same model, get the folder again."
        )
    about = _about(folder)
    longest = min(model.longest, about["longest"])
    tokenizer.no_padding()
    tokenizer.enable_truncation(longest)
    prompt, lower = about["prompt"], about["lower"]

    def numbers(texts: Sequence[str]) -> list[list[int]]:
        found = [f"{prompt}{text.strip()}" for text in texts]
        found = [text.encode("utf-8", "replace").decode() for text in found]  # lone surrogates are no text
        encodings = tokenizer.encode_batch([text.lower() for text in found] if lower else found)
        ids = [encoding.ids or [model.padding] for encoding in encodings]
        if (largest := max((max(each) for each in ids), default=0)) >= model.vocabulary:
            raise InputError(
                f"The tokenizer in {folder.body} gives the token {largest:,}, the encoder knows {model.vocabulary:,}; "
                "they are not of the same model, get the folder again."
            )
        return ids

    return Tokens(numbers, longest)


def _opened(folder: Folder, kind: str) -> Any:
    try:
        import tokenizers  # here and not at the top: a package that only encoders of texts need
    except ImportError as error:
        raise InputError(f"{error}. Run `pip install 'meta_noise[encoder]'` or `pip install tokenizers`.") from error
    whole, words = folder.body / "tokenizer.json", folder.body / "vocab.txt"
    try:
        if whole.is_file():
            return tokenizers.Tokenizer.from_file(str(whole))
        if words.is_file() and kind in ("bert", "distilbert"):
            lower = _optional(folder, "tokenizer_config.json").get("do_lower_case", True)
            return tokenizers.BertWordPieceTokenizer(str(words), lowercase=bool(lower))
    except Exception as error:  # the library raises plain exceptions
        raise InputError(f"The tokenizer in {folder.body} cannot be read ({error!s:.200}); get it again.") from error
    usual = "tokenizer.json or vocab.txt" if kind in ("bert", "distilbert") else "tokenizer.json"
    raise InputError(
        f"The encoder folder {folder.body} holds no {usual}, "
        "without which texts cannot be read; get it from where the weights are, or write it by "
        "`AutoTokenizer.from_pretrained(NAME).save_pretrained(FOLDER)`."
    )


def _about(folder: Folder) -> dict[str, Any]:
    """Returns `longest` tokens, the `prompt` before every text, and whether texts are made `lower` case."""
    sentence, told = (_optional(folder, name) for name in ("sentence_bert_config.json", "tokenizer_config.json"))
    limits = [sentence.get("max_seq_length"), told.get("model_max_length")]
    known = [int(limit) for limit in limits if isinstance(limit, int | float) and 2 < limit < UNLIMITED]
    prompts = _optional(folder, "config_sentence_transformers.json")
    named = prompts.get("default_prompt_name")
    prompt = (prompts.get("prompts") or {}).get(named, "") if named else ""
    lower = bool(sentence.get("do_lower_case", False))
    return {"longest": min(known, default=UNLIMITED), "prompt": str(prompt), "lower": lower}


def _optional(folder: Folder, name: str) -> dict[str, Any]:
    places = [place / name for place in dict.fromkeys((folder.body, folder.path)) if (place / name).is_file()]
    return read_object(places[0]) if places else {}
