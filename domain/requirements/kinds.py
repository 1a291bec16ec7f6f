"""The type of a requirement by its subject, in the guideline's order: the first that fits."""

import re

from domain.requirements.models import Duty, Kind

_PATTERNS: tuple[tuple[Kind, str], ...] = (
    ("format", r"\bfonts?\b|\b(?:single|double)[- ]spaced?\b|\bpages? (?:limit|count|size)|\blimited to .{0,20}\bpages?\b|"
               r"\bexceed .{0,30}\bpages?\b|\bmargins?\b|\bpdf\b|\bfile (?:type|format|name|size)|\bnamed (?:utilizing|using|as|properly)|"
               r"\bfiles shall be named|\bmicrosoft (?:word|excel)|\b(?:hard|paper|electronic) cop(?:y|ies)\b|\bnaming convention|"
               r"\bin (?:the |written/?|electronic )+format\b|\bin the format of\b|\bseparate (?:volume|document|file)s?\b|"
               r"\bcopies of (?:the|your|its) (?:proposal|offer|quot)|\bmegabytes\b|\b\d+ ?mb\b|\bformatted\b|\bfile naming\b|"
               r"\bbinder|\b8\.5|\bword-compatible|\bshorten\w* the name|\bcd-?rom\b"),
    ("past_performance", r"\bpast[- ]performance\b|\bppqs?\b|\bclient references?\b|\breferences? (?:for|of|from)\b.{0,60}\b(?:contract|"
                         r"customer|project)|\b(?:similar|relevant) (?:contracts?|projects?|experience|work)\b|\bcpars\b"),
    ("pricing", r"\bprices?\b|\bpric(?:ed|ing)\b|\binvoic\w+|\bpayments?\b|\bdiscounts?\b|\btax(?:es)?\b(?! liab)|\bremit\w*|\bcosts?\b(?! of)|"
                r"\bfirm[- ]fixed|\boverpayment|\bbilling\b|\blabor rates?|\bhourly rate|\bf\.?o\.?b\.? (?:dest|orig)\w* pric|\bfees?\b|"
                r"\baccrue|\bcredit card|\bper unit\b|\bdebt\b"),
    ("certification", r"\brepresent(?:s|ation|ations|ed)\b|\bcertif(?:y|ies|ication|ications|ied|icate)\b(?! of (?:analysis|conformance|"
                      r"calibration))|\bregist(?:er|ered|ration) (?:in|with)\b|\bsam\.gov\b|\bsystem for award management|\beligib|"
                      r"\blicens(?:e|es|ed|ure)\b|\bclearances?\b|\bcovered (?:article|telecom|application|foreign)|\bfasc|\bprohibited (?:from|source)|"
                      r"\bsubcontracting\b.{0,40}\b(?:limitation|plan|requirement)|\blimitations? on subcontracting|\bflow ?down\b|"
                      r"\bsmall business\b|\bset[- ]aside\b|\bdebar|\bauthorized (?:re)?(?:seller|distributor|dealer)|\bbackground (?:check|investigation)|"
                      r"\bapplicable (?:federal|laws?)|\bfederal, state|\blaws? (?:and|or) regulations|\bwage determination|\bequal opportunity|"
                      r"\bbuy american|\bcountry of origin|\btrafficking|\binsurance\b|\baccreditat|\bdisclos\w+"),
    ("quality", r"\binspect(?:ion|ed|ions|s)?\b|\bacceptance (?:test|criteria|of the (?:item|work|product))|\bwarrant(?:y|ies|s)\b|"
                r"\bcorrective action|\btraceab|\bquality[- ](?:control|assurance|plan|system|standard|manag)|\bqcp?\b|\bqasp\b|"
                r"\buptime\b|\bdefect(?:s|ive)?\b|\bnonconform|\bdeficienc|\bperformance (?:standard|threshold|metric)|\baql\b|\bresponse time|"
                r"\btest(?:s|ed|ing)? (?:report|result|and|procedure|shall|of)|\bcertificates? of (?:conformance|analysis)|"
                r"\bacceptable quality|\bshelf life|\bexpiration dat|\bfree (?:of|from) (?:defect|damage)|\btender for acceptance|"
                r"\bcalibrat\w+ (?:in|to|by)|\bresults? return"),
    ("reporting", r"\breports?\b|\breporting\b|\bnotif(?:y|ies|ication|ied)\b|\bwritten notice|\brecords?\b(?! locator)|\bmeeting (?:notes|minutes)|"
                  r"\bminutes\b|\bdata file\b|\blogs?\b|\baccess to data\b|\bemail .{0,40}\bdata\b|\bdocument(?:ation)? .{0,40}\bto the (?:cor|co|government)\b|"
                  r"\binform the\b|\bsubmit .{0,80}\bto the (?:cor|cotr|contracting officer)\b"),
    ("delivery", r"\bdeliver(?:y|ed|ies|s)?\b|\bship(?:ped|ment|ping|ments)?\b|\bpack(?:ed|aged|aging|ing)?\b|\bf\.?o\.?b\.?\b|\bmarked\b|"
                 r"\bmarking|\bplace of performance|\bperiod of performance|\bpallet|\bcarrier|\bcontainers?\b|\btransit\b|\bfreight|\bloading dock|"
                 r"\bperformed at\b|\bhours of operation"),
    ("management", r"\bpersonnel\b|\bstaff(?:ing|ed)?\b|\bemployees?\b|\bproject manager|\bprogram manager|\bkey person|\bwork plan|\bmeetings?\b|"
                   r"\bkick-?off|\bsubcontractors?\b|\bsafety\b|\bosha\b|\bprivacy\b|\bbadges?\b|\bidentification\b|\bsmoking|\bparking|"
                   r"\bpoints? of contact\b|\bpocs?\b|\bcoordinat\w+|\bsupervis|\bconduct (?:presentation|briefing)|\bbriefings?\b|\btransition|\bschedule\b|"
                   r"\bconfidential|\bnon-?disclosure|\bdisput|\bconference calls?|\bsite (?:rules|access|security)|\bmanagement plan|\bquarters\b|"
                   r"\bworking hours|\bresumes?\b|\btrained and\b|\bassign(?:ed|ment)? "),
)  # fmt: skip
_SUBMISSION = re.compile(
    r"\b(?:quot(?:es?|ations?)|offers?|proposals?|bids?|submissions?|responses?|questions?|inquir|amendments?|solicitation|"
    r"offerors? (?:shall|must|should)|cover page|terms and conditions|site visit|exceptions?)\b",
    re.IGNORECASE,
)
_OTHER = re.compile(r"\bprotests?\b|\bdocuments? (?:may|can) be (?:found|obtained)", re.IGNORECASE)
_BY_SECTION: dict[str, Kind] = {
    "A": "submission",
    "B": "pricing",
    "C": "technical",
    "D": "delivery",
    "E": "quality",
    "F": "delivery",
    "G": "pricing",
    "H": "management",
    "I": "certification",
    "J": "technical",
    "K": "certification",
    "L": "submission",
    "M": "submission",
}
_PROHIBITIONS = re.compile(
    r"^(?:52\.240|52\.204-(?:23|25|27|30)|52\.209|52\.219|852\.219|52\.225|52\.222)"
)


def kind_of(duty: Duty, quote: str, around: str, section: str, clause: str | None) -> Kind:
    """`around` is the label, lead-in and heading that it stands under."""
    if duty.actor == "government":
        return "evaluation"
    reports = re.search(r"\breports?\b|\bnotify\b|\brecords\b", quote + " " + around, re.IGNORECASE)
    if section == "K" or (clause and _PROHIBITIONS.match(clause) and not reports):
        return "certification"
    text = " ".join(quote.split()).lower()
    if _OTHER.search(text):
        return "other"
    found = _first(text, section)
    if found is None or (found == "delivery" and section == "C"):
        found = _first(around.lower(), section) or found if len(text.split()) <= 12 else found
    if (
        section == "L"
        and found in {None, "reporting", "delivery", "management"}
        and _SUBMISSION.search(text)
    ):
        return "submission"
    return found or _BY_SECTION[section]


def _first(text: str, section: str) -> Kind | None:
    for kind, pattern in _PATTERNS:
        if re.search(pattern, text):
            return kind
    return None
