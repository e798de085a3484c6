"""Lists of English words by which news prose says whose words or claim a sentence holds."""

from __future__ import annotations


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


FREE = _set(
    "said says told tells argued argues warned warns claimed claims stated states explained explains insisted insists"
    " alleged alleges maintained maintains contended contends asserted asserts announced announces tweeted tweets predicted"
    " predicts estimated estimates believed believes expects reported reports complained accused accuses denied denies"
    " admitted admits acknowledged acknowledges conceded concedes declared declares testified promised promises pledged"
    " pledges vowed vows remarked commented cautioned cautions reiterated reiterates affirmed affirms emphasised emphasized"
    " emphasises emphasizes speculated stressed stresses thinks hopes hoped fears feared suspects suspected doubts noted"
    " notes clarified compared likened theorised theorized hypothesised hypothesized lamented boasted quipped joked"
)
"""Verbs that make their subject a speaker whatever follows them."""

CLAUSE = _set(
    "added adds suggested suggests confirmed confirms revealed reveals disclosed discloses concluded concludes agreed"
    " agrees found finds wrote writes posted posts recalled recalls observed observes repeated highlighted underlined"
    " underscored ruled rules indicated indicates thought felt feels proposed showed shows countered replied responded"
    " answered continued explained concurred mentioned mentions"
)
"""Verbs that do so before a clause, or behind the words themselves: "found that", '…," he added'."""

QUOTING = _set(
    "asked asks called calls described describes praised hailed condemned criticised criticized denounced dismissed slammed"
    " blasted began thanked welcomed urged demanded shouted yelled cried whispered muttered mused wondered lauded branded"
    " dubbed labelled labeled characterised characterized cited joked exclaimed went signed concluded added"
)
"""Verbs that do so only beside words between quotation marks."""

PLURAL = _set(
    "say tell argue warn claim state explain insist allege maintain contend assert predict estimate believe expect suspect"
    " fear think hope report complain deny admit acknowledge concede note suggest promise"
)
"""Verbs that need a subject in the plural, and no "to" or "would" before them."""

SAYING = _set(
    "saying adding noting arguing warning claiming insisting telling explaining stating stressing calling describing"
    " predicting suggesting alleging tweeting writing asserting declaring contending complaining"
)
"""What a subject does beside its main verb: "…, adding that"."""

INVERTED = _set(
    "said says say added adds wrote writes argued argues argue claimed claims explained explains noted notes warned warns"
    " warn insisted insists asked asks recalled recalls replied continued concluded suggested suggests predicted predicts"
    " announced stated declared tweeted joked quipped remarked observed reported reports commented complained conceded"
    " agreed"
)
"""Verbs that their subject may follow."""
BE = _set("is are was were be been being am isn't wasn't aren't weren't it's he's she's they're")
HAVE = _set("has have had having did does do")
NOT = _set("not never didn't doesn't don't hasn't haven't hadn't neither nor cannot can't won't wouldn't")
MODAL = _set("to would could should may might must can will shall cannot can't won't wouldn't help let don't")
PRONOUNS = _set("he she they it")
OTHER_PRONOUNS = _set("i we you one me us this that these those there nobody none everyone someone anyone nothing")
DAYS = _set(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september"
    " october november december yesterday today tomorrow tonight jan feb aug sept oct nov dec week month year"
)
ADVERBS = _set(
    "also later earlier then now still once again previously repeatedly recently already just even further only since too"
    " however meanwhile instead on late early last this next week month year morning evening night have has had did does do"
    " himself herself itself themselves both all often always sometimes long"
)
OPENERS = _set(
    "on in at by for but and so yet or as while though although however meanwhile instead now then still also later earlier"
    " last this next once after before since following according when if because still like from with among despite even to"
    " of what why how where who which that there here just not yes no separately elsewhere additionally furthermore moreover"
    " indeed interestingly allegedly reportedly apparently finally initially originally eventually recently ultimately"
    " similarly traditionally usually generally typically occasionally subsequently consequently perhaps maybe afterwards"
    " asked speaking writing"
)
BOUNDARIES = _set(
    "that but as while when because after before although though if whether which where what how than until unless so why"
    " who whose whom and or nor since then is are was were be been being has have had did does do said says would could"
    " should might can will"
)
REJECTING = _set("when because after before if whether which where what how than until unless why since that")
"""Left of the subject, these say that the saying is only what the sentence tells of."""
PREPOSITIONS = _set(
    "of in on at by for from with to into near over under against about between among during within without across through"
    " behind inside outside toward towards despite amid like including around along after before since until per via upon"
    " following"
)
DETERMINERS = _set(
    "the a an his her their its our some many several one two three four five another other both most these those this that"
    " every each few dozens hundreds thousands numerous various all my no any"
)
TITLES = _set(
    "mr mrs ms dr prof professor president vice prime minister secretary senator sen rep representative congressman"
    " congresswoman gov governor mayor general gen colonel col lieutenant lt captain capt sergeant sgt major maj judge"
    " justice sir dame lord lady king queen prince princess pope bishop archbishop cardinal father sister rev reverend ceo"
    " cfo coo cto chief chairman chairwoman chair executive officer director spokesman spokeswoman spokesperson commissioner"
    " ambassador chancellor attorney inspector detective superintendent sheriff leader founder co-founder analyst economist"
    " researcher coach manager editor lawyer doctor premier deputy foreign finance defence defense interior treasury head"
    " strategist mp mep msp sens reps democrat republican admiral commander constable sultan sheikh ayatollah baroness baron"
    " count"
)
PEOPLE = _set(
    "official authority authorities expert critic analyst police source witness resident parent people scientist researcher"
    " doctor lawyer spokesman spokeswoman spokesperson woman man student teacher mother father family families neighbor"
    " neighbour friend farmer worker employee executive author minister president leader lawmaker senator mayor governor"
    " judge prosecutor investigator officer soldier activist campaigner economist investor trader strategist owner boss"
    " chief head director manager chairman coach player captain driver pilot doctor nurse patient physician professor"
    " historian engineer astronomer member supporter opponent protester survivor victim relative aide adviser advisor"
    " ambassador diplomat envoy correspondent reporter journalist editor columnist commentator observer insider staffer"
    " customer user voter villager vocalist guitarist musician actress drummer comedian poet guard agent attorney defendant"
    " plaintiff juror candidate democrat republican conservative iranian iranians locals local son daughter husband wife"
    " brother sister child children boy girl brothers founder founders regulator others speaker police doctors consultant"
    " specialist firefighter paramedic scholar writer novelist artist singer actor chef shopkeeper crowd suspect protesters"
    " pensioner tenant landlord commuter passenger neighbour's person secretary commissioner"
)
ORGANISATIONS = _set(
    "ministry government company firm department agency court bank office union university school hospital group council"
    " committee commission party parliament senate congress army military navy police force forces association federation"
    " institute institution organisation organization charity club team authority board airline airport network channel"
    " newspaper paper magazine outlet website station daily administration embassy city state church museum foundation"
    " centre center business retailer manufacturer carmaker producer supplier operator provider startup start-up giant"
    " exchange regulator watchdog bureau service fund campaign cabinet kremlin pentagon treasury analytics media news agency"
    " lab laboratory consortium coalition alliance opposition country countries"
)
DOCUMENTS = _set(
    "report study survey poll analysis review research paper letter statement memo article post tweet filing document"
    " lawsuit complaint data figures records investigation book affidavit indictment estimate forecast findings email"
    " release assessment audit documents notice bulletin editorial commentary account accounts statistics census"
)
LIFELESS = _set(
    "results data move trend price prices numbers evidence images signs map sign event attack attacks storm fire shares"
    " index sales profits deal way fact thing things decision idea time day war crisis incident test tests photo photos"
    " video change changes plan plans law rules schedule age size tradition regulations terms legend custom design reason"
    " weather market markets film films story song novel series rate rates rise fall increase weight height order"
)
STRICT = _set("said says told tells argued argues insisted insists say tell argue insist explained explains")
"""Verbs whose subject speaks even where its noun is none that this list knows."""
NOUNS_TOO = _set(
    "rules estimates reports claims hopes fears promises doubts notes states suspects estimate report claim hope fear"
    " promise note state suspect complain finds posts addresses"
)
"""Verbs that are as often nouns: "missed Wall Street estimates"."""
ADJACENT = _set("asked asks went began continued shouted yelled cried whispered urged demanded wondered exclaimed")
"""Verbs that must stand right beside the quotation."""
TO_BELIEVE = _set("believe believes think thinks expect expects")
OBJECT_TOO = _set(
    "maintained maintains conceded concedes admitted admits noted notes explained explains feared fears declared declares"
    " promised promises recalled thinks"
)
"""Verbs that take a plain object as often: "conceded a goal", "declared war"."""
NOT_TOLD = _set(
    "nothing goodbye farewell hello little bail entry access parole permission joke jokes story stories lie lies lives"
    " victory responsibility credit"
)
"""Objects that make no claim: "said nothing", "told a joke", "was denied bail", "claimed 20 lives"."""
