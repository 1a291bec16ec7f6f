"""Sentences that hold words of duty and yet are no requirement of a bidder."""

import re

_DEFINES = re.compile(
    r"(?<!\bother )(?<!\bany )(?<!\bby )(?<!\bthe )(?<!\belectronic )\bmeans\b"
    r"|\bhas the (?:same )?meanings?\b|\bhave the meanings?\b|\bis defined (?:as|in)\b"
    r"|\bare defined (?:as|in)\b|"
    r"^for (?:example|instance)\b|\brefers to\b|^as used in this\b|\bthe terms? [“\"\u2018']"
    r"|^[^,]{0,80}\bdo(?:es)? not include\b(?!.*\b(?:will|shall|must)\b)|"
    r"^\W*note:? this example",
    re.IGNORECASE,
)
_REFERS = re.compile(
    r"\b(?:is|are|be) (?:hereby )?(?:incorporated|included)\b.{0,60}\bby reference"
    r"|\bsame force and effect\b|"
    r"\bfull text\b.{0,60}\b(?:may|can|available|accessed)\b|\btakes? precedence\b"
    r"|\bgiving precedence\b|\bsupersedes?\b|"
    r"\border of precedence\b|\b(?:clause|provision|paragraph|section|requirement|limitation"
    r"|rule|order|standard|prohibition|exception)s?\b"
    r".{0,80}\b(?:shall (?:also |only |not )?apply|appl(?:y|ies) (?:only )?(?:to|if|when|unless"
    r"|in)|do(?:es)? not apply)\b|\borders? apply\W*$|"
    r"^(?:the following )?.{0,60}\b(?:clauses?|provisions?)\b.{0,60}\bappl(?:y|ies)\b"
    r"|\bshall prevail\b|\bshall govern\b|"
    r"\bgoverned by\b|\bconflict between\b",
    re.IGNORECASE,
)
_EXEMPTS = re.compile(
    r"\bneed not\b|\bnot (?:be )?required\b|\bdo(?:es)? not (?:need|have) to\b"
    r"|\bdo(?:es)? not need\b|\bnot obligat|"
    r"\bno (?:additional|further) .{0,60}\brequired\b|\bdoes not prohibit\b"
    r"|\bshall not (?:preclude|prohibit|limit|affect|"
    r"relieve|be construed|constitute|be deemed)\b|\bno obligation\b|\bnothing (?:in|contained)\b",
    re.IGNORECASE,
)
_REMEDIES = re.compile(
    r"\bliab(?:le|ility)\b(?! (?:insurance|coverage|polic))|\bsimple interest\b"
    r"|\binterest rate\b|\btitle to\b"
    r"|\btitle\b.{0,60}\b(?:shall (?:pass|vest|remain)|"
    r"vests|passes)\b|\brisk of loss\b|\bequitable adjustment\b|\btermination (?:for"
    r"|of)\b.{0,40}\bshall be\b|"
    r"\bterminat\w+\b.{0,160}\b(?:shall be (?:deemed|paid)|may be terminated)\b"
    r"|\bdeemed\b(?! (?:ineligible|un|non|late|not))|"
    r"\bshall be (?:paid|entitled|reimbursed|compensated)\b|\bwill be (?:paid|reimbursed"
    r"|compensated)\b|"
    r"\bpayments? (?:shall|will) be (?:made|due|based|considered)\b|\bright to (?:terminate"
    r"|withhold|examine|recover|inspect)\b|"
    r"\bhave access to and\b|\bbe subject to (?:fine|criminal|prosecution|imposition)"
    r"|\bshall be a dispute\b|"
    r"\bshall be considered to (?:have|include)\b|\btime shall be computed\b"
    r"|\bbinding contract\b|\bpenalt(?:y|ies)\b.{0,80}\bimposed\b|"
    r"\bdemand for payment\b|\bamounts? (?:shall|that) (?:be|become) (?:due|payable)|\b(?:shall"
    r"|will) be subject to\b(?! (?:inspection|background|security|search|screening|drug"
    r"|testing|approval|a ))|"
    r"\bunits? of measure\b.{0,40}\bmeans\b|\bremed(?:y|ies)\b.{0,60}\b(?:available"
    r"|provided by law)\b",
    re.IGNORECASE,
)
_OPTION = re.compile(
    r"\b(?:government|contracting officer)\b.{0,40}\b(?:may|has the (?:right|option)"
    r"|reserves the right) .{0,30}\b(?:extend|"
    r"exercise|require (?:continued|the contractor to (?:continue|perform)))"
    r"|\bexercise of (?:the|an|any|options?)|"
    r"\boption\b.{0,60}\b(?:may be exercised|shall not exceed)\b|\btotal duration\b"
    r"|\btotal extension\b|"
    r"\bextended contract shall\b|\bdoes not (?:obligate|commit)\b",
    re.IGNORECASE,
)
_EXPLAINS = re.compile(
    r"^inspection and acceptance\b.{0,40}\b(?:will|shall) be (?:at|by|made|performed)|"
    r"\bgovernment.s (?:sole )?discretion\b|\b(?:period of performance|ordering period) (?:will"
    r"|shall|is)\b|"
    r"\bholidays?\b.{0,120}\bobserved\b|^(?:the )?(?:purpose|objective|goal|intent"
    r"|mission) of (?:this|the)\b.{0,40}\bis\b"
    r"|\bfor (?:additional|further|more) "
    r"information\b.{0,40}\b(?:see|visit|contact|refer)|^(?:see|refer to|note that|contact)\b"
    r"|^(?:click|log ?in|go to)\b|"
    r"\bfor informational purposes\b|\bmay be (?:obtained|found|accessed|downloaded|viewed)\b"
    r"|\bcan be (?:found|obtained|"
    r"accessed|downloaded|viewed|reached)\b",
    re.IGNORECASE,
)
_COMPLY = re.compile(
    r"\b(?:contractor|offeror|quoter|vendor|bidder)s? (?:shall|must|agrees|verifies|certifies"
    r"|represents)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"^(?:if|when|unless|where)\b[^,]*,", re.IGNORECASE)
_NO_DUTY = (_DEFINES, _REMEDIES, _OPTION)


def is_excluded(sentence: str) -> bool:
    """Definitions, references, exemptions, rights and remedies, options, explanations."""
    text = " ".join(sentence.split())
    main = _CONDITION.sub("", text)
    return is_no_duty(text) or bool(_EXEMPTS.search(main) or _EXPLAINS.search(text))


def is_no_duty(sentence: str) -> bool:
    """As `is_excluded`, without the exemptions and explanations that may stand beside a duty."""
    text = " ".join(sentence.split())
    return refers(text) or any(pattern.search(text) for pattern in _NO_DUTY)


def refers(sentence: str) -> bool:
    """Whether it says that a clause applies, is incorporated or goes first, and orders nothing."""
    return bool(_REFERS.search(sentence)) and not _COMPLY.search(sentence)


def exempts(sentence: str) -> bool:
    return bool(_EXEMPTS.search(sentence))


def defines(sentence: str) -> bool:
    return bool(_DEFINES.search(sentence))
