"""The residence card (TD1): both sides."""
from ornament import *

W, H = 85.6, 53.98
ZONE = H - 23.2
DARK, LINE, SECOND, GOLD = "#2f2f66", "#4b4fa0", "#2f8590", "#a9743c"
LEFT, RIGHT = 32.0, 81.6


def label(x1, x2, y, english, arabic_words):
    return caption(x1, y, english, 1.2, DARK, opacity=0.85) + (
        caption(x2, y, arabic_words, 1.5, DARK, "end", opacity=0.85) if arabic_words else "")


def specimen(x, y, size, turn):
    return (f'    <g transform="rotate({turn} {x} {y})" fill="#a8423a" fill-opacity="0.10" font-weight="bold">\n'
            f'      <text x="{x}" y="{y}" font-family="Noto Sans" font-size="{size}" letter-spacing="0.6" text-anchor="middle">SPECIMEN</text>\n'
            f'      <text x="{x}" y="{y + size * 1.1}" font-family="Noto Naskh Arabic" font-size="{size}" text-anchor="middle">نموذج</text>\n'
            f'    </g>\n')


def ground(shift):
    return (f'    <rect x="-1" y="-1" width="87.6" height="56" fill="url(#ground)"/>\n'
            + group(waves(W, H, 34, 1.9, 43, shift, 92), LINE, 0.07, 0.24)
            + group(waves(W, H, 30, 2.4, 58, shift + 1.7, 67), SECOND, 0.07, 0.22))


def front():
    stock = ground(0.6)
    stock += group(rosette(58, 32, 16.5, 1.0, (8, 15, 24), 7), LINE, 0.07, 0.20)
    stock += specimen(56, 33, 7.0, -24)
    # heading: a dark band with its own fine lines
    stock += '    <rect x="-1" y="-1" width="87.6" height="11.4" fill="url(#band)"/>\n'
    stock += group(ribbon(-1, 86.6, 5.2, 3.9, 10.5, 9), "#ffffff", 0.06, 0.16)
    stock += f'    <rect x="-1" y="10.4" width="87.6" height="0.28" fill="{GOLD}"/>\n'
    stock += caption(RIGHT, 4.75, "جمهورية يوتوبيا", 2.9, "#ffffff", "end", bold=True)
    stock += caption(RIGHT, 8.5, "بطاقة الإقامة", 2.4, "#dfe2f6", "end")
    stock += caption(4, 4.75, "کۆماری یۆتۆپیا", 2.9, "#ffffff", "start", bold=True)
    stock += caption(4, 8.5, "کارتی نیشتەجێبوون", 2.4, "#dfe2f6", "start")
    stock += emblem(42.8, 5.25, 4.2, DARK, GOLD, "#efe2b8")
    stock += caption(42.8, 13.0, "REPUBLIC OF UTOPIA  ·  RESIDENCE CARD", 1.3, LINE, "middle", spacing=0.15)
    stock += f'    <rect x="3.75" y="14.95" width="25" height="32.1" rx="0.4" fill="#ffffff" stroke="{GOLD}" stroke-width="0.14"/>\n'
    y = [16.4, 22.5, 33.4, 41.4, 47.5]
    for top in y[1:]:
        stock += rule(LEFT, RIGHT if top < 40 else 72.2, round(top - 1.85, 2), LINE, 0.07, 0.45)
    stock += label(LEFT, RIGHT, y[0], "National No.", "الرقم الوطني / ژمارەی نیشتمانی")
    stock += label(LEFT, RIGHT, y[1], "Full name", "الاسم الكامل / ناوی تەواو")
    stock += caption(LEFT, 34.2, "Surname", 1.2, DARK, opacity=0.85)
    stock += caption(LEFT, 37.8, "Given names", 1.2, DARK, opacity=0.85)
    stock += label(LEFT, 52, y[4], "Sex", "الجنس / ڕەگەز")
    stock += label(55.5, 72.2, y[4], "Nationality", "الجنسية")
    stock += label(LEFT, 72.2, y[3] + 0, "Place of birth", "محل الولادة / شوێنی لەدایکبوون")
    stock += label(4, 28.5, 48.9, "Card No.", "رقم البطاقة / ژمارەی کارت")
    p = field("portrait", "portrait", 4, 15.2, 24.5, 31.6, "color")
    p += field("ghost", "ghost", 74.2, 41.0, 7.4, 9.55, "color")
    p += latin("national_number", LEFT, y[0] + 3.3, 24, 8.5, 6.5, True)
    p += latin("national_number.arabic", 58, y[0] + 3.3, RIGHT - 58, 8.5, 6.5, False, "right", digits="arabic-indic").replace(LATIN, ARABIC)
    p += arabic("names.arabic.full", LEFT, y[1] + 3.5, RIGHT - LEFT, 10, 6, True, height=4.2)
    p += arabic("names.sorani.full", LEFT, y[1] + 7.35, RIGHT - LEFT, 8, 5.5, height=3.6)
    p += latin("names.latin.primary", 42, 34.2, RIGHT - 42, 7.5, 4.5, True, height=3.0)
    p += latin("names.latin.secondary", 42, 37.8, RIGHT - 42, 7.5, 4.3, height=3.0)
    p += latin("place_of_birth.latin", LEFT, y[3] + 3.1, 18, 7, 5, height=3.0)
    p += arabic("place_of_birth.arabic", 51, y[3] + 3.1, 21.2, 8, 5.5, True, height=3.6)
    p += latin("sex.letter", LEFT, y[4] + 3.1, 5, 7, 6, height=3.0)
    p += arabic("sex.sorani", 37.5, y[4] + 3.1, 6, 7.5, 6, height=3.6)
    p += arabic("sex.arabic", 44, y[4] + 3.1, 8, 8, 6, True, height=3.6)
    p += latin("nationality", 55.5, y[4] + 3.1, 16.7, 7, 6, height=3.0)
    p += latin("document_number", 4, 52.0, 24.5, 8, 6, True, height=2.8)
    return drawing(W, H, defs(), stock, p, uv())


def defs():
    return (gradient("ground", [(0, "#e6e6f5"), (0.5, "#f5f4f3"), (1, "#e3f0ef")])
            + gradient("band", [(0, "#34346f"), (0.5, "#2f5f86"), (1, "#2f6f7c")], 1, 0))


def uv():
    lines = rosette(42.8, 27, 22, 1.3, (9, 16, 24), 7)
    return ('  <g id="uv" data-optional="yes">\n'
            + group(lines, "#000000", 0.14, 0.8).replace("    <g", "    <g", 1)
            + '    <text x="42.8" y="29.5" font-family="Noto Sans" font-weight="bold" font-size="7" fill="#000000" '
              'text-anchor="middle" letter-spacing="1">UTO</text>\n  </g>\n')


def back():
    stock = ground(2.3)
    stock += group(rosette(52, 16, 12.5, 1.3, (8, 15, 24), 7), GOLD, 0.07, 0.24)
    stock += specimen(52, 16, 5.4, -16)
    stock += f'    <rect x="-1" y="{ZONE:g}" width="87.6" height="24.2" fill="#ffffff" fill-opacity="0.82"/>\n'
    stock += rule(-1, 86.6, f"{ZONE:g}", GOLD, 0.14, 0.8)
    stock += microtext(4, RIGHT, ZONE + 0.85, "REPUBLICOFUTOPIA", 0.45, GOLD)
    stock += caption(4, 4.4, "REPUBLIC OF UTOPIA", 1.3, LINE, spacing=0.16)
    stock += caption(RIGHT, 4.4, "جمهورية يوتوبيا", 1.8, LINE, "end")
    stock += caption(42.8, 4.4, "کۆماری یۆتۆپیا", 1.8, LINE, "middle")
    stock += rule(4, RIGHT, 5.5, GOLD, 0.1, 0.6)
    stock += '    <rect x="4" y="6.9" width="22.4" height="22.4" rx="0.4" fill="#ffffff" fill-opacity="0.92"/>\n'
    x = 29.0
    y = [8.3, 13.75, 19.2]
    for top in y[1:]:
        stock += rule(x, RIGHT, round(top - 1.65, 2), LINE, 0.06, 0.4)
    stock += label(x, 54, y[0], "Date of birth", "تاريخ الولادة / لەدایکبوون")
    stock += label(57, RIGHT, y[0], "Authority", "جهة الإصدار / لایەن")
    stock += label(x, 54, y[1], "Date of issue", "تاريخ الإصدار / دەرچوون")
    stock += label(57, RIGHT, y[1], "Date of expiry", "تاريخ النفاذ / بەسەرچوون")
    stock += label(x, RIGHT, y[2], "Family No.", "الرقم العائلي / ژمارەی خێزانی")
    stock += caption(RIGHT, y[0] + 2.75, "مديرية شؤون الإقامة", 2.1, DARK, "end", bold=True)
    stock += f'    <rect x="{x}" y="23.7" width="{RIGHT - x:g}" height="5.6" rx="0.4" fill="#ffffff" fill-opacity="0.92"/>\n'
    p = field("vds", "vds", 4, 6.9, 22.4, 22.4, feature="FB06")
    p += latin("date_of_birth", x, y[0] + 2.8, 25, 7, 5.5, True, height=3.0)
    p += latin("date_of_issue", x, y[1] + 2.8, 25, 7, 5.5, True, height=3.0)
    p += latin("date_of_expiry", 57, y[1] + 2.8, RIGHT - 57, 7, 5.5, True, height=3.0)
    p += latin("family_number", x, y[2] + 2.8, 30, 7, 5, True, height=3.0)
    p += field("code39", "code39", x, 24.1, round(RIGHT - x, 2), 4.8, value="document_number")
    p += field("mrz", "mrz", 4.7, 32.855, 76.2, 19.05, font="OCR B")
    return drawing(W, H, defs(), stock, p)


def files():
    return {"iq-residence-card/artwork/front.svg": front(), "iq-residence-card/artwork/back.svg": back()}
