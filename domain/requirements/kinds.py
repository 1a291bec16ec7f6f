"""The type of a requirement by its subject, in the guideline's order: the first that fits."""

import re
from dataclasses import dataclass

from domain.requirements.models import Duty, Kind

_SUBJECTS: tuple[tuple[Kind, str], ...] = (
    (
        "format",
        r"""\bfonts?\b|\b(?:single|double)[- ]spac|\bpages?\s(?:limit|count|size)
        |\bexceed\s.{0,30}\bpages?\b
        |\blimited\sto\s.{0,20}\bpages?\b|\bmargins?\b|\bpdf\b|\bfile\s(?:type|format|name
        |size|naming)
        |\bnamed\s(?:utilizing|using|as|properly)|\bfiles\sshall\sbe\snamed
        |\bmicrosoft\s(?:word|excel)
        |\b(?:hard|paper|electronic)\scop(?:y|ies)\b|\bnaming\sconvention|\bmegabytes\b
        |\b\d+\s?mb\b
        |\bin\s(?:the\s|written/?|electronic\s)+format\b|\bin\sthe\sformat\sof\b|\bbinder
        |\b8\.5
        |\bseparate\s(?:volume|document|file)s?\b|\bcopies\sof\s(?:the|your|its)\s(?:proposal
        |offer|quot)
        |\b\d+\spages?\b|\bpages\sbeyond\b|\b\d+[- ]points?\sor\s|\b\d+[- ]point\b(?!\sscale)
        |\btimes\snew\sroman
        |\bhyperlinks?\b|\bno\spart\sshall\scontain\sprice
        |\bformatted\b|\bword-compatible|\bshorten\w*\sthe\sname|\bcd-?rom\b""",
    ),
    (
        "past_performance",
        r"""\bpast[- ]performance\b|\bppqs?\b|\bclient\sreferences?\b
        |\bpast\sexperience\b|\bcustomers?\sto\swhom\b|\blike\s(?:goods|items|services)\b
        |\bquestionnaires?\b|\b(?:two|three|four|five|\d)\sreferences\b|\breferences\s(?:older|for|must|shall|should)
        |\breferences?\sfrom\b.{0,60}\bcustomer
        |\b(?:similar|relevant)\s(?:contracts?|projects?|experience|work)\b""",
    ),
    (
        "pricing",
        r"""\bprices?\b|\bpric(?:ed|ing)\b|\binvoic\w+|(?<!final\s)(?<!prompt\s)\bpayments?\b
        |\bdiscounts?\b
        |\btax(?:es)?\b(?!\sliab)|\bremit\w*|\bcosts?\b(?!\sof)|\boverpayment|\bbilling\b
        |\bhourly\srate
        |\bfirm[- ]fixed|\blabor\srates?|\bfees?\b|\bcredit\scard|\bdebt\b""",
    ),
    (
        "certification",
        r"""\brepresent(?:s|ation|ations|ed)\b|\bcertif(?:y|ies|ication|ications|ied|icate|ier)\b
        (?!\sof\s(?:analysis|conformance|calibration))|\bregist(?:er|ered|ration)\s(?:in
        |with)\b|\bsam\.gov\b
        |\bsystem\sfor\saward\smanagement|\beligib|\blicens(?:ure|ed)\b|\bclearances?\b|\bfasc
        |\bcovered\s(?:article|telecom|application|foreign)|\bprohibited\s(?:from|source)
        |\bsubcontracting\b.{0,40}\b(?:limitation|plan|requirement)
        |\blimitations?\son\ssubcontracting
        |\bflow\s?down\b|\bsmall\sbusiness\b|\bset[- ]aside\b|\bdebar|\bwage\sdetermination
        |\bauthorized\s(?:re)?(?:seller|distributor|dealer)|\bbackground\s(?:check
        |investigation)
        |\bapplicable\s(?:federal|laws?)|\bfederal,\sstate|\blaws?\s(?:and|or)\sregulations
        |\btrafficking
        |\bequal\sopportunity|\bbuy\samerican|\bcountry\sof\sorigin|\binsurance\b|\baccreditat
        |\blicenses?\sto\spractice|\bunrestricted\slicense|\bcredential(?:ing|s\spackage|ed)\b|\bprivileg(?:es|ing)\b|\bdegree\sfrom\b
        |\bmalpractice\b|\bconflicts?\sof\sinterest|\bsam\sregistration|\bletter\sof\sauthorization
        |\bproof\sof\sauthorization|\bcoverage\sof\sat\sleast|\bfingerprints?\b|\bsuitability\b
        |\bfda\s(?:510|clear|regist|approv)|\bfood\sand\sdrug\b|\bdistributor\b
        |\bcomply\swith\s\d+\su\.s\.c|\baffiliation\b""",
    ),
    (
        "quality",
        r"""\binspect(?:ion|ed|ions|s)?\b|\bacceptance\s(?:test|criteria)|\bwarrant(?:y|ies|s)\b|\btraceab
        |\bcorrective\saction|\bquality[- ](?:control|assurance|plan|system|standard|manag)
        |\bqcp?\b|\bqasp\b
        |\buptime\b|\bdefect(?:s|ive)?\b|\bnonconform|\bdeficienc|\bperformance\s(?:standard
        |threshold|metric)
        |\baql\b|\bresponse\stime|\btest(?:s|ed|ing)?\s(?:report|result|and|procedure|shall)
        |\bshelf\slife
        |\bcertificates?\sof\s(?:conformance|analysis)|\bacceptable\squality|\bexpiration\sdat
        |\bfree\s(?:of|from)\s(?:defect|damage)|\btender\sfor\sacceptance|\bresults?\sreturn
        |\baccuracy\b|\berrors\sfound\b|\bcounterfeit\b|\bdate\sof\smanufacture\b|\bshort-dated\b|\bexpired\b
        |\b(?:lots?|items?|goods|parts?)\b.{0,40}\b(?:replaced|repaired|corrected)\b|\bback\sto\suse\b
        |\bdata\s(?:integrity|quality)|\bquality\scontrol\sand\b""",
    ),
    (
        "reporting",
        r"""\b(?:status|progress|monthly|weekly|final|annual|usage|activity|incident|written|quarterly
        |trip)
        \s(?:\w+\s)?reports?\b|\breports?\s(?:to|shall|must|will|on|of\sthe|is|are|the|as
        |within)\b|\breporting\b
        |\b(?:submit|provide|deliver|prepare
        |furnish)\s[^.]{0,60}(?<!conformance\s)\breports?\b|(?<!\d\s)\bminutes\b(?!\sor\b)
        |\bnotif(?:y|ies|ication|ied)\b|\bwritten\snotice|\brecords\b(?!\slocator)|\bsummary\b|\bto\sthe\scor\b|\bloss\sof\sdata\b|\bdeliverables?\s(?:shall|must|will)\sbe
        |\bdata\sshall\sbe\sentered\b|\blabor\shours\b.{0,30}\bsite\b
        |\bmeeting\s(?:notes|minutes)
        |\bdata\sfile\b|\baccess\sto\sdata\b|\binform\sthe\b|\bfindings\b
        |\bsubmit\s.{0,80}\bto\sthe\s(?:cor|cotr|contracting\sofficer)\b""",
    ),
    (
        "delivery",
        r"""\bdeliver(?:y|ed|ies|s)?\b|\bship(?:ped|ment|ping|ments)?\b|\bpack(?:ed|aged|aging|ing)?\b
        |\bfreight
        |\bf\.?o\.?b\.?\b|\bmarked\b|\bmarkings?\b|\bplace\sof\sperformance|\bpallet
        |\bcarriers?\b|\bin\stransit\b
        |\bwork\s(?:takes\splace|(?:shall|will|must|is\sto)\sbe\s(?:done|performed))\b
        |\b(?:monday|mon)\b\s(?:to|through|thru|-)\s|\b\d{4}\s(?:hours\s)?(?:to|and)\s\d{4}\b|\bbills?\sof\slading
        |\b(?:a|p)\.?m\.?\s(?:to|and|until)\s\d|\bcontainers?\b|\bloading\sdock|\bperformed\sat\b|\bhours\sof\soperation
        |\bperiod\sof\sperformance\s(?:is|shall|will)""",
    ),
    (
        "management",
        r"""\bpersonnel\b|\bstaff(?:ing)?\b|\bemployees?\b|\bproject\smanager|\bprogram\smanager
        |\bkey\sperson
        |\bwork\splan|\bmeetings?\b|\bkick-?off|\bsubcontractors?\b|\bosha\b|\bprivacy\b
        |\bbadges?\b|\bsmoking
        |\bsafety\s(?:plan|program|rule|regulation|officer|requirement)|\bparking\b
        |\bpoints?\sof\scontact\b
        |\bpocs?\b|\bcoordinat\w+\s(?:with|monthly|all|the)|\bsupervis|\bbriefings?\b
        |\btransition\s(?:plan|of)
        |\bconfidential|\bnon-?disclosure|\bdisput|\bconference\scalls?|\bsite\s(?:rules
        |access|security)
        |\bproject\splan\b|\bcontingency\splan\b|\babsen(?:t|ces?)\b|\bfront\sdesk\b|\bsign\sin\b|\bstaffing\splan\b
        |\bvehicles?\b|\bfire\sdrills?|\bcyber\sawareness|\bartificial\sintelligence|\bmanagement\splan|\bworking\shours|\bresumes?\b|\bmodification\sto\sthe\scontract""",
    ),
    (
        "technical",
        r"""\btechnical\b|\bsection\s508\b|\bvpat\b|\baccessib|\bwcag\b|\btraining\b|\bhelp\s?desk
        |\bfunctional
        |\bsoftware\b|\bdatabase\b|\bspecifications?\b|\bplatform\b|\bsalient\b|\bsoc\s2\b
        |\bmobile\b
        |\bcustomer\ssupport|\bscenarios?\b|\bsystem\saccess\b|\bphi\b|\bsupport\saccess\b""",
    ),
)
_PATTERNS: list[tuple[Kind, re.Pattern[str]]] = [
    (kind, re.compile(pattern, re.VERBOSE)) for kind, pattern in _SUBJECTS
]
_SUBMISSION = re.compile(
    r"\b(?:quot(?:es?|ations?)|offers?|proposals?|bids?|submissions?|responses?|questions?|inquir|"
    r"amendments?|solicitation|offerors? (?:shall|must|should)|cover page|terms and conditions|"
    r"site visit|exceptions?)\b",
    re.IGNORECASE,
)
_AMENDMENTS = re.compile(
    r"\backnowledg\w+ .{0,30}\bamendments?|\bterms (?:and|&) conditions|\boffers? must show\b"
)
_OTHER = re.compile(r"\bprotests?\b", re.IGNORECASE)
_REPORTS = re.compile(
    r"\breport(?:s|ing)?\b(?! locator)|\bnotify\b|(?<!documents or )\brecords\b|\bnotice to\b",
    re.IGNORECASE,
)
_CONTENTS = re.compile(
    r"\b(?:report|plan|notice|notes|disclosure|invoice|description|information|request"
    r"|record)s?\b.*"
    r"\b(?:includ(?:e|es|ing)|contain|consist|following)\b",
    re.IGNORECASE,
)
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
_PERFORMED = frozenset("CDEF")
_SENT = re.compile(
    r"\b(?:quot(?:es?|ations?)|offers?|proposals?|bids?|questions?|responses?|inquir\w+)\b.{0,80}\b"
    r"(?:sent|submitted|uploaded|received|e-?mailed|mailed|hand[- ]carried|faxed|late|due)\b"
    r"|^(?:please )?(?:submit|send|e-?mail|upload) (?:all |your |the |any )*(?:quot|offer"
    r"|proposal|bid"
    r"|question|response)",
)
_PROHIBITIONS = re.compile(
    r"^(?:52\.240|52\.204-(?:23|25|27|30)|52\.209|52\.219|852\.219|52\.225|52\.222)"
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a row stands under: its lead-in, labels and titles above it from the nearest outwards,
    the whole text of the items above it."""

    section: str
    clause: str | None
    lead_in: str
    titles: tuple[str, ...]
    above: str


def kind_of(duty: Duty, quote: str, around: Surroundings) -> Kind:
    if duty.actor == "government":
        return "evaluation"
    text = " ".join(quote.split()).lower()
    if around.section in _PERFORMED:
        text = re.sub(r"\bpdf\b", " ", text)
    reports = _REPORTS.search(f"{quote} {around.above}")
    if around.section == "K":
        return "certification"
    if around.clause and _PROHIBITIONS.match(around.clause):
        return "reporting" if reports and around.section == "I" else "certification"
    if _OTHER.search(text):
        return "other"
    if _AMENDMENTS.search(text):
        return "submission"
    if around.lead_in and _CONTENTS.search(around.lead_in):
        return _first(around.lead_in.lower()) or _by_text(text, around)
    return _by_text(text, around)


def _by_text(text: str, around: Surroundings) -> Kind:
    found = _first(text)
    if (
        around.section in {"L", "A"}
        and found in {None, "delivery", "management"}
        and _SENT.search(text)
    ):
        return "submission"
    if around.section in {"L", "A"} and found in {None, "reporting", "delivery", "management"}:
        titles = (_first(title.lower()) for title in around.titles)
        by_title: Kind | None = next((kind for kind in titles if kind), None)
        if by_title:
            return by_title
        if _SUBMISSION.search(text):
            return "submission"
    by_title = _first(around.titles[0].lower()) if around.titles and found is None else None
    return found or by_title or _BY_SECTION[around.section]


_ASIDE = re.compile(
    r"\bat no (?:additional |extra |further )?(?:cost|charge)\b(?: to the government)?"
    r"|\bfree of charge\b"
    r"|\bwithout (?:charge|cost)\b|\bbears? all costs?\b|\bat (?:the|its"
    r"|their) (?:\w+.s )?(?:own )?"
    r"(?:cost|expense)\b|\b(?:of|after|from|before|prior to|upon) (?:the )?(?:delivery|shipment)\b"
    r"|\bcertified equipment\b"
)
"""Words that say how or when, not what a sentence is about."""


def _first(text: str) -> Kind | None:
    text = _ASIDE.sub(" ", text)
    return next((kind for kind, pattern in _PATTERNS if pattern.search(text)), None)
