"""The phases of an incident as a picture: one bar, cut in proportion, and a line of words for each stretch."""

from collections.abc import Sequence
from html import escape

from domain.phases import Phase, Stretch, percents
from usecases.wording import length

WIDTH, _BAR, _ROW = 720, 40, 26
_COLOUR = {
    # Told apart by lightness too, and named in words: nobody has to see the colours.
    Phase.DETECT: "#5b2a86",
    Phase.ACKNOWLEDGE: "#1f5fa8",
    Phase.ASSEMBLE: "#2f8f83",
    Phase.DIAGNOSE: "#c77d0a",
    Phase.FIX: "#b3261e",
}


def picture(name: str, stretches: Sequence[Stretch]) -> str:
    """Draw it as SVG that stands alone; a reader that hears it is told the same in words."""
    shares = percents(stretches)
    words = [
        f"{stretch.phase.capitalize()}: {length(stretch.length)} ({share} %)"
        for stretch, share in zip(stretches, shares, strict=True)
    ]
    height = _BAR + 16 + _ROW * len(stretches)
    total = sum((stretch.length.total_seconds() for stretch in stretches), 0.0) or 1.0
    bars: list[str] = []
    begins = 0.0
    for stretch in stretches:
        wide = stretch.length.total_seconds() / total * WIDTH
        bars.append(
            f'<rect x="{begins:.1f}" y="0" width="{wide:.1f}" height="{_BAR}" fill="{_COLOUR[stretch.phase]}"/>'
        )
        begins += wide
    rows = [
        f'<rect x="0" y="{_BAR + 12 + _ROW * n}" width="14" height="14" fill="{_COLOUR[stretch.phase]}"/>'
        f'<text x="22" y="{_BAR + 24 + _ROW * n}">{escape(line)}</text>'
        for n, (stretch, line) in enumerate(zip(stretches, words, strict=True))
    ]
    said = escape(f"Where the time went in {name}. {'; '.join(words)}.")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{said}" '
        f'font-family="system-ui,sans-serif" font-size="15" fill="currentColor"><title>{said}</title>'
        f"{''.join(bars)}{''.join(rows)}</svg>"
    )
