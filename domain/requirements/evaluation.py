"""How offers are judged and to whom award is made; what happens to those that fail."""

import re

_SUBJECTS = (
    r"\b(?:offers?|quot(?:es?|ations?)|proposals?|bids?|responses?|submissions?|offerors?"
    r"|quoters?|vendors?|ratings?|delivery|demonstrations?|"
    r"prices?|pricing|costs?|past performance|factors?|sub-?factors?|criteri(?:a|on)|experience"
    r"|approach|options?|"
    r"volumes?|capabilit(?:y|ies)|qualifications?|packages?|samples?|schedules?|plans?"
    r"|evaluation|information|npv|resumes?|level of effort|labor (?:mix|hours|categories)"
    r"|mix of labor|strengths|weaknesses|responsiveness|responsibility|compliance)\b"
)
_JUDGED = (
    r"(?:evaluated|rated|ranked|compared|assessed|scored|reviewed for|judged|weighted"
    r"|point scored|analyzed|examined|weighed|checked for|used (?:to|in|for)|"
    r"considered (?:for award|in|the|more|to be (?:the|more)|acceptable|as)|used to evaluate"
    r"|taken into (?:account|consideration)|"
    r"determined (?:to (?:be|have)|by|based)|given (?:a|more|the same)|assigned(?:\s+(?:a|an"
    r"|one)|\W*$)"
    r"|performed on|conducted)"
)
_PASSIVE = re.compile(
    rf"{_SUBJECTS}(?:(?!\b(?:shall|must|will|should)\b).)*\b(?:will|shall|may|would|is to"
    rf"|are to|are|is)\s+(?:also |not |only |then |first |all )?be(?:ing)?\s+"
    rf"(?:\w+ly )?{_JUDGED}",
    re.IGNORECASE,
)
_AWARD = re.compile(
    r"\bawards?\b[^.;]{0,80}\b(?:will|shall|may|can|is|are)\s+(?:only )?(?:be )?(?:made|based|go"
    r"|to (?:the|be)|issued|on|given)\b|"
    r"\b(?:contracts?|orders?|bpas?|agreements?)\b[^.;]{0,60}\b(?:will|shall|may) be (?:awarded"
    r"|made|issued) to\b|"
    r"\bbasis (?:for|of) award\b|\b(?:make|making|made) (?:an |the |multiple |no "
    r"|more than one |one or more |several |split |the )*awards?\b"
    r"|\b(?:issue|place) (?:an?|one|more than one|several|multiple) (?:purchase |task "
    r"|delivery )?orders?"
    r" (?:to|with) the (?:\w+ )?(?:offeror|quoter|vendor|contractor)"
    r"|\b(?:committee|panel|board)\b.{0,40}\b(?:scores?|ranks?|ranking|rates?)\b",
    re.IGNORECASE,
)
_ACTS = re.compile(
    r"\b(?:government|contracting officer|agency|co|ko|evaluators?|evaluation (?:team|board"
    r"|panel)|(?-i:[A-Z]{2,6}))\b[^.;]{0,60}\b"
    r"(?:will|shall|may|intends? to|reserves? the right(?: not)? to|plans? to|anticipates?"
    r"|expects? to|contemplates)\b[^.;]*?\b"
    r"(?:evaluat(?:e|es|ing)\b|(?<!at )(?<!after )(?<!upon )award(?!ed)\w*"
    r"|consider (?:for award|an? (?:quot|off|prop|bid)"
    r"|quot|off|prop|the|all|any|only)\w*|reject\w*|"
    r"select\w*|compar(?:e|ing)|assess\w*|rank\w*|(?:conduct|hold|enter into"
    r"|have) (?:\w+ )?(?:discussions|clarifications|negotiations)|"
    r"(?:place|issue) (?:more than one|multiple|several|separate|one or more|an?|the) (?:\w+ )?"
    r"orders?|waive\b|accept (?:other|any|an? offer|the offer|only|all)|best value|trade-?offs?"
    r"|negotiat\w*|"
    r"add (?:the )?(?:total )?prices?|(?:determine|find) that an? (?:offer|quot\w+|proposal"
    r"|bid)|seek clarifications?|limit the number)",
    re.IGNORECASE,
)
_TOPIC = re.compile(
    r"\b(?:offers?|quot(?:es?|ations?)|proposals?|bids?|award|offerors?|quoters?|vendors?"
    r"|discussions|responses?|price|approach|degree to which|extent to which|"
    r"past performance|prices)\b",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"\b(?:more|less|equally|as|most|least) important\b|\border of importance\b"
    r"|\bapproximately equal\b|\bof equal\b[^.]*\b"
    r"(?:weight|importance)\b|\b(?:lowest[- ]price[sd]?,? technically acceptable|best[- ]value"
    r"|most advantageous|lptp|lpta)\b|"
    r"(?:=|\brated|\brating of)\s*[“\"]?(?:does not meet|unacceptable|neutral|meets|acceptable"
    r"|unsatisfactory|fail)\b|"
    r"\bevaluation\b.{0,40}\b(?:will|shall|may) (?:be based|assess|consider|include|be (?:made"
    r"|conducted|performed))|"
    r"\b(?:lack|absence) of\b.{0,200}\baward\b|\bnegative (?:assessment|rating)|"
    r"\bmay be rated\b|\boutweighs?\b|\bpart of the evaluation\b"
    r"|^the (?:evaluation )?(?:factors|criteria) (?:are|in)\b|"
    r"\b(?:receives?|gets?|earns?) (?:an? |the )?(?:\w+ ){0,3}(?:rating|points|score)\b"
    r"|\bfollowing (?:evaluation )?(?:factors|criteria)\b(?=.*\b(?:evaluat"
    r"|award|offer|quot|proposal))|\bmeans of evaluation\b"
    r"|\b(?:demonstrations?|samples?|clarifications?|oral presentations?|revisions?)\b.{0,20}"
    r"\b(?:may|will) be requested\b.{0,40}\b(?:quoter|offeror|vendor|bidder|highest|most)",
    re.IGNORECASE,
)
_FAILS = re.compile(
    r"\b(?:(?:will|shall|may|can|could)\s+(?:not\s+be\s+(?:considered|accepted|answered"
    r"|evaluated|entertained|honou?red|eligible|"
    r"made for|counted|forwarded|scored|credited|released|returned|"
    r"reviewed|read|opened|looked at|processed|responded|acknowledged|paid|reimbursed)"
    r"|be\s+(?:\w+ly\s+)?(?:rejected|excluded"
    r"|eliminated|disqualified|"
    r"returned|removed|refused|disregarded|discarded|ignored|turned away|thrown out|sent back"
    r"|blocked|removed from|deemed|considered\s+(?:(?:as |to be )?(?:late|non|un|in(?=[cevas]))\w*)"
    r"|treated as|found|determined\s+(?:to be\s+)?(?:un|non|in(?=[cevas]))\w*|"
    r"ineligible|late|precluded|denied|barred|subject to (?:rejection|debarment|removal)"
    r"|cause for)|"
    r"(?:also\s+)?(?:cause (?:the|an?|your) (?:offer|quot|proposal)|result|disqualify"
    r"|lead to (?:the )?(?:rejection|disqualification|exclusion|elimination)"
    r"|preclude|constitute|render)\b)|\bwill render\b|"
    r"\bare (?:late|ineligible|not eligible|considered (?:late|non\w+))\b|\bgrounds for\b|"
    r"\bwill be late\b|\bis late\b|\b(?:will|may) be answered only if\b"
    r"|\b(?:is|are) not sufficient\b|\b(?:is|are) not (?:acceptable|authorized|accepted)\b)",
    re.IGNORECASE,
)
_SUFFERS = re.compile(
    r"\b(?:offers?|quot(?:es?|ations?)|proposals?|bids?|responses?|submissions?|failure"
    r"|questions?|inquir\w+|invoices?|deviations?|violations?|"
    r"requests?|offerors?|quoters?|bidders?|vendors?|contractors?|omission|firms?|concerns?"
    r"|entit(?:y|ies)|any person|queries|calls?|"
    r"late|incomplete|non-?compliance|misrepresent\w*|false|packages?|pages?|shipments?"
    r"|deliver(?:y|ies)|materials?|faxe?s?|"
    r"e-?mails?|facsimiles?|projects?|parts?|goods|travel|trucks?|drivers?|attachments?"
    r"|information|those|anything|visits?|items?|payments?|promises?|statements?|volumes?)\b",
    re.IGNORECASE,
)


_CONTRACT_TYPE = re.compile(
    r"\b(?:intends?|anticipat\w+|contemplat\w+|plans?"
    r"|expects?)\b.{0,60}\baward\w*\b.{0,80}\b(?:firm|fixed"
    r"|indefinite|idiq|blanket|purchase order|labor[- ]hour|time[- ]and|cost[- ]plus)",
    re.IGNORECASE,
)
_DISCUSSED = re.compile(r"\bdiscussions?\b|\bevaluat|\blowest\b|\bbest value\b", re.IGNORECASE)


_JUDGES = re.compile(
    r"\b(?:government|agency|contracting officer|evaluators?|we|va|board|panel|team"
    r"|authority)\b.{0,60}?\b"
    r"(?:will|shall|may|intends? to|reserves? the right to|prefers?)\b(?: also| not| only| then)*"
    r" (?:use|consider|look|examine|review|take into|rely|determine|give|assign|favou?r"
    r"|compare|check"
    r"|verify|conduct|select|establish|reject|choose|judge|weigh|seek|evaluate|request"
    r"|contact|apply|rate)\b"
    r"|\b(?:will|shall|may) (?:\w+ )?be (?:\w+ly )?(?:determined|considered|reviewed|used"
    r"|established|given"
    r"|assigned|viewed|verified|checked|examined|calculated|compared|judged|weighed|preferred"
    r"|favou?red)\b",
    re.IGNORECASE,
)
_UNJUDGED = re.compile(
    r"\b(?:protest|debrief|invoice|after award|notif|offerors? (?:shall|must|should)"
    r"|incorporat)\w*",
    re.IGNORECASE,
)


def tells_of_judging(sentence: str) -> bool:
    """In a section on evaluation: what the agency will look at, weigh or choose."""
    return bool(_JUDGES.search(sentence)) and not _UNJUDGED.search(sentence)


def is_evaluation(sentence: str) -> bool:
    """How offers are judged, rated, ranked, how award is made, the rights reserved in that."""
    if re.search(
        r"\b(?:protest|equitable adjustment|invoice|after award|contemplates|debrief\w*)\b",
        sentence,
        re.IGNORECASE,
    ):
        return False
    if _CONTRACT_TYPE.search(sentence) and not _DISCUSSED.search(sentence):
        return False
    if _PASSIVE.search(sentence) or _ORDER.search(sentence):
        return True
    return bool(_AWARD.search(sentence) or (_ACTS.search(sentence) and _TOPIC.search(sentence)))


def is_consequence(sentence: str) -> bool:
    """What happens to an offer, question, visit or invoice that fails."""
    return bool(_FAILS.search(sentence) and _SUFFERS.search(sentence[:400]))


def is_rating(sentence: str) -> bool:
    """A failing grade is a statement of evaluation, exclusion is a consequence."""
    return bool(
        re.search(
            r"(?:=|\brated|\brating)\s*[“\"]?(?:does not meet|unacceptable|neutral)"
            r"|\b(?:does not meet|unacceptable) (?:determination|rating)",
            sentence,
            re.IGNORECASE,
        )
    )
