"""The markdown that Teams understands, and nothing more. Expectations are HTML as the card renderer gets it."""

from tests.browser.conftest import Opener

CASES = [
    ("plain", "<p>plain</p>"),
    ("**bold** and _italic_ and *italic*", "<p><strong>bold</strong> and <em>italic</em> and <em>italic</em></p>"),
    ("__bold__ **_both_**", "<p><strong>bold</strong> <strong><em>both</em></strong></p>"),
    ("snake_case_name 2 * 3 * 4 **", "<p>snake_case_name 2 * 3 * 4 **</p>"),
    (r"\*a\* \_b\_ \[c\](d) \\ \<e\>", r"<p>*a* _b_ [c](d) \ &lt;e&gt;</p>"),
    ("a\nb", "<p>a<br>b</p>"),
    ("a\n\nb", "<p>a</p><p>b</p>"),
    ("- one\r- two", "<ul><li>one</li><li>two</li></ul>"),
    ("1. one\n2. **two**\n\nthen", "<ol><li>one</li><li><strong>two</strong></li></ol><p>then</p>"),
    ("3) three", '<ol start="3"><li>three</li></ol>'),
    ("# no heading | no table `no code`", "<p># no heading | no table `no code`</p>"),
    ("&lt;b&gt; &amp;amp; &#8364; &nope;", "<p>&lt;b&gt; &amp;amp; € &amp;nope;</p>"),
    ("<b>x</b> <img src=x onerror=y>", "<p>&lt;b&gt;x&lt;/b&gt; &lt;img src=x onerror=y&gt;</p>"),
    ("<at>Ada & <b></at>", "<p>&lt;at&gt;Ada &amp; &lt;b&gt;&lt;/at&gt;</p>"),
    ("hi <at>Ada</at>", '<p>hi <span class="mention">Ada</span></p>'),
    ("[x](javascript:alert(1))", "<p><span>x</span></p>"),
    ("[x](data:text/html,y) [](https://)", "<p><span>x</span> <span></span></p>"),
    ('["><i>](https://a.example/"onclick="b)', None),
    ("**" * 2000, None),
    ("[" * 3000 + "](" * 3000, None),
    ("\u202eabc\x00", None),
    ("*a[b_c" * 8000, None),
]


async def rendered(page, text: str) -> str:
    load = "text => import('/local-teams/static/js/markdown.js').then(m => m.markdownToHtml(text))"
    return await page.evaluate(load, text)


async def test_the_table(open_page: Opener):
    page = await open_page("ada")
    for text, expected in CASES:
        html = await rendered(page, text)
        if expected is not None:
            assert html == expected, text


async def test_links_are_web_addresses_that_open_elsewhere(open_page: Opener):
    page = await open_page("ada")
    attributes = 'target="_blank" rel="noopener noreferrer"'
    run = f'<a href="https://wiki.example.org/a_b" {attributes}>run</a>'
    assert await rendered(page, "[run](https://wiki.example.org/a_b)") == f"<p>{run}</p>"
    bare = f'<a href="https://x.example/y?z=1" {attributes}>https://x.example/y?z=1</a>'
    assert await rendered(page, "see https://x.example/y?z=1.") == f"<p>see {bare}.</p>"
    assert 'href="http' not in await rendered(page, "xhttps://x.example")


async def test_whatever_comes_only_the_known_tags_leave(open_page: Opener):
    page = await open_page("ada")
    check = """text => import('/local-teams/static/js/markdown.js').then(m => {
        const holder = document.createElement('template');
        holder.innerHTML = m.markdownToHtml(text);
        const known = new Set(['P', 'BR', 'STRONG', 'EM', 'A', 'UL', 'OL', 'LI', 'SPAN']);
        return [...holder.content.querySelectorAll('*')].filter(e => !known.has(e.tagName)
            || [...e.attributes].some(a => !['href', 'target', 'rel', 'class', 'start'].includes(a.name))
            || (e.href && !/^https?:/.test(e.href))).length;
    })"""
    pieces = [
        "<script>",
        "**",
        "_",
        "[a](",
        "javascript:x",
        ")",
        '"onx="',
        "<at>",
        "</at>",
        "&lt;",
        "\\",
        "https://b.example/",
        "\n- ",
    ]
    texts = [text for text, _ in CASES]
    texts += ["".join(pieces[(i * k + k) % len(pieces)] for i in range(24)) for k in range(1, 60)]
    for text in texts:
        assert await page.evaluate(check, text) == 0, text
