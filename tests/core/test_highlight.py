"""Code in colours: which classes, how readable, and never for long."""

import math
import re
import time
from pathlib import Path

import pytest
from django.conf import settings

from chatter.core.highlight import CLASSES, LANGUAGES, LONGEST_HIGHLIGHTED, highlight, known_language, patience

STYLES = Path(settings.BASE_DIR) / "static" / "css"
# What costs a lexer the most: each made one of Pygments' lexers quadratic.
BAIT = ["\n", "a\n", "(", "_a", "//", "'\"\\"]
# A hundred times what code takes that people paste; in CPU time of this thread.
BUDGET_SECONDS = 1.0
LIGHT_DARK = re.compile(r"--([\w-]+): light-dark\(oklch\(([\d. ]+)\), oklch\(([\d. ]+)\)\)")


@pytest.mark.parametrize(
    ("language", "code", "html"),
    [
        (
            "py",
            "pass # <",
            '<span class="hl-keyword">pass</span> <span class="hl-comment"># &lt;</span>',
        ),
        ("diff", "+a\n-b\n", '<span class="hl-inserted">+a</span>\n<span class="hl-deleted">-b</span>\n'),
        ("JSON", '{"a": 1}', '{<span class="hl-keyword">"a"</span>: <span class="hl-literal">1</span>}'),
        ("text", "<b>", "&lt;b&gt;"),
    ],
)
def test_tokens_get_classes(language: str, code: str, html: str) -> None:
    assert highlight(code, language, patience()) == html


def test_only_offered_languages_are_known() -> None:
    assert all(known_language(name) for name in LANGUAGES)
    assert known_language("Python") == "Python"
    assert known_language("c++")
    assert not known_language("brainfuck")
    assert not known_language('py" onclick="')
    assert not known_language("")


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_language_takes_long_on_any_code(language: str) -> None:
    for bait in BAIT:
        code = (bait * LONGEST_HIGHLIGHTED)[:LONGEST_HIGHLIGHTED]
        highlight("", language, patience())
        started = time.thread_time()
        html = highlight(code, language, patience())
        assert time.thread_time() - started < BUDGET_SECONDS, bait
        assert "<" not in re.sub(r'<span class="hl-[a-z]+">|</span>', "", html)


def test_code_that_takes_too_long_has_no_colours() -> None:
    assert highlight("return <b>", "python", deadline=0.0) == "return &lt;b&gt;"
    assert "hl-" in highlight("return 1", "python", patience())
    assert "hl-" not in highlight("return 1\n" * (LONGEST_HIGHLIGHTED // 9 + 1), "python", patience())


def test_every_class_has_a_colour() -> None:
    styled = set(re.findall(r"\.(hl-[a-z]+)", (STYLES / "highlight.css").read_text(encoding="utf-8")))
    assert styled == CLASSES


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_is_readable(theme: str) -> None:
    ground = colours("tokens.css", theme)["sunken"]
    inks = colours("highlight.css", theme)
    assert len(inks) == len(CLASSES)
    poor = {name: contrast(ink, ground) for name, ink in inks.items() if contrast(ink, ground) < 4.5}
    assert not poor


def colours(sheet: str, theme: str) -> dict[str, tuple[float, float, float]]:
    """The custom properties of a style sheet that are oklch colours, in one theme."""
    found = LIGHT_DARK.findall((STYLES / sheet).read_text(encoding="utf-8"))
    texts = {name: (light if theme == "light" else dark) for name, light, dark in found}
    return {name: tuple(map(float, text.split())) for name, text in texts.items()}  # type: ignore[misc]


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """WCAG 2's contrast ratio of two oklch colours."""
    lighter, darker = sorted((luminance(*one), luminance(*other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(lightness: float, chroma: float, hue: float) -> float:
    """Relative luminance (linear sRGB, clipped) of an oklch colour; the matrices are CSS Color 4's."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    red, green, blue = (min(max(part, 0.0), 1.0) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_contrast_is_reckoned_rightly() -> None:
    assert contrast((1, 0, 0), (0, 0, 0)) == pytest.approx(21, abs=0.01)
    assert contrast((0.627955, 0.257683, 29.2339), (1, 0, 0)) == pytest.approx(4.0, abs=0.01)
