"""Config files: Python files that define `get_config(argument)`; those of this library are found from any folder."""

import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from meta_noise.errors import InputError

PACKAGE = Path(__file__).parents[1]
SHIPPED = (PACKAGE / "configs", PACKAGE.parent / "configs")  # in an installed package, in a checkout


def shipped() -> dict[str, Path]:
    """Returns the config files that come with this library: name, such as "digits.py" -> path."""
    folder = next((folder for folder in SHIPPED if folder.is_dir()), None)
    return {} if folder is None else {path.name: path for path in sorted(folder.glob("*.py"))}


def find(path: str) -> str:
    """Returns where a config file is: the path itself, or for `configs/x.py` that of the library, where there is none.

    Raises:
        InputError: there is neither.
    """
    if os.path.isfile(path):
        return path
    folder, name = os.path.split(path)
    if folder == "configs" and name in shipped():
        return str(shipped()[name])
    raise InputError(
        f"There is no config file {path!r}. Give --config the path of one, or one of this library: "
        f"{', '.join(f'configs/{name}' for name in shipped())}."
    )


def load(name: str) -> dict[str, Any]:
    """Returns what `get_config(argument)` of a config file gives, as a nested dictionary.

    Args:
        name: path of a Python file, with `:argument` behind it where there is one; see `find`.

    Raises:
        InputError: there is no such file, it cannot be run, or it does not offer `get_config`.
    """
    path, _, argument = name.partition(":")
    path = find(path)
    spec = importlib.util.spec_from_file_location("config_file", path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path} is not a Python file; a config file defines get_config(arg) and ends in .py.")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        config = module.get_config(argument)
    except InputError:
        raise
    except (Exception, SystemExit) as error:  # whatever a user's file may do
        raise InputError(f"Config file {name} fails with {type(error).__name__}: {error}.") from error
    config = config.to_dict() if hasattr(config, "to_dict") else config
    if not isinstance(config, Mapping):
        raise InputError(f"get_config in {name} must return a dictionary or a ConfigDict, got {config!r}.")
    return dict(config)
