"""Config files, and settings on the command line, that no training can follow."""

from tests.hostile.case import Case, Place

SOUND = (
    "dict(data=dict(name='digits', limit=60), clean=dict(size=10), model=dict(name='mlp', hidden=[4]), "
    "method=dict(name='mw_net'), train=dict(epochs=1, devices=1))"
)
SETTINGS = (
    *("noise.name=../../x", "noise.name=os.system", "noise.rate=2", "noise.rate=nan", "noise.rate=x", "seed=-1"),
    *("train.epochs=-1", "train.epochs=x", "train.batch_size=0", "train.batch_size=-3", "train.batch_size=1.5"),
    *("train.devices=0", "train.devices=999", "train.nope=1", "nope.x=1", "nope=1", "optimizer.lr=nan"),
    *("optimizer.lr=-1", "optimizer.lr=x", "optimizer.name=nope", "model.name=nope", "model.hidden=x"),
    *("model.hidden=[-1]", "model.hidden=[0]", "model.name=builtins.eval", "method.name=../x", "method.name="),
    *("data.name=nope", "data.name=os.listdir", "data.limit=-1", "clean.size=-1", "clean.size=99999"),
    *("clean.selection=-1", "clean.train_on=nope", "clean.splits=/none.npz", "schedule.name=nope", "seed=x"),
    *("report.examples=-1", "report.examples=x", "meta.lr=x", "data=1", "train=x", "seed=99999999999999999999"),
)
FILES = {
    "syntax": "def get_config(arg:\n",
    "empty": "",
    "no function": "x = 1\n",
    "no callable": "get_config = 7\n",
    "none": "def get_config(arg):\n    return None\n",
    "a number": "def get_config(arg):\n    return 3\n",
    "a list": "def get_config(arg):\n    return [1]\n",
    "a set": "def get_config(arg):\n    return dict(data={1, 2})\n",
    "a set inside": f"def get_config(arg):\n    return {SOUND} | dict(noise=dict(name='none', rate={{1}}))\n",
    "a function inside": f"def get_config(arg):\n    return {SOUND} | dict(seed=print)\n",
    "numbers as keys": f"def get_config(arg):\n    return {SOUND} | {{1: 2}}\n",
    "bytes": f"def get_config(arg):\n    return {SOUND} | dict(seed=b'1')\n",
    "nan": f"def get_config(arg):\n    return {SOUND} | dict(optimizer=dict(name='sgd', lr=float('nan')))\n",
    "raises": "def get_config(arg):\n    raise RuntimeError('no')\n",
    "raises at import": "1 / 0\n",
    "exits": "import sys\nsys.exit(3)\n",
    "exits later": "import sys\ndef get_config(arg):\n    sys.exit(3)\n",
    "recursion": "def get_config(arg):\n    return get_config(arg)\n",
    "imports what is not there": "import not_a_module_at_all\n",
    "takes no argument": f"def get_config():\n    return {SOUND}\n",
    "a circle": "def get_config(arg):\n    x = {}\n    x['data'] = x\n    return x\n",
    "bytes that are no text": b"\xff\xfe\x00def\n",
    "a zero byte": b"x = 1\0\n",
    "a long line": b"x = '" + b"a" * 10**6 + b"'\n",
    "a class as name": f"def get_config(arg):\n    return {SOUND} | dict(model=dict(name=int))\n",
    "no name": f"def get_config(arg):\n    return {SOUND} | dict(model=dict())\n",
    "deep": "def get_config(arg):\n    x = 1\n    for _ in range(3000):\n        x = [x]\n    return dict(seed=x)\n",
    "an array": f"import numpy\ndef get_config(arg):\n    return {SOUND} | dict(seed=numpy.arange(3))\n",
    "a lone surrogate": f"def get_config(arg):\n    return {SOUND} | dict(model=dict(name='\\ud800'))\n",
}


def _file(content):
    def words(place: Place):
        return ["main", f"--config={place.file('settings.py', content)}", f"--workdir={place.here / 'new'}"]

    return words


def _setting(setting):
    def words(place: Place):
        return [*_file(f"def get_config(arg):\n    return {SOUND}\n")(place), f"--config.{setting}"]

    return words


def _paths(config, workdir):
    def words(place: Place):
        place.file("settings.py", f"def get_config(arg):\n    return {SOUND}\n")
        place.file("mine/kept.txt", "mine")
        return ["main", config.format(here=place.here), workdir.format(here=place.here)]

    return words


PATHS = {
    "no such config": ("--config={here}/none.py", "--workdir={here}/new"),
    "a folder as config": ("--config={here}", "--workdir={here}/new"),
    "another ending": ("--config={here}/mine/kept.txt", "--workdir={here}/new"),
    "no workdir": ("--config={here}/settings.py", "--workdir="),
    "a file as workdir": ("--config={here}/settings.py", "--workdir={here}/settings.py"),
    "below a file": ("--config={here}/settings.py", "--workdir={here}/settings.py/run"),
    "a folder of the user's": ("--config={here}/settings.py", "--workdir={here}/mine"),
    "a zero byte in workdir": ("--config={here}/settings.py", "--workdir={here}/a\0b"),
    "a half character in workdir": ("--config={here}/settings.py", "--workdir={here}/\udcff"),
    "a long workdir": ("--config={here}/settings.py", "--workdir={here}/" + "x" * 300),
    "a device as workdir": ("--config={here}/settings.py", "--workdir=/dev/null/run"),
}
CASES = [
    *(Case(f"setting {setting}", _setting(setting)) for setting in SETTINGS),
    *(Case(f"file: {name}", _file(content)) for name, content in FILES.items()),
    *(Case(f"path: {name}", _paths(*paths)) for name, paths in PATHS.items()),
]
