"""What a run was: short facts, its settings, its versions."""

import json
from collections.abc import Mapping
from typing import Any

from meta_noise.report.files import number
from meta_noise.report.notices import is_pseudo_clean
from meta_noise.report.summary import percent


def facts_of(results: Mapping[str, Any]) -> list[str]:
    """Returns the short facts under the title."""
    facts = [f"model {results['model']}"] if results.get("model") else []
    noise = results.get("noise")
    kind = noise.get("kind") if isinstance(noise, Mapping) else None
    rate = number(results, "noise", "rate")
    if kind and kind != "none":
        facts.append(f"{kind} noise" + (f" at {percent(rate, 0)}" if rate is not None else ""))
    clean = number(results, "clean_set", "size")
    if clean is not None:
        trained_on = results["clean_set"].get("trained_on")
        use = {True: " used in training", False: ", not used in training"}.get(trained_on, "")
        kind_of_rows = "pseudo-clean" if is_pseudo_clean(results) else "clean"
        facts.append(f"{clean:,.0f} {kind_of_rows} rows{use}")
    if results.get("seed") is not None:
        facts.append(f"seed {results['seed']}")
    seconds = number(results, "seconds")
    return facts + ([f"{duration(seconds)} of training"] if seconds is not None else [])


def origin_of(results: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Returns what identifies the run beyond its settings: versions and noise file."""
    versions = results.get("versions")
    pairs = flat(versions) if isinstance(versions, Mapping) else []
    noise = results.get("noise")
    if isinstance(noise, Mapping) and noise.get("sha256"):
        pairs.append(("noise file, sha256", str(noise["sha256"])))
    return pairs


def flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Returns nested settings as (dotted name, value) pairs."""
    pairs: list[tuple[str, str]] = []
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            pairs += flat(value, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)))
    return pairs


def duration(seconds: float) -> str:
    """Returns a duration in the two largest units that matter."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, seconds = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"
