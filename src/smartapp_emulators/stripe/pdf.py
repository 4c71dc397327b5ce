"""A one-page PDF of an invoice, written by hand: text in a built-in font needs no library."""

from typing import Any

from smartapp_emulators.stripe.periods import day, money

Json = dict[str, Any]

_LINES_SHOWN = 30
_TOP, _LEFT, _RIGHT, _STEP = 780, 56, 540, 18


def invoice_pdf(invoice: Json) -> bytes:
    """Return the invoice as PDF 1.4."""
    rows = [
        (20, f"Invoice {invoice['number']}", ""),
        (10, f"Issued by {invoice['account_name']} - a test document, no money was moved", ""),
        (11, f"Date {day(invoice['status_transitions']['finalized_at'])}", invoice["status"].upper()),
        (11, f"To {invoice['customer_name'] or invoice['customer_email'] or invoice['customer']}", ""),
        (11, "", ""),
    ]
    for line in invoice["lines"]["data"][:_LINES_SHOWN]:
        period = f"{day(line['period']['start'])} - {day(line['period']['end'])}"
        rows.append((10, f"{line['description']}, {period}", money(line["amount"], line["currency"])))
    label = "Amount paid" if invoice["status"] == "paid" else "Amount due"
    rows += [(11, "", ""), (12, label, money(invoice["amount_due"], invoice["currency"]))]
    return _document(_content(rows))


def _content(rows: list[tuple[int, str, str]]) -> bytes:
    parts, y = [], _TOP
    for size, left, right in rows:
        parts.append(f"BT /F1 {size} Tf {_LEFT} {y} Td ({_escaped(left)}) Tj ET")
        if right:
            x = _RIGHT - len(right) * size * 0.55  # near enough to the right edge for digits
            parts.append(f"BT /F1 {size} Tf {x:.0f} {y} Td ({_escaped(right)}) Tj ET")
        y -= max(_STEP, size + 8)
    return "\n".join(parts).encode("cp1252", "replace")


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _document(content: bytes) -> bytes:
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources <</Font <</F1 5 0 R>>>> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table) + trailer
