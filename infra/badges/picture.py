"""The picture of a badge, drawn by us: the same bytes for the same words, with the credential baked in as Open Badges 3.0 says.

A picture that says its standing is as old as its download; the credential in it is what is checked.
"""

import struct
import textwrap
import zlib
from typing import Final
from xml.sax.saxutils import escape

import typst

KEYWORD: Final = b"openbadgecredential"
"""Of the chunk `iTXt` of a PNG that holds the credential."""
SPACE: Final = "https://purl.imsglobal.org/ob/v3p0"
"""The namespace of the element that holds it in an SVG."""
SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
HEADER: Final = len(SIGNATURE) + 25
"""Where the first chunk behind the header begins."""
SIZE: Final = 400
WIDE: Final = 26
LINES: Final = 4
COLOURS: Final = {
    "valid": "#14532d",
    "to-begin": "#1e3a5f",
    "suspended": "#92400e",
    "revoked": "#7f1d1d",
    "ended": "#4b5563",
}
"""Of the ring, by standing; each on white is read by who sees little (contrast of 7 to 1 or more)."""


def drawn(*, title: str, holder: str, award: str, until: str, standing: str) -> str:
    """The picture as SVG, without a credential; `award` says the scheme and the level, `until` the last day."""
    lines = textwrap.wrap(title, WIDE)
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], f"{lines[LINES - 1][: WIDE - 1]}…"]
    said = f"{award}: {title}, by {holder}; {until}" + ("" if standing == "valid" else f"; {standing}")
    rows = [_row(92, 15, holder, bold=False), _row(118, 15, award, bold=False)]
    rows += [_row(160 + 30 * place, 22, line, bold=True) for place, line in enumerate(lines)]
    rows += [_row(300, 15, until, bold=False)]
    if standing != "valid":
        rows.append(_row(332, 22, standing.replace("-", " ").upper(), bold=True))
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE}" height="{SIZE}" viewBox="0 0 {SIZE} {SIZE}" role="img">',
        f"<title>{escape(said)}</title>",
        f'<circle cx="200" cy="200" r="190" fill="#ffffff" stroke="{COLOURS[standing]}" stroke-width="14"/>',
        f'<circle cx="200" cy="200" r="174" fill="none" stroke="{COLOURS[standing]}" stroke-width="2"/>',
        *rows,
        "</svg>\n",
    ])  # fmt: skip


def as_png(svg: str) -> bytes:
    """The picture as PNG, of 800 by 800 points, without a credential."""
    compiler = typst.Compiler(
        b"#set page(width: 400pt, height: 400pt, margin: 0pt, fill: none)\n"
        b'#image(bytes(sys.inputs.svg), format: "svg", width: 100%)',
        ignore_system_fonts=True,
        sys_inputs={"svg": svg},
    )
    made = compiler.compile(format="png", ppi=144)
    assert isinstance(made, bytes)  # noqa: S101 - one page
    return made


def baked_png(png: bytes, credential: str) -> bytes:
    """The PNG with the credential as international text behind its header."""
    content = KEYWORD + b"\0" + b"\0\0" + b"\0" + b"\0" + credential.encode()
    check = struct.pack(">I", zlib.crc32(b"iTXt" + content))
    return png[:HEADER] + struct.pack(">I", len(content)) + b"iTXt" + content + check + png[HEADER:]


def baked_svg(svg: str, credential: str) -> bytes:
    """The SVG with the credential as the first element within."""
    before, _, after = svg.partition(">\n")
    head = before.replace("<svg ", f'<svg xmlns:openbadges="{SPACE}" ', 1)
    inside = credential.strip().replace("]]>", "]]]]><![CDATA[>")
    return f"{head}>\n<openbadges:credential><![CDATA[{inside}]]></openbadges:credential>\n{after}".encode()


def _row(height: int, size: int, text: str, *, bold: bool) -> str:
    weight = ' font-weight="bold"' if bold else ""
    longest = WIDE + 14 if size < 20 else WIDE + 4
    shown = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return (
        f'<text x="200" y="{height}" text-anchor="middle" font-family="Libertinus Serif, serif" font-size="{size}"'
        f'{weight} fill="#111827">{escape(shown)}</text>'
    )
