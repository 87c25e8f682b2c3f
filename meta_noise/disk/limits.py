"""What to say when the disk refuses, memory runs out, or a limit of the system is reached: one sentence, a remedy."""

import errno
import os

_LESS = (
    "Use smaller batches (config.train.batch_size, eval_batch_size), fewer rows (config.data.limit, --max-rows), a "
    "smaller network, or a machine with more"
)
REFUSALS = {
    errno.ENOSPC: "free some space there",
    errno.EDQUOT: "your quota is used up: free some space, or ask for more",
    errno.EFBIG: "no file may be so large here: raise the limit (ulimit -f), or use another file system",
    errno.EMFILE: "too many files are open in this process: raise the limit (ulimit -n)",
    errno.ENFILE: "too many files are open on this machine: close some programs",
    errno.EIO: "the disk reports an error: check it, and use another one",
    errno.EROFS: "the file system is read-only: use another one",
    errno.EACCES: "change the rights there",
    errno.EPERM: "change the rights there",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ELOOP: "a link leads in circles, or is not to be followed: put a file in its place",
}


def refusal(error: BaseException) -> tuple[str, str] | None:
    """Returns what the disk said and what to do, for an error of the disk in whatever form; None for another error.

    Libraries in C++ tell of such errors in the text of another exception.
    """
    number = error.errno if isinstance(error, OSError) and error.errno else None
    if number is None:
        text = str(error)
        number = next((known for known in REFUSALS if os.strerror(known) in text), None)
    if number is None:
        return None
    return os.strerror(number), REFUSALS.get(number, "look at that place")


def limit(error: BaseException) -> str | None:
    """Returns the sentence for an error of disk, memory or device, None for any other error."""
    text = " ".join(str(error).split())
    if isinstance(error, MemoryError):
        return f"Memory ran out ({text[:200] or 'no array is named'}). {_LESS}."
    if "RESOURCE_EXHAUSTED" in text and type(error).__name__ in ("JaxRuntimeError", "XlaRuntimeError"):
        return f"The memory of the device ran out ({text[:200]}). {_LESS}."
    found = refusal(error)
    if found is None:
        return None if not isinstance(error, OSError) else f"{text}. Put that right, then run the same command again."
    reason, remedy = found
    named = getattr(error, "filename", None)
    where = os.fsdecode(named) if isinstance(named, str | bytes) else text[:200]
    return f"{reason} ({where}): {remedy}, then run the same command again."
