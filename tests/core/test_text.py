"""What each construct becomes, and what is stored."""

import pytest

from chatter.core.text import LONGEST_MARKUP, Rendered, clean_text, mention_candidates, render

LINK = 'rel="noopener noreferrer nofollow ugc" target="_blank"'
SPOILER = '<span class="spoiler" role="button" tabindex="0">'
MENTION = '<a class="mention" data-username="bob" href="/people/bob/">@bob</a>'
PEOPLE = {"bob": "1", "alice": "2", "anna-lena": "3"}


def shown(source: str) -> str:
    return render(source, mentions=PEOPLE).html


def line(source: str) -> str:
    """The html inside the only paragraph."""
    html = shown(source)
    assert html.startswith('<p dir="auto">')
    assert html.endswith("</p>")
    assert html.count("<p") == 1
    return html.removeprefix('<p dir="auto">').removesuffix("</p>")


def anchor(href: str, text: str | None = None) -> str:
    return f'<a href="{href}" {LINK}>{text or href}</a>'


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("hello", "hello"),
        ("a < b > c & d", "a &lt; b &gt; c &amp; d"),
        ("first\nsecond", "first<br>\nsecond"),
        ("  first  \n   second", "first<br>\nsecond"),
        ("**bold**", "<strong>bold</strong>"),
        ("__bold__", "<strong>bold</strong>"),
        ("*slanted* _too_", "<em>slanted</em> <em>too</em>"),
        ("~~gone~~", "<s>gone</s>"),
        ("`x < *y*`", "<code>x &lt; *y*</code>"),
        ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
        (r"\*not slanted\*", "*not slanted*"),
        ("&lt; &amp; &#60;", "&amp;lt; &amp;amp; &amp;#60;"),
        ("5 ~ 6, a | b, x || y", "5 ~ 6, a | b, x || y"),
        ("```one line```", "<code>one line</code>"),
        ("    indented", "indented"),
        ("a\n===", "a<br>\n==="),
        ("[x]: https://example.org", f"[x]: {anchor('https://example.org')}"),
    ],
)
def test_words_and_marks(source: str, html: str) -> None:
    assert line(source) == html


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("one\n\ntwo", '<p dir="auto">one</p>\n<p dir="auto">two</p>'),
        (
            "> quote\nanswer",
            '<blockquote dir="auto">\n<p dir="auto">quote</p>\n</blockquote>\n<p dir="auto">answer</p>',
        ),
        (
            "- a\n- b\n",
            '<ul dir="auto">\n<li dir="auto">a</li>\n<li dir="auto">b</li>\n</ul>',
        ),
        ("7. a\n8. b", '<ol start="7" dir="auto">\n<li dir="auto">a</li>\n<li dir="auto">b</li>\n</ol>'),
        ("# Title", '<p class="heading heading--1" dir="auto">Title</p>'),
        ("###### Small", '<p class="heading heading--3" dir="auto">Small</p>'),
        ("a\n\n---\nb", '<p dir="auto">a</p>\n<hr>\n<p dir="auto">b</p>'),
        ("```\n<b>\n```", '<pre dir="ltr" tabindex="0"><code>&lt;b&gt;\n</code></pre>'),
        ("```\na\nb```\nafter", '<pre dir="ltr" tabindex="0"><code>a\nb\n</code></pre>\n<p dir="auto">after</p>'),
        ("```not a language\nb\n```", '<pre dir="ltr" tabindex="0"><code>not a language\nb\n</code></pre>'),
        (
            "> ```\n> > a\n> ```",
            '<blockquote dir="auto">\n<pre dir="ltr" tabindex="0"><code>&gt; a\n</code></pre>\n</blockquote>',
        ),
        ("```\n> a\nb\n```", '<pre dir="ltr" tabindex="0"><code>&gt; a\nb\n</code></pre>'),
        ("````\n```\n````", '<pre dir="ltr" tabindex="0"><code>```\n</code></pre>'),
    ],
)
def test_blocks(source: str, html: str) -> None:
    assert shown(source) == html


def test_code_of_a_known_language_is_coloured_by_classes() -> None:
    assert shown("```Python\nreturn 'a'  # <\n```") == (
        '<pre dir="ltr" tabindex="0"><code class="language-python"><span class="hl-keyword">return</span> '
        '<span class="hl-string">\'a\'</span>  <span class="hl-comment"># &lt;</span>\n</code></pre>'
    )


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("see https://example.org/a_b_c?x=1&y=2.", f"see {anchor('https://example.org/a_b_c?x=1&amp;y=2')}."),
        ("(https://example.org/a_(b))", f"({anchor('https://example.org/a_(b)')})"),
        ("**https://example.org/**", f"<strong>{anchor('https://example.org/')}</strong>"),
        ('"https://example.org"', f'"{anchor("https://example.org")}"'),
        ("https://example.org/@bob", anchor("https://example.org/@bob")),
        (
            "https://example.org:8000/:tada:",
            anchor("https://example.org:8000/:tada", "https://example.org:8000/:tada") + ":",
        ),
        ("Https://Example.org", anchor("Https://Example.org")),
        ("www.example.org, www.", f"{anchor('http://www.example.org', 'www.example.org')}, www."),
        ("https:// http:/x xhttps://example.org", "https:// http:/x xhttps://example.org"),
        ("<https://example.org>", anchor("https://example.org")),
        ("<bob@example.org>", anchor("mailto:bob@example.org", "bob@example.org")),
        ("[here](https://example.org)", anchor("https://example.org", "here")),
        ('[here](https://example.org "title")', anchor("https://example.org", "here")),
        ("[mail](mailto:bob@example.org)", anchor("mailto:bob@example.org", "mail")),
        ("[https://a.example](https://b.example)", anchor("https://b.example", "https://a.example")),
        ("[a <https://a.example> b](https://b.example)", anchor("https://b.example", "a https://a.example b")),
        ("[ü](https://exämple.org/ü)", anchor("https://xn--exmple-cua.org/%C3%BC", "ü")),
        ("![a *cat*](https://example.org/c.png)", anchor("https://example.org/c.png", "a *cat*")),
        ("![](https://example.org/c.png)", anchor("https://example.org/c.png")),
        ("[![cat](https://a.example)](https://b.example)", anchor("https://b.example", "cat")),
        ("[nowhere]()", "nowhere"),
        ("[here](/admin/)", "[here](/admin/)"),
        ("[here](javascript:alert(1))", "[here](javascript:alert(1))"),
        ("[here](ftp://example.org)", "[here](ftp://example.org)"),
    ],
)
def test_links_lead_to_the_web_or_to_mail(source: str, html: str) -> None:
    assert line(source) == html


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("||hidden||", f"{SPOILER}hidden</span>"),
        ("||**a** b||!", '<span class="spoiler" role="button" tabindex="0"><strong>a</strong> b</span>!'),
        (
            "a ||b|| c ||d||",
            f"a {SPOILER}b</span> c {SPOILER}d</span>",
        ),
        ("|||a|||", '|<span class="spoiler" role="button" tabindex="0">a|</span>'),
        ("||||a||||", '<span class="spoiler" role="button" tabindex="0">a</span>'),
        (
            "||@bob||",
            f'<span class="spoiler" tabindex="0">{MENTION}</span>',
        ),
        ("||https://example.org||", f'<span class="spoiler" tabindex="0">{anchor("https://example.org")}</span>'),
        ("||open", "||open"),
        ("`||code||`", "<code>||code||</code>"),
    ],
)
def test_spoilers_are_buttons_unless_they_hold_links(source: str, html: str) -> None:
    assert line(source) == html


@pytest.mark.parametrize(
    ("source", "mentioned"),
    [
        ("@bob", ("bob",)),
        ("@BOB and @bob", ("bob",)),
        ("@bob, @alice.", ("bob", "alice")),
        ('(@bob) "@alice" 你好@anna-lena', ("bob", "alice", "anna-lena")),
        ("**@bob** _@alice_ ||@anna-lena||", ("bob", "alice", "anna-lena")),
        ("@bob_ @alice--", ("bob", "alice")),
        ("> @bob", ("bob",)),
        ("@bob's @alice:", ("bob", "alice")),
        ("@mallory", ()),
        ("bob@example.org, me@bob, x.@bob", ()),
        ("@bob@example.org @bob.example.org @bob/repo", ()),
        ("@bobby @bob1 @@bob", ()),
        ("`@bob`", ()),
        ("```\n@bob\n```", ()),
        (r"\@bob", ()),
        ("[@bob](https://example.org)", ()),
        ("https://example.org/@bob", ()),
        ("@" + "b" * 51, ()),
    ],
)
def test_mentions(source: str, mentioned: tuple[str, ...]) -> None:
    rendered = render(source, mentions=PEOPLE)
    assert rendered.mentioned == mentioned
    assert rendered.html.count('class="mention"') == sum(source.lower().count(f"@{name}") for name in mentioned)


def test_a_mention_links_to_the_person_and_keeps_the_spelling() -> None:
    assert line("hi @Bob!") == 'hi <a class="mention" data-username="bob" href="/people/bob/">@Bob</a>!'


def test_candidates_hold_every_name_that_may_be_mentioned() -> None:
    assert mention_candidates("@Bob, @alice_ (@a-) me@x.org `@code` @bob") == [
        "bob",
        "alice_",
        "alice",
        "a-",
        "a",
        "code",
    ]
    assert mention_candidates("nobody") == []


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("so :tada: it :+1:s", "so 🎉 it 👍s"),
        (":heart::joy:", "❤️😂"),
        ("at 10:30:45, a:b:c, :no_such_name:", "at 10:30:45, a:b:c, :no_such_name:"),
        ("`:tada:` x", "<code>:tada:</code> x"),
        ("10:100:20", "10:100:20"),
    ],
)
def test_shortcodes_become_emoji(source: str, html: str) -> None:
    assert line(f"text {source}") == f"text {html}"


@pytest.mark.parametrize("source", ["🎉", "❤️ 👍🏽", ":tada:", "👨‍👩‍👧‍👦🇩🇪", "1️⃣", "🎉" * 12])
def test_a_few_emoji_alone_are_shown_big(source: str) -> None:
    assert shown(source).startswith('<p dir="auto" class="jumbo">')


@pytest.mark.parametrize("source", ["🎉 yes", "1", "**🎉**", "🎉" * 13, "漢字", "›", "`🎉`", "> 🎉"])
def test_other_texts_are_not(source: str) -> None:
    assert "jumbo" not in shown(source)


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("**a** _b_ ~~c~~ `d`", "a b c d"),
        ("> q\na\n\n- x\n- y\n\n```py\nz\n```", "q a x y z"),
        ("who? ||the **butler** @bob||!", "who? ▒▒▒!"),
        ("[here](https://example.org) ![pic](https://example.org/p)", "here pic"),
        ("@Bob :tada:", "@Bob 🎉"),
        ("a\nb\t c", "a b c"),
        ("a\u202eb\u2066c", "abc"),
        ("# T\nx", "T x"),
        ("x" * 300, "x" * 199 + "…"),
        ("**" + "x" * 300 + "**", "x" * 199 + "…"),
        ("x" * 200, "x" * 200),
    ],
)
def test_plain_is_one_line_of_words(source: str, plain: str) -> None:
    assert render(source, mentions=PEOPLE).plain == plain


@pytest.mark.parametrize("source", [">" * 40 + " a", "- " * 40 + "a", "**a " * 40 + "b** " * 40])
def test_what_nests_too_deeply_is_shown_as_typed(source: str) -> None:
    html = shown(source)
    assert html.count("<") == 2
    assert html.count("a") == source.count("a") + 1


def test_what_is_too_long_is_shown_as_typed() -> None:
    assert "<strong>" in shown("**a**" + "b" * (LONGEST_MARKUP - 5))
    assert "<strong>" not in shown("**a**" + "b" * (LONGEST_MARKUP - 4))


def test_what_would_grow_too_much_is_shown_as_typed() -> None:
    source = "<https://a>" * 1800
    assert "<a " in shown(source[: len(source) // 2])
    assert "<a " not in shown(source)


def test_a_fault_in_the_parser_loses_no_message(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_args: object) -> tuple[str, str]:
        raise RuntimeError("broken")

    monkeypatch.setattr("chatter.core.text.to_html", broken)
    assert render("**a\ud800**") == Rendered('<p dir="auto">**a?**</p>', (), "**a?**")
    assert "could not be rendered" in caplog.text


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("\n \n  a\n\nb\n \n", "  a\n\nb"),
        ("a ", "a"),
        ("", ""),
        (" \t\r\n\u00a0\u3000", ""),
        ("\u200b\u2060\ufeff\u3164\u2800\u200d", ""),
        ("\u202e", ""),
        ("\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469"),
        ("e\u0301\u0301", "e\u0301\u0301"),
        ("\x07bell\u2028line", "\x07bell\u2028line"),
    ],
)
def test_text_is_stored_as_typed_but_for_newlines_and_blank_lines(raw: str, stored: str) -> None:
    assert clean_text(raw) == stored


@pytest.mark.parametrize("raw", ["a\x00b", "\ud800", "a\udfff", "\udc00\ud800"])
def test_what_cannot_be_stored_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match="NUL or a lone surrogate"):
        clean_text(raw)


def test_a_table_keeps_its_columns() -> None:
    html = shown("| where | **benches** |\n| :---: | ---: |\n| lake \\| sea | 88 |\n\nafter")
    assert html == (
        '<div class="table" tabindex="0"><table>\n<thead>\n<tr>\n<th class="cell--center" dir="auto">where</th>\n'
        '<th class="cell--end" dir="auto"><strong>benches</strong></th>\n</tr>\n</thead>\n<tbody>\n<tr>\n'
        '<td class="cell--center" dir="auto">lake | sea</td>\n<td class="cell--end" dir="auto">88</td>\n</tr>\n'
        '</tbody>\n</table></div>\n<p dir="auto">after</p>'
    )


def test_a_table_that_is_none_stays_as_typed() -> None:
    assert line("a | b\nnothing | under it") == "a | b<br>\nnothing | under it"


def test_a_table_of_very_many_cells_stays_as_typed() -> None:
    rows = "|a|b|c\n|-|-|-\n" + "x\n" * 300
    assert shown(rows).startswith('<div class="table"')
    assert shown(rows + "x\n" * 100).startswith('<p dir="auto">|a|b|c<br>')
