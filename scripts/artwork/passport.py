"""The data page of a passport (TD3, 125 by 88 mm), engraved by a laser: one page for each category, told apart by its tint."""
from ornament import *

W, H = 125, 88
ZONE = H - 23.2
LEFT, RIGHT = 42.5, 119.0
INNER = 98.0  # where the Arabic ends beside the second portrait

TINTS = {
    # dark, line, second line, accent, ground (three stops), name in Arabic, Sorani, English
    "iq-passport-regular": ("#123f4f", "#1d6f86", "#3f8f6d", "#a98638", ("#dcebf0", "#f3f6ee", "#f6eedb"),
                            "جواز سفر", "پاسپۆرت", "PASSPORT"),
    "iq-passport-diplomatic": ("#5a1a2c", "#96324a", "#b07a3c", "#a98638", ("#f3dfe2", "#faf3ec", "#f6ead6"),
                               "جواز سفر دبلوماسي", "پاسپۆرتی دیپلۆماسی", "DIPLOMATIC PASSPORT"),
    "iq-passport-service": ("#25345f", "#3c539a", "#5f7fb0", "#8d8f9e", ("#dfe4f3", "#f3f5f8", "#e9edf4"),
                            "جواز سفر خدمة", "پاسپۆرتی خزمەتگوزاری", "SERVICE PASSPORT"),
    "iq-passport-special": ("#2c4a26", "#4c7a35", "#8a8a2e", "#a98638", ("#e3eed9", "#f6f6e8", "#f4efd6"),
                            "جواز سفر خاص", "پاسپۆرتی تایبەت", "SPECIAL PASSPORT"),
}


def label(x1, x2, y, english, arabic_words, colour):
    """English begins the row, Arabic and Sorani end it."""
    text = caption(x1, y, english, 1.32, colour)
    return text + (caption(x2, y, arabic_words, 1.5, colour, "end") if arabic_words else "")


def page(product):
    dark, line, second, gold, ground, arabic_name, sorani_name, english_name = TINTS[product]
    ink, soft = dark, dark
    stock = f'    <rect x="-2" y="-2" width="{W + 4}" height="{H + 4}" fill="url(#ground)"/>\n'
    stock += group(waves(W, H, 46, 2.4, 47, 0.0, 118), line, 0.07, 0.28)
    stock += group(waves(W, H, 40, 3.0, 71, 1.9, 83), second, 0.07, 0.26)
    stock += group(rosette(82, 36, 25, 1.0, (9, 16, 24), 7), line, 0.07, 0.26)
    stock += group(rosette(22, 36, 12, 1.0, (7, 12, 18), 6), gold, 0.06, 0.2)
    # the star of the emblem, large and pale, behind the data
    stock += f'    <path d="{star(82, 36, 9.2)}" fill="{gold}" fill-opacity="0.06"/>\n'
    stock += (f'    <g transform="rotate(-20 80 40)" fill="#a8423a" fill-opacity="0.10" font-weight="bold">\n'
              f'      <text x="80" y="38" font-family="Noto Sans" font-size="10" letter-spacing="1" text-anchor="middle">SPECIMEN</text>\n'
              f'      <text x="80" y="49" font-family="Noto Naskh Arabic" font-size="10" text-anchor="middle">نموذج</text>\n'
              f'    </g>\n')
    # zone of the machine
    stock += f'    <rect x="-2" y="{ZONE:g}" width="{W + 4}" height="26" fill="#ffffff" fill-opacity="0.78"/>\n'
    stock += rule(-2, W + 2, f"{ZONE:g}", gold, 0.14, 0.8)
    stock += microtext(6, RIGHT, ZONE + 0.95, "REPUBLICOFUTOPIA", 0.5, gold)
    # heading
    stock += emblem(62.5, 6.3, 4.4, dark, gold, "#efe2b8")
    stock += group(braid(62.5, 6.3, 5.05, 0.5, 24, 6), gold, 0.06, 0.4)
    stock += caption(RIGHT, 5.5, "جمهورية يوتوبيا", 3.5, dark, "end", bold=True)
    stock += caption(RIGHT, 9.9, arabic_name, 2.7, line, "end")
    stock += caption(6, 5.5, "کۆماری یۆتۆپیا", 3.5, dark, "start", bold=True)
    stock += caption(6, 9.9, sorani_name, 2.7, line, "start")
    stock += rule(6, 36.4, 12.75, gold, 0.12, 0.8) + rule(88.6, RIGHT, 12.75, gold, 0.12, 0.8)
    stock += caption(62.5, 13.25, f"REPUBLIC OF UTOPIA  ·  {english_name}", 1.5, line, "middle", spacing=0.14)
    # portraits
    stock += (f'    <rect x="5.75" y="15.35" width="32.5" height="41.65" rx="0.4" fill="#ffffff" fill-opacity="0.75" '
              f'stroke="{gold}" stroke-width="0.14"/>\n')
    y = [17.3, 24.2, 31.1, 38.0, 44.9, 51.8, 58.7]
    # two faint lines keep the rows apart
    for top in y[1:]:
        stock += rule(LEFT, RIGHT if top < 44 else INNER, round(top - 2.05, 2), line, 0.06, 0.35)
    stock += label(LEFT, 54, y[0], "Type", "النوع / جۆر", soft)
    stock += label(58, 80, y[0], "Issuing State", "الدولة / وڵات", soft)
    stock += label(84, RIGHT, y[0], "Passport No.", "رقم الجواز / ژمارەی پاسپۆرت", soft)
    stock += label(LEFT, RIGHT, y[1], "Surname", "اللقب / نازناو", soft)
    stock += label(LEFT, RIGHT, y[2], "Given names", "الاسم والأب والجد / ناو و باوک و باپیر", soft)
    stock += label(LEFT, 69, y[3], "Nationality", "الجنسية / ڕەگەزنامە", soft)
    stock += label(72, RIGHT, y[3], "Place of birth", "محل الولادة / شوێنی لەدایکبوون", soft)
    stock += label(LEFT, 69, y[4], "Date of birth", "تاريخ الولادة / لەدایکبوون", soft)
    stock += label(72, INNER, y[4], "Sex", "الجنس / ڕەگەز", soft)
    stock += label(LEFT, 69, y[5], "Date of issue", "تاريخ الإصدار / دەرچوون", soft)
    stock += label(72, INNER, y[5], "Date of expiry", "تاريخ النفاذ / بەسەرچوون", soft)
    stock += label(LEFT, 69, y[6], "Authority", "جهة الإصدار / لایەن", soft)
    stock += label(72, INNER, y[6], "National No.", "الرقم الوطني / ژمارە", soft)
    stock += caption(LEFT, y[6] + 3.4, "MOI UTOPIA", 1.9, dark, bold=True)
    stock += caption(69, y[6] + 3.4, "وزارة الداخلية", 2.3, dark, "end", bold=True)
    stock += label(6, 38, 59.2, "Signature", "التوقيع / واژوو", soft)
    stock += rule(6, 38, 63.95, line, 0.08, 0.5)
    # page
    stock += caption(RIGHT, 63.8, "2", 2.1, line, "end", bold=True)

    v = 3.5
    p = field("portrait", "portrait", 6, 15.6, 32, 41.15)
    p += field("ghost", "ghost", 104.5, 43.05, 14.5, 18.65)
    p += latin("document_code", LEFT, y[0] + v, 11.5, 8.5, 6, True)
    p += latin("issuing_state", 58, y[0] + v, 22, 8.5, 6, True)
    p += latin("document_number", 84, y[0] + v + 0.15, 35, 9.6, 8, True, "right", height=3.6)
    p += latin("names.latin.primary", LEFT, y[1] + v, 37.5, 8.5, 5.5, True)
    p += arabic("names.arabic.primary", 80.5, y[1] + v, 38.5, 9.5, 6, True)
    p += latin("names.latin.secondary", LEFT, y[2] + v, 43.5, 8.5, 4.6)
    p += arabic("names.arabic.secondary", 87, y[2] + v, 32, 9.5, 5.5, True)
    p += latin("nationality", LEFT, y[3] + v, 26.5, 8, 6)
    p += latin("place_of_birth.latin", 72, y[3] + v, 28, 8, 4.8)
    p += arabic("place_of_birth.arabic", 100.5, y[3] + v, RIGHT - 100.5, 8.8, 5.5, True)
    p += latin("date_of_birth", LEFT, y[4] + v, 26.5, 8, 6, date="day-month-year")
    p += latin("sex.letter", 72, y[4] + v, 10, 8, 6)
    p += arabic("sex.arabic", 84, y[4] + v, INNER - 84, 8.8, 6, True)
    p += latin("date_of_issue", LEFT, y[5] + v, 26.5, 8, 6, date="day-month-year")
    p += latin("date_of_expiry", 72, y[5] + v, 26, 8, 6, date="day-month-year")
    p += latin("national_number", 72, y[6] + v, 26, 8, 6)
    p += field("signature", "signature", 6, 59.6, 32, 4.2)
    p += field("mrz", "mrz", 6.6, round(ZONE + (23.2 - 12.7) / 2, 3), 111.76, 12.7, font="OCR B")
    defs = gradient("ground", [(0, ground[0]), (0.5, ground[1]), (1, ground[2])])
    return drawing(W, H, defs, stock, p)


def files():
    return {f"{product}/artwork/front.svg": page(product) for product in TINTS}
