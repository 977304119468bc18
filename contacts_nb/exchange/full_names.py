"""A full name in one text, parted into first and last name."""

from __future__ import annotations

from contacts_nb.model.search_text import has_cjk

# What follows a comma without being a first name.
_SUFFIXES = frozenset({
    "inc", "ltd", "llc", "llp", "plc", "gmbh", "ag", "sa", "co", "corp", "jr", "sr", "ii", "iii", "iv", "md",
    "phd", "esq", "mba", "cpa", "dds", "ba", "ma", "msc", "bsc",
})  # fmt: skip


def name_parts(full_name: str) -> tuple[str, str]:
    """First and last name: the last word is the last name, and so is what stands before a comma.

    One word and names in Chinese, Japanese or Korean are first names as a whole.

    >>> name_parts("Ann Marie Smith"), name_parts("Smith, Ann"), name_parts("Ann"), name_parts("山田 太郎")
    (('Ann Marie', 'Smith'), ('Ann', 'Smith'), ('Ann', ''), ('山田 太郎', ''))
    """
    words = full_name.split()
    joined = " ".join(words)
    if len(words) < 2 or has_cjk(joined):
        return joined, ""
    last, comma, first = (part.strip() for part in joined.partition(","))
    if comma:
        # An organisation or a title after the name: there is no telling where the name parts.
        suffixed = first.replace(".", "").casefold().split(",")[0] in _SUFFIXES
        return (joined, "") if suffixed or not last or not first or "," in first else (first, last)
    return " ".join(words[:-1]), words[-1]
