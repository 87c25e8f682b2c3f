"""Data sets: `name(path, part, ...) -> Source`, found by its name."""

FILES = {  # names in a file of another name
    "fashion_mnist": "mnist",
    **dict.fromkeys(("cifar10", "cifar100", "cifar10n", "cifar100n"), "cifar"),
    **dict.fromkeys(("ag_news", "amazon5", "yahoo", "yelp5"), "zhang"),
    **dict.fromkeys(("ag_news_7600", "noisy_ag_news"), "small_ag_news"),
    **dict.fromkeys(("sst2", "twitter_pos"), "glc_texts"),
}
