"""What a figure shows: its texts, and whether they can be read."""

from matplotlib.text import Text


def visible(figure):
    """Returns the texts of a figure that are drawn, as artists."""
    figure.draw_without_rendering()
    found = {id(text): text for text in figure.findobj(Text) if text.get_text() and text.get_visible()}
    for axis in [axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)]:
        drawn = axis._update_ticks()
        for tick in axis.get_major_ticks() + axis.get_minor_ticks():
            if tick not in drawn:
                found.pop(id(tick.label1), None)
    return list(found.values())


def texts(figure):
    """Returns every text in a figure that is not empty."""
    return [text.get_text() for text in visible(figure)]


def overlaps(figure):
    """Returns pairs of texts whose boxes overlap, and texts outside the figure."""
    renderer = figure._get_renderer()
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in visible(figure)]
    page = figure.bbox
    bad = [name for name, box in boxes if box.x0 < -1 or box.y0 < -1 or box.x1 > page.x1 + 1 or box.y1 > page.y1 + 1]
    for i, (one, a) in enumerate(boxes):
        bad += [(one, two) for two, b in boxes[i + 1 :] if a.shrunk(0.96, 0.8).overlaps(b.shrunk(0.96, 0.8))]
    return bad
