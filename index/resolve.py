"""One document's mentions brought together: names it introduces, surnames, plurals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from index.extraction import Extraction
from index.language import entity_key, has_cjk
from index.names import Names
from index.types import Alias, Fact, Mention, Passage

Steps = dict[str, tuple[int, str]]
"""Key -> (offset from which it stands for another, that other)."""
_ALWAYS = (0, "")


def resolved(passages: Sequence[Passage], found: Sequence[Extraction]) -> list[Extraction]:
    """The extractions with each document's short names turned into its full names.

    Args:
        passages: what each extraction is of; offsets are those of the document.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for i, passage in enumerate(passages):
        places[passage.document_id].append(i)
    result = list(found)
    for indices in places.values():
        own = [found[i] for i in indices]
        introduced, plurals = _introduced(own), _plurals(own)
        short = {**_surnames(own), **introduced, **plurals}
        if not short:
            continue
        kinds = {m.entity: m.kind for e in own for m in e.mentions if m.kind not in ("TITLE", "OTHER")}
        more = _aliases_of(plurals, own)
        again = Names(tuple((entity, key) for key, (_, entity) in introduced.items()))
        for i in indices:
            result[i] = _rewritten(found[i], short, kinds, more)
            if again:
                result[i] = _read_again(passages[i], result[i], again, introduced)
    return result


def _read_again(passage: Passage, own: Extraction, names: Names, introduced: Steps) -> Extraction:
    """Add the mentions of introduced names that no model saw; they replace the shorter ones inside them."""
    seen = [
        replace(m, start=m.start + passage.start, end=m.end + passage.start)
        for m in names.mentions(passage.text)
        if m.start + passage.start >= introduced.get(entity_key(m.text), _ALWAYS)[0]
        and not m.text[0].islower()
    ]
    if not seen:
        return own
    kept, gone = _placed(seen, own.mentions)
    facts = dict.fromkeys(_renamed(fact, gone) for fact in own.facts)
    return Extraction(kept, tuple(f for f in facts if f.subject != f.object), own.aliases)


def _placed(
    seen: Sequence[Mention], old: Sequence[Mention]
) -> tuple[tuple[Mention, ...], list[tuple[Mention, str]]]:
    """(all mentions, what went and the key that stands for it now)."""
    wide = [(m.start, m.end) for m in old]
    new = [s for s in seen if not any(a <= s.start and s.end <= b for a, b in wide)]
    gone = [
        (m, s.entity) for m in old for s in new if m.start < m.end and s.start <= m.start and m.end <= s.end
    ]
    left = {id(m) for m, _ in gone}
    kept = [m for m in old if id(m) not in left]
    new = [s for s in new if not any(m.start < s.end and s.start < m.end for m in kept)]
    return tuple(sorted([*kept, *new], key=lambda m: (m.start, m.end))), gone


def _renamed(fact: Fact, gone: Sequence[tuple[Mention, str]]) -> Fact:
    keys = {m.entity: key for m, key in gone if fact.start <= m.start and m.end <= fact.end}
    subject, target = keys.get(fact.subject, fact.subject), keys.get(fact.object, fact.object)
    return replace(fact, subject=subject, object=target)


def _introduced(own: Sequence[Extraction]) -> Steps:
    """Other names said in the text; one that stands for two entities stands for itself."""
    meant: dict[str, dict[str, int]] = defaultdict(dict)
    for extraction in own:
        for alias in extraction.aliases:
            meant[alias.alias].setdefault(alias.entity, alias.start)
    steps = {
        key: (at, entity)
        for key, entities in meant.items()
        if len(entities) == 1
        for entity, at in entities.items()
    }
    # A chain (short -> middle -> long) ends at its last name; a circle stands as it is.
    ended: Steps = {}
    for key, (at, entity) in steps.items():
        seen = {key}
        while entity in steps and entity not in seen:
            seen.add(entity)
            entity = steps[entity][1]
        if entity != key:
            ended[key] = (at, entity)
    return ended


def _surnames(own: Sequence[Extraction]) -> Steps:
    """ "Xu" -> "xu wenhua" where one person only is called so; from where the full name stands first."""
    first: dict[str, int] = {}
    for extraction in own:
        for m in extraction.mentions:
            words = m.entity.split()
            if (m.kind == "PERSON" and 2 <= len(words) <= 4 and not has_cjk(m.entity)) or (
                m.kind == "TITLE" and 2 <= len(words) <= 3 and m.text[:1].isupper()
            ):
                first.setdefault(m.entity, m.start)
    owners: dict[str, list[str]] = defaultdict(list)
    for full in first:
        words = full.split()
        for word in {words[0], words[-1]}:
            owners[word].append(full)
    single = {m.entity for e in own for m in e.mentions if m.kind == "PERSON" and " " not in m.entity}
    return {
        word: (first[full], full)
        for word, (full, *others) in owners.items()
        if not others and len(word) > 1 and word in single
    }


def _plurals(own: Sequence[Extraction]) -> Steps:
    """ "flow meters" -> "flow meter" where the document says both."""
    keys = {m.entity for e in own for m in e.mentions}
    found: Steps = {}
    for key in keys:
        if key.endswith("s") and len(key) > 4 and not key.endswith("ss"):
            forms = [
                key[:-1],
                key[:-2] if key.endswith("es") else "",
                key[:-3] + "y" if key.endswith("ies") else "",
            ]
            singular = next((form for form in forms if form in keys), "")
            if singular:
                found[key] = (0, singular)
    return found


def _aliases_of(plurals: Steps, own: Sequence[Extraction]) -> dict[str, Alias]:
    """An alias a plural, at its first mention."""
    found: dict[str, Alias] = {}
    for m in (m for e in own for m in e.mentions):
        if m.entity in plurals and m.entity not in found and m.end > m.start:
            found[m.entity] = Alias(m.entity, plurals[m.entity][1], m.start, m.end)
    return found


def _rewritten(
    extraction: Extraction, short: Steps, kinds: dict[str, str], more: dict[str, Alias]
) -> Extraction:
    mentions = tuple(_mention(m, short, kinds) for m in extraction.mentions)
    facts = dict.fromkeys(_fact(f, short) for f in extraction.facts)
    plurals = (
        more[m.entity]
        for m in extraction.mentions
        if m.entity in more and (more[m.entity].start, more[m.entity].end) == (m.start, m.end)
    )
    aliases = (
        replace(a, entity=short[a.entity][1]) if a.entity in short and short[a.entity][1] != a.alias else a
        for a in (*extraction.aliases, *plurals)
    )
    return Extraction(mentions, tuple(f for f in facts if f.subject != f.object), tuple(aliases))


def _mention(mention: Mention, short: Steps, kinds: dict[str, str]) -> Mention:
    step = short.get(mention.entity)
    if step is None or mention.start < step[0] or mention.kind == "TITLE":
        return mention
    if mention.kind not in ("PERSON", "OTHER") and kinds.get(step[1]) == "PERSON":
        return mention  # a place or a firm of a person's surname
    return replace(mention, entity=step[1])


def _fact(fact: Fact, short: Steps) -> Fact:
    ends = [short.get(key, (0, key)) for key in (fact.subject, fact.object)]
    keys = [
        entity if at < fact.end else key
        for (at, entity), key in zip(ends, (fact.subject, fact.object), strict=True)
    ]
    return replace(fact, subject=keys[0], object=keys[1])
