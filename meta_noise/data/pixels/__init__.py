"""Operations on uint8 images [..., height, width, channels] that give the bytes that Pillow gives.

AutoAugment, RandAugment and the methods that build on them were published with Pillow's operations, whose rounding
rules are part of the result. Every operation takes one image or a batch, with one amount or one amount per image, and
runs inside jit. Images have 3 channels (red, green, blue) or 1 (grey, Pillow's mode "L").
"""
