"""Large sets of image files: prepared once into one place, decoded while a network trains."""
