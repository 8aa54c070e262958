"""Sentences for people, in 繁中 first and English."""

from typing import Any, NamedTuple

LANGUAGES = ("zh", "en")


class Words(NamedTuple):
    """One sentence (or name) in both languages of the house."""

    zh: str
    en: str

    def in_(self, lang: str) -> str:
        """The sentence in `lang` ("zh" or "en"); anything else reads as 繁中."""
        return self.en if lang == "en" else self.zh

    def fill(self, **values: Any) -> "Words":
        """Both sentences with `{name}` places filled; a value that is itself `Words` is filled in its own language."""

        def told(lang: str) -> dict[str, Any]:
            return {k: v.in_(lang) if isinstance(v, Words) else v for k, v in values.items()}

        return Words(self.zh.format(**told("zh")), self.en.format(**told("en")))

    @classmethod
    def same(cls, text: str) -> "Words":
        """A text that needs no translation (a plate, a number, a name)."""
        return cls(text, text)
