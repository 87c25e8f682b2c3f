"""Tables of methods: published figures beside ours."""

from docs.generate.marks import table
from docs.generate.published import FIGURES
from docs.generate.results import by_column, by_noise, cells, find, shown, titled

NOISES = (
    *(("uniform", rate, f"{rate:.0%} uniform") for rate in (0.2, 0.4, 0.6, 0.8)),
    *(("flip", rate, f"{rate:.0%} flips") for rate in (0.2, 0.4)),
    *(("asymmetric", rate, f"{rate:.0%} asymmetric") for rate in (0.4, 0.8)),
    ("instance", 0.4, "40% by instance"),
    ("open_set", 0.4, "40% foreign images"),
)
OURS = (("uniform", 0.4, "40% uniform"), ("uniform", 0.8, "80% uniform"), ("flip", 0.4, "40% flips"))
RULED = {
    "youtube": "YouTube, spam",
    "sms": "SMS, spam",
    "semeval": "relations",
    "hausa_news": "Hausa, news",
    "yoruba_news": "Yoruba, news",
}
ABOUT = {
    "supervised": "nothing about labels: the baseline",
    "l2r": "a weight per row, anew in every batch",
    "mw_net": "a network from loss to weight",
    "mlc_lcn": "a network that corrects labels",
    "mlc_t": "a transition matrix",
    "ieg": "weights and guessed labels, with mixup and consistency",
    "famus": "weights **without clean rows**: two networks divide the rows for each other",
    "l2b": "a weight for the label of a row and one for the network's own",
    "cmw_net": "a network from loss to weight for each family of classes",
    "emlc": "a second network that corrects labels",
    "glc": "a transition matrix, from what a first network says of trusted rows",
    "forward": "the same from its surest rows, or the true one",
    "distillation": "soft labels of a network that knows the trusted rows alone",
    "mixmatch": "labels of all but the trusted rows",
    "dividemix": "which labels to trust, by two networks, with mixup",
    "elr_plus": "what two networks said early",
    "co_teaching": "rows that two networks choose for each other",
    "jocor": "rows that two networks choose together",
    "decoupling": "rows that two networks disagree on",
    "m_correction": "how far a label may be believed, by its loss",
    "joint_optimization": "labels, from what the network said lately",
    "mentornet": "nothing: weights by a predefined curriculum",
    "mentormix": "the same, with mixup",
    "mixup": "nothing: means of two rows",
    "random_weights": "nothing: weights by chance",
    "hard_mining": "nothing: the rows of highest loss, as many as the rarest class has",
    "ldam_drw": "nothing: margins, and class weights that come in late",
}
METHODS = (*ABOUT, "clean rows alone", "noisy and clean rows")
BASELINES = tuple(ABOUT)[tuple(ABOUT).index("l2b") : -1]  # which the README names without a line each


def readme() -> str:
    """Returns the table of methods: what each learns, a published figure, and ours on digits; and the baselines."""
    found, rows, noise = cells("digits_methods"), [], ("uniform", 0.4)
    for method, about in ABOUT.items():
        if method in BASELINES:
            continue
        figure = next((one for one in FIGURES if one.method == method), None)
        published = f"{figure.setting}: {figure.value} ({figure.where})" if figure else ""
        rows.append((f"`{method}`", about, published, shown(find(found, method, noise)) or "not run"))
    head = ("method", "what it learns", "published", "ours: digits, 40% uniform, 100 clean")
    run = {name: find(found, name, noise) for name in (*BASELINES, "clean rows alone")}
    others = [f"{titled(name)} {shown(cell)}" for name, cell in run.items() if cell]
    return f"{table(head, rows, 3)}\n\nThe same for what they are compared with: {', '.join(others)}."


def methods_on(experiment: str) -> str:
    """Returns all methods under every kind and rate of noise that the experiment has."""
    return by_noise(experiment, NOISES, METHODS)


def methods_on_texts() -> str:
    """Returns all methods on texts with human errors and with uniform noise."""
    noises = (("none", 0.0, "human errors"), ("uniform", 0.4, "40% uniform"), ("uniform", 0.8, "80% uniform"))
    return by_noise("noisy_ag_news", noises, METHODS)


def methods_on_weak_labels() -> str:
    """Returns all methods on texts that rules labelled."""
    found = cells("weak_labels")
    return by_column({title: [cell for cell in found if cell.data == name] for name, title in RULED.items()}, METHODS)


def methods_on_cifar10n() -> str:
    """Returns the methods on images that people labelled, by which of their labels are taken."""
    found = cells("cifar10n_10k")
    titles = {"aggre": "majority of three, 9%", "random1": "one person, 17%", "worst": "a wrong one, 40%"}
    columns = {
        title: [cell for cell in found if cell.overrides["data"]["labels"] == one] for one, title in titles.items()
    }
    return by_column(columns, METHODS)


def published(method: str) -> str:
    """Returns what papers print of a method, and what would run it here."""
    rows = [
        (one.setting, one.where, one.value, f"`{one.config}`" if one.config else "none", "not run")
        for one in FIGURES
        if one.method in (method, f"{method} + famus")
    ]
    return table(("setting", "source", "published", "config", "ours"), rows)


def ours(method: str) -> str:
    """Returns our figures of a method on smaller data, beside plain training."""
    rows = []
    for experiment, title, clean in (
        ("digits_methods", "digits", "100"),
        ("fashion_mnist_10k", "Fashion-MNIST, 10,000", "200"),
    ):
        found = cells(experiment)
        for kind, rate, words in OURS:
            plain, mine = find(found, "supervised", (kind, rate)), find(found, method, (kind, rate))
            if mine:
                used = "none" if mine.is_pseudo else clean
                rows.append(
                    (f"{title}, {words}", used, shown(plain), shown(mine), shown(mine, "best"), str(len(mine.runs)))
                )
    head = ("setting", "clean rows", "plain training", f"`{method}`, last", "best", "seeds")
    return table(head, rows, 2)
