"""Words of the command line that no command can follow."""

from tests.hostile.case import Case, given

BIG = "9" * 400
CLEAN = ("clean", "{file}", "--out", "{here}/new")
OPTIONS = {
    CLEAN: {
        "--epochs": ("-1", "x", "1e3", "nan", "", "1.5", BIG),
        "--seed": ("-1", "x", "2147483648", "0.5", "", BIG),
        "--max-rows": ("-1", "x", "nan", "1.0"),
        "--image-size": ("0", "-1", "x", "1e2"),
        "--method": ("nope", "../x", ".", "a..b", "meta_noise.methods", "a\0b", "-"),
        "--model": ("nope", "../../x", "mlp.py", "__init__", "1x", "\u202eplm"),
        "--flag": (
            *("precision=2", "precision=0", "precision=nan", "recall=-1", "count=1.5", "count=-1", "=", "x=1"),
            *("precision", "precision=inf", "count=nan", "count=inf", "precision=0.8,recall=0.9", "count=" + BIG),
        ),
        "--label": ("nope", "a b", "\x1b[2J", "a", "../rows.csv"),
        "--id": ("nope",),
        "--text": ("nope",),
        "--image": ("nope", "a"),
        "--split": ("nope", "a"),
        "--trusted": ("nope", "{here}/none.csv", "{here}", "a", "/dev/null"),
        "--features": ("nope", "{here}/none.npy", "{here}", "label", "/dev/null"),
        "--folder": ("{here}/none", "{file}", "/dev/null"),
        "--nope": ("1",),
    },
    ("queue", "{run}", "--out", "{here}/new"): {
        "--n": ("0", "-1", "x", "1.5", ""),
        "--seed": ("-5", "x", "nan"),
        "--data": ("{here}/none.csv", "{here}", "/dev/null", ""),
    },
    ("ingest", "{run}", "{file}", "--out", "{here}/new"): {
        "--epochs": ("-1", "x"),
        "--method": ("nope", "os.system"),
        "--data": ("{here}/none.csv", "{file}", "/dev/null"),
        "--allow": ("os.system",),
    },
    ("predict", "{run}", "{data}", "--out", "{here}/new.csv"): {
        "--id": ("nope",),
        "--text": ("nope",),
        "--image": ("nope",),
        "--features": ("nope", "a"),
    },
    ("inspect", "{file}", "--no-cost"): {
        "--json": ("{file}", "{here}", "/dev/null/x", "{file}/x"),
        "--trusted": ("{here}/none.csv",),
        "--max-rows": ("-1",),
    },
    ("prepare", "animal10n", "--from", "{here}", "--to", "{here}/new"): {
        "--most-bad": ("-1", "x"),
        "--clean": ("-1",),
        "--colour": ("green",),
        "--rates": ("x",),
    },
}
WHOLE = (
    (),
    ("",),
    ("-",),
    ("--",),
    ("--nope",),
    ("clena",),
    ("clean",),
    ("clean", "{file}"),
    ("clean", "--out", "{here}/new"),
    ("clean", "{file}", "{file}", "--out", "{here}/new"),
    ("clean", "", "--out", "{here}/new"),
    ("clean", "\0", "--out", "{here}/new"),
    ("clean", "{here}/none.csv", "--out", "{here}/new"),
    ("clean", "\ud800", "--out", "{here}/new"),
    ("clean", "/dev/null", "--out", "{here}/new"),
    ("clean", "/dev/zero", "--out", "{here}/new"),
    ("clean", "{here}", "--out", "{here}/new"),
    ("clean", "{file}/x.csv", "--out", "{here}/new"),
    ("clean", "x" * 5000, "--out", "{here}/new"),
    ("queue",),
    ("queue", ""),
    ("queue", "\0"),
    ("queue", "{here}"),
    ("queue", "{file}"),
    ("queue", "{run}", "--n", "x"),
    ("ingest", "{run}"),
    ("ingest", "{run}", "{here}/none.csv"),
    ("ingest", "{run}", "{here}"),
    ("ingest", "{here}", "{file}"),
    ("predict", "{run}"),
    ("predict", "{here}", "{file}", "--out", "{here}/new.csv"),
    ("predict", "{run}", "{here}/none.csv", "--out", "{here}/new.csv"),
    ("predict", "{run}", "{data}", "--out", "{here}/new.txt"),
    ("predict", "{run}", "{data}", "--out", "{here}"),
    ("predict", "{run}", "{data}", "--out", ""),
    ("predict", "{run}", "{file}", "--out", "{file}"),
    ("export", "{here}"),
    ("export", "{file}"),
    ("export", "{run}", "--out", "{file}"),
    ("prepare",),
    ("prepare", "nope", "--from", "{here}", "--to", "{here}/new"),
    ("prepare", "animal10n", "--from", "{here}/none", "--to", "{here}/new"),
    ("prepare", "clothing1m", "--from", "{here}", "--to", "{here}/new"),
    ("prepare", "food101n", "--from", "{here}", "--to", "{here}/new"),
    ("prepare", "webvision", "--from", "{here}", "--to", "{here}/new"),
    ("prepare", "cnwl", "--from", "{here}", "--to", "{here}/new", "--rates", "7"),
    ("inspect",),
    ("inspect", "{here}"),
    ("--config",),
    ("--config={here}/none.py", "--workdir={here}/new"),
)
CASES: list[Case] = [
    *(given(" ".join(map(ascii, words))[:60] or "nothing", *words) for words in WHOLE),
    *(
        given(f"{command[0]} {option}={value[:30]!a}", *command, f"{option}={value}")
        for command, options in OPTIONS.items()
        for option, values in options.items()
        for value in values
    ),
]
