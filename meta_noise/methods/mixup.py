"""Mixup: the network learns means of two rows, with the means of their labels.

H. Zhang, M. Cisse, Y. N. Dauphin, D. Lopez-Paz, "mixup: Beyond Empirical Risk Minimization", ICLR 2018,
https://arxiv.org/abs/1710.09412, section 2 and its code: one factor `m ~ Beta(alpha, alpha)` and one permutation a
batch,

    x = m x_a + (1 - m) x_b,   L = mean( m CE(y_a, z(x)) + (1 - m) CE(y_b, z(x)) )

Its experiments with wrong labels (table 2) use alpha from 1 to 32, the larger the more are wrong.
"""

from meta_noise.core.single import Objective
from meta_noise.objectives.mixed_up import mixed_up

DEFAULTS = dict(tokens=False)  # mixes inputs


def mixup(alpha: float = 1.0) -> Objective:
    """Returns the objective of mixup.

    Args:
        alpha: of the Beta distribution, above 0.

    Raises:
        ValueError: `alpha` is not positive.

    >>> from meta_noise.methods.mixup import mixup
    >>> made = mixup()
    >>> type(made).__name__
    'Objective'
    """
    return mixed_up(alpha)
