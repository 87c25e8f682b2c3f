"""Rows as numbers for fast classifiers, without a network: one matrix a view, made from the inputs alone."""

from meta_noise.cleaning.views.views import Matrix, Views, make_views

__all__ = ["Matrix", "Views", "make_views"]
